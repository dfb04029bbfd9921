// GET /v1/inbox: what matters among what an agent has not read, within a budget; it can wait until there is something.

import type { Context } from 'hono'
import type { AgentChat } from '../../client/chat.ts'
import { refuse } from '../../protocol/errors.ts'
import { leastBudgetTokens, type Reading, readUnread } from '../reading.ts'
import { Wakes } from '../waking.ts'
import { callerOf, type Parameters, queryOf } from './asked.ts'
import type { HttpEnv } from './caller.ts'

export const inboxParameters = {
  budget: 'count',
  after: 'count',
  ack: 'count',
  wait: 'count',
} as const satisfies Parameters

const defaultBudgetTokens = 1_500
const mostBudgetTokens = 100_000
const mostWaitSeconds = 60
/** Chatter of a channel, which nobody has to answer, ends no wait. */
const wakesFor = ['mention', 'dm', 'question'] as const

interface Asked {
  readonly budgetTokens: number
  readonly after: number | undefined
  readonly ack: number | undefined
  readonly waitMs: number
  readonly signal: AbortSignal
}

export async function inbox(context: Context<HttpEnv>): Promise<Response> {
  const asked = askedOf(context)
  const found = await read(await callerOf(context).chat(), asked)
  if (wantsText(context)) {
    context.header('Content-Type', 'text/markdown; charset=utf-8')
    context.header('X-AgentChat-Next', String(found.next))
    return context.body(found.text)
  }
  const { leftTotal, isTooSmall, ...rest } = found
  return context.json({
    type: 'INBOX',
    ...rest,
    left_total: leftTotal,
    ...(isTooSmall && { too_small: true }),
  })
}

function askedOf(context: Context<HttpEnv>): Asked {
  const given = queryOf(context, inboxParameters)
  const { budget = defaultBudgetTokens, wait = 0, after, ack } = given
  const budgetTokens = Number(budget)
  if (budgetTokens < leastBudgetTokens || budgetTokens > mostBudgetTokens) {
    refuse('INVALID_MSG', `"budget" is ${leastBudgetTokens} to ${mostBudgetTokens} tokens.`)
  }
  if (Number(wait) > mostWaitSeconds) {
    refuse('INVALID_MSG', `"wait" is at most ${mostWaitSeconds} seconds.`)
  }
  return {
    budgetTokens,
    after: after === undefined ? undefined : Number(after),
    ack: ack === undefined ? undefined : Number(ack),
    waitMs: Number(wait) * 1_000,
    signal: context.req.raw.signal,
  }
}

/** Reads; where there is nothing, once more when something has come that concerns the agent. */
async function read(chat: AgentChat, asked: Asked): Promise<Reading> {
  const { ack, waitMs, budgetTokens, after, signal } = asked
  if (ack !== undefined) await chat.ack(ack, { signal })
  const options = { budgetTokens, signal, ...(after !== undefined && { after }) }
  if (waitMs === 0) return readUnread(chat, options)
  const until = performance.now() + waitMs
  // It listens before it reads: nothing falls between.
  const wakes = new Wakes(chat, wakesFor)
  try {
    for (;;) {
      const found = await readUnread(chat, options)
      const timeoutMs = until - performance.now()
      if (found.count > 0 || timeoutMs <= 0) return found
      await wakes.next({ signal, timeoutMs })
    }
  } finally {
    wakes.close()
  }
}

function wantsText(context: Context): boolean {
  const accept = context.req.header('Accept') ?? ''
  return /text\/(markdown|plain)/.test(accept) && !accept.includes('application/json')
}
