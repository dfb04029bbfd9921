// Reading back over the wire: pages of history, and where in it a time is.

import type { AgentChat } from '../client/chat.ts'
import { patiently } from '../client/patience.ts'
import type { Heard } from '../protocol/frames.ts'
import { type KeptType, keptTypes } from '../protocol/kept.ts'
import type { Message } from './render.ts'
import type { Since } from './values.ts'

/** Anything that the log keeps: a message, or news of a proposal. */
type Kept = Heard<KeptType>

/** Finds the first piece after a position. */
export type Probe = (after: number) => Promise<Kept | undefined>

/**
 * Looks in all that is for the agent. To be made as soon as there is a connection: a client tells each
 * piece once only, so what was told is kept.
 */
export function probeOfAll(chat: AgentChat, signal: AbortSignal): Probe {
  const heard = new Map<number, Kept>()
  for (const type of keptTypes) chat.on(type, (kept) => heard.set(kept.position ?? 0, kept))
  // A new connection holds messages back for a turn, but no answers: those could come first.
  const listening = new Promise<void>((resolve) => chat.onState(() => resolve()))
  return async (after) => {
    await listening
    const ask = () => chat.request('RESUME', { after, limit: 1 }, { signal })
    const { position, count } = await patiently(ask, signal)
    return count === 0 ? undefined : heard.get(position)
  }
}

/** Looks in one channel or conversation. */
export function probeOf(chat: AgentChat, target: string, signal: AbortSignal): Probe {
  return async (after) => {
    const ask = () => chat.history(target, { after, limit: 1, signal })
    const { messages } = await patiently(ask, signal)
    return messages[0]
  }
}

/** The messages of one channel or conversation after a position and up to another, in order. */
export async function* historyAfter(
  chat: AgentChat,
  target: string,
  { after, upTo, signal }: { after: number; upTo: number; signal: AbortSignal },
): AsyncGenerator<Message> {
  let from = after
  for (;;) {
    const ask = () => chat.history(target, { after: from, signal })
    const { messages, next } = await patiently(ask, signal)
    for (const message of messages) {
      if ((message.position ?? 0) > upTo) return
      yield message
    }
    if (next === null) return
    from = next
  }
}

/** Several sources, each in order, as one in order; and after them what comes live. */
export async function* inOrder(
  sources: readonly AsyncIterator<Message>[],
  live: AsyncIterable<Message>,
): AsyncGenerator<Message> {
  const heads = await Promise.all(sources.map((source) => source.next()))
  for (;;) {
    const [index, head] = earliest(heads)
    const source = sources[index]
    if (!head || !source) break
    yield head
    heads[index] = await source.next()
  }
  yield* live
}

function earliest(heads: readonly IteratorResult<Message>[]): [number, Message | undefined] {
  let found: [number, Message | undefined] = [-1, undefined]
  for (const [index, head] of heads.entries()) {
    if (head.done) continue
    const [, best] = found
    if (!best || placeOf(head.value) < placeOf(best)) found = [index, head.value]
  }
  return found
}

function placeOf({ position }: Message): number {
  return position ?? 0
}

/**
 * The position to read on from: a position as it is, and for a time the one after which everything is
 * later than, or at, it. Times rise with positions, so some twenty looks are enough for a million.
 *
 * @param newest a position that nothing is after
 */
export async function positionOf(since: Since, newest: number, probe: Probe): Promise<number> {
  if ('position' in since) return since.position
  let low = 0
  let high = newest
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const piece = await probe(middle)
    if (piece === undefined || piece.ts >= since.time) high = middle
    else low = Math.max(piece.position ?? 0, middle + 1)
  }
  return low
}
