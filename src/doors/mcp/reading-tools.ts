// The tools that read: what matters now, what comes next, and what was said before.

import { z } from 'zod'
import type { AgentChat } from '../../client/chat.ts'
import { leastBudgetTokens, type Reading, readUnread } from '../reading.ts'
import { concerns, type WakeOn, Wakes, type Work, wakeWords } from '../waking.ts'
import { factsOf } from './said.ts'
import { type Call, messageId, type Outcome, position, tool } from './tool.ts'
import { transcript } from './transcript.ts'

const defaultBudget = 1_500
const charactersOfToken = 4
/** Clients of MCP give up on a tool after 60 s, unless they go by its progress. */
const defaultWaitS = 50
const mostWaitS = 600
const progressMs = 10_000
/** Channels that the facts of a reading name; its text has room for more. */
const placesListed = 5

const concerned: readonly WakeOn[] = ['mention', 'dm', 'question']
const reads = { destructiveHint: false, idempotentHint: true }
const budget = z
  .number()
  .int()
  .min(200)
  .max(50_000)
  .default(defaultBudget)
  .describe('tokens to spend')
const ack = position.describe('next of the reading that you have handled').optional()

export const inbox = tool({
  name: 'inbox',
  description: 'What you have not handled, to you first. Stays unread until you ack.',
  input: z.object({ budget, ack }),
  annotations: reads,
  async run({ budget: tokens, ack: handled }, { chat, signal }) {
    if (handled !== undefined) await chat.ack(handled, { signal })
    return await inboxOf(chat, tokens, signal)
  },
})

export const wait = tool({
  name: 'wait',
  description:
    'Sleep until something concerns you, at most 600 s; gives the inbox. Call it again and again.',
  input: z.object({
    timeout_s: z.number().min(0).max(mostWaitS).default(defaultWaitS),
    on: z.array(z.enum(wakeWords)).optional(),
    ack,
  }),
  annotations: reads,
  async run({ timeout_s: timeoutS, on = concerned, ack: handled }, call) {
    const { chat, signal } = call
    if (handled !== undefined) await chat.ack(handled, { signal })
    // It listens before it reads: what comes in between is in one of the two.
    const wakes = new Wakes(chat, on)
    try {
      const unread = await inboxOf(chat, defaultBudget, signal)
      if (unread.wakes(on)) return unread
      if (await cameInTime(wakes, call, timeoutS * 1_000)) {
        return await inboxOf(chat, defaultBudget, signal)
      }
      const text = `Nothing came within ${timeoutS} s. Call wait again.`
      return { text, facts: { count: 0, next: unread.facts.next, timed_out: true } }
    } finally {
      wakes.close()
    }
  },
})

export const history = tool({
  name: 'history',
  description:
    'What was said in #channel or with @agent, and what became of yours. limit 1: in full.',
  input: z.object({
    where: z.string(),
    limit: z.number().int().min(1).max(200).default(20),
    before: position.optional(),
    thread: messageId.optional(),
  }),
  annotations: { readOnlyHint: true },
  async run({ where, ...bounds }, { chat, signal }) {
    return await transcript(chat, { target: where, ...bounds }, signal)
  },
})

interface InboxOutcome extends Outcome {
  /** Whether something in it should wake an agent that wishes to be woken so. */
  wakes(on: readonly WakeOn[]): boolean
}

/** What is unread, within a budget both as text and as JSON: a client shows one of them to its model. */
async function inboxOf(
  chat: AgentChat,
  tokens: number,
  signal: AbortSignal,
): Promise<InboxOutcome> {
  for (let room = tokens; ; ) {
    const reading = await readUnread(chat, { budgetTokens: room, signal })
    const { text, items, leftTotal } = reading
    const facts = factsOfReading(reading)
    const most = tokens * charactersOfToken
    const size = JSON.stringify({ text, ...facts }).length
    if (size > most && room > leastBudgetTokens) {
      // What is shown and what is told of it grow alike, so the next one or two fit.
      room = Math.max(leastBudgetTokens, Math.floor((room * most) / size))
      continue
    }
    const wakes = (on: readonly WakeOn[]) =>
      items.some((item) => concerns(item as Work, { id: chat.id, on: new Set(on) })) ||
      (on.includes('all') && leftTotal > 0)
    return { text, facts, wakes }
  }
}

function factsOfReading({ items, next, count, left, leftTotal, later, forgotten }: Reading) {
  const places = left.slice(0, placesListed)
  return {
    frames: items.map(factsOf),
    next,
    count,
    left: places,
    left_total: leftTotal,
    later,
    forgotten,
  }
}

/** @returns whether something came in time */
async function cameInTime(
  wakes: Wakes,
  { signal, progress }: Call,
  timeoutMs: number,
): Promise<boolean> {
  const tell = () => void progress('Waiting for messages.')
  tell()
  const timer = setInterval(tell, progressMs)
  try {
    const { items } = await wakes.next({ signal, timeoutMs })
    return items.length > 0
  } finally {
    clearInterval(timer)
  }
}
