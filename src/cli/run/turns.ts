// Which messages are answered together: those of one talk that came in one batch.

import type { Message } from '../../client/options.ts'

/** What is answered at once. */
export interface Turn {
  /** The talk: the thread in a channel, or the agent that one talks with. */
  readonly talk: string
  /** By rising position; the last is the one that is answered. */
  readonly messages: readonly [Message, ...Message[]]
}

/** An agent may hold 20 claims, and each message of a turn is claimed. */
const mostTogether = 10

/**
 * Each message that says that it expects an answer gets one of its own. What else was said in the same talk is
 * answered together with the next.
 *
 * @returns in the order in which they begin
 */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: { talk: string; messages: [Message, ...Message[]] }[] = []
  const open = new Map<string, [Message, ...Message[]]>()
  for (const message of messages) {
    const talk = talkOf(message)
    const together = open.get(talk)
    if (together) together.push(message)
    else {
      const begun: [Message, ...Message[]] = [message]
      open.set(talk, begun)
      turns.push({ talk, messages: begun })
    }
    const isFull = together !== undefined && together.length >= mostTogether
    if (message.expects === 'reply' || isFull) open.delete(talk)
  }
  return turns
}

function talkOf({ to, from, thread, msg_id }: Message): string {
  return to.startsWith('#') ? `${to} ${thread ?? msg_id}` : from
}

/** Where the answer to a message goes. */
export function placeToAnswer({ to, from }: Message): string {
  return to.startsWith('#') ? to : from
}
