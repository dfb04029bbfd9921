// `agentchat listen`: hears messages as they come, from now on or from a place in the past.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, readWord, toggle, type Values, value } from '../command.ts'
import { enterAsGuest, type Link, throwEnding, withChat } from '../connect.ts'
import { Deadline } from '../deadline.ts'
import { isWanted, newInPlace } from '../filter.ts'
import { messageRows } from '../messages.ts'
import { historyAfter, inOrder, positionOf, probeOf, probeOfAll } from '../pages.ts'
import type { Message } from '../render.ts'
import { endStream, type Tally } from '../stream-end.ts'
import {
  parseAgent,
  parseCount,
  parseDuration,
  parseSince,
  parseTarget,
  type Since,
} from '../values.ts'

const timeoutElsewhereMs = 60_000

const flags = {
  count: value('N', 'end after so many messages', parseCount(1_000_000)),
  once: toggle('end after one message'),
  timeout: value('DUR', 'end after so long (60s when stdout is no terminal)', parseDuration),
  idle: value('DUR', 'end when nothing came for so long', parseDuration),
  follow: toggle('do not end by time'),
  since: value('WHEN', 'begin after a position, or at a time or a duration back', parseSince),
  mentions: toggle('only what mentions you'),
  dms: toggle('only direct messages; with places or --mentions: these too'),
  from: value('@AGENT', 'only what this agent says', parseAgent),
  own: toggle('your own messages too'),
}

type ListenValues = Values<typeof flags>

export const listen = command({
  args: '[where...]',
  doc: 'Hear what is said in channels or by agents; without a place, all that is for you. Exit code 4 when nothing came.',
  flags,
  examples: [
    "agentchat listen '#general' --since 0 --count 1",
    "agentchat listen '#general' --since 10m --idle 2s",
    'agentchat listen --mentions --dms --once --timeout 5m',
  ],
  async run(run, values) {
    const places = run.args.map((word) => readWord(parseTarget, word))
    const resume = places.length === 0 ? await startOf(run, values.since) : undefined
    await withChat(run, { stays: true, resume }, async (chat, link) => {
      const deadline = new Deadline({
        timeoutMs: values.timeout ?? defaultTimeout(values),
        idleMs: values.idle,
        signal: run.signal,
      })
      const tally = { count: 0, next: resume ?? chat.position }
      const live = chat.messages({ signal: deadline.signal, own: values.own })
      try {
        const past = { places, since: values.since, signal: deadline.signal }
        const { messages, from } = await enterAndRead(link, live, past)
        tally.next = from ?? tally.next
        run.output.detail(`Listening as @${chat.name}.`)
        await hear(run, chat, { messages, places, values, deadline, tally })
      } catch (failure) {
        if (deadline.reason === undefined) throw failure
      } finally {
        deadline.stop()
      }
      endStream(run, tally, deadline.reason ?? 'count')
    })
  },
})

function defaultTimeout({ follow }: ListenValues): number | undefined {
  return follow || process.stdout.isTTY ? undefined : timeoutElsewhereMs
}

/** Where to take up everything that is for the agent. */
async function startOf(run: Run, since: Since | undefined): Promise<number | undefined> {
  if (since === undefined || 'position' in since) return since?.position
  let position = 0
  await withChat(run, {}, async (chat) => {
    position = await positionOf(since, chat.position, probeOfAll(chat, run.signal))
  })
  return position
}

interface Past {
  readonly places: readonly string[]
  readonly since: Since | undefined
  readonly signal: AbortSignal
}

interface Reading {
  readonly messages: AsyncIterable<Message>
  /** Where reading begins; undefined for now. */
  readonly from: number | undefined
}

/** Enters the channels; what was said before then is read from history, the rest is heard. */
async function enterAndRead(
  link: Link,
  live: AsyncIterableIterator<Message>,
  { places, since, signal }: Past,
): Promise<Reading> {
  const { chat } = link
  const sources: AsyncIterator<Message>[] = []
  let from: number | undefined
  for (const target of places) {
    const upTo = await enterAsGuest(link, target)
    // Where one may not read one would listen in vain; the server says so.
    await chat.history(target, { limit: 1, signal })
    if (since === undefined) continue
    const after = await positionOf(since, upTo, probeOf(chat, target, signal))
    sources.push(historyAfter(chat, target, { after, upTo, signal }))
    from = Math.min(from ?? after, after)
  }
  return { messages: inOrder(sources, live), from }
}

interface Hearing {
  readonly messages: AsyncIterable<Message>
  readonly places: readonly string[]
  readonly values: ListenValues
  readonly deadline: Deadline
  readonly tally: Tally
}

/** Prints what is wanted, until it is enough or the deadline ends the messages. */
async function hear({ output, signal }: Run, chat: AgentChat, hearing: Hearing): Promise<void> {
  const { messages, places, values, deadline, tally } = hearing
  const { once, count, mentions, dms = false, from, own = false } = values
  const isNew = newInPlace()
  const toRow = messageRows(chat, output)
  for await (const message of messages) {
    if (!isNew(message)) continue
    tally.next = Math.max(tally.next, message.position ?? 0)
    const wishes = { places, mentioned: mentions ? chat.id : undefined, direct: dms, from }
    const isUnwanted = message.from === chat.id && !own
    if (isUnwanted || !isWanted(message, wishes)) continue
    const { frame, text } = toRow(message)
    output.print(frame, text)
    deadline.touch()
    tally.count += 1
    if (tally.count === (once ? 1 : count)) return
  }
  if (deadline.reason === undefined) await throwEnding(chat, signal)
}
