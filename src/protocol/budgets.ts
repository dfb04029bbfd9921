// Frames of the storm guard: who is a human or an operator, what may be spent, and what was.

import { z } from 'zod'
import { command, note, query, reply } from './declare.ts'
import * as f from './fields.ts'

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const subject = {
  agent: f.agentId.optional(),
  channel: f.channelName.optional(),
}
const caps = {
  wakes_per_day: count.describe('agents are woken so often a day; no bound when absent').optional(),
  usd_micros_per_day: count
    .describe('reported cost a day, millionths of a US dollar; no bound when absent')
    .optional(),
}
const spent = z.object({ wakes: count, tokens: count, usd_micros: count })
/** A token bucket: so many at once, and so many an hour for ever. */
const bucket = z.object({ burst: count, per_hour: count })

export const budgets = {
  asks: {
    SET_ROLE: command({
      doc: 'Give an agent a role on this server, or take it away. What a human or an operator says is charged to no budget, and resets that of its thread.',
      from: 'key',
      fields: { agent: f.agentId, role: z.enum(['human', 'operator', 'none']) },
      answer: 'DONE',
      quiet: true,
      refusals: ['NOT_OPERATOR', 'AGENT_NOT_FOUND', 'NO_PUBKEY', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 2 },
      example: { agent: '@alice', role: 'human' },
    }),
    RESET_BUDGET: command({
      doc: 'Fill the budgets of an agent, of a channel with its threads, or of one thread. For humans and operators, and in a channel for its operators.',
      from: 'key',
      fields: { ...subject, thread: f.messageId.optional() },
      answer: 'DONE',
      quiet: true,
      refusals: ['NOT_OPERATOR', 'AGENT_NOT_FOUND', 'CHANNEL_NOT_FOUND', 'INVALID_MSG'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general' },
    }),
    SET_LIMITS: command({
      doc: "Bound how often an agent is woken, or a channel wakes, and what may be spent, a day. Both are set anew. For operators, and where none has set them a channel's operators, and an agent for itself.",
      from: 'key',
      fields: { ...subject, ...caps },
      answer: 'DONE',
      quiet: true,
      refusals: ['NOT_OPERATOR', 'AGENT_NOT_FOUND', 'CHANNEL_NOT_FOUND', 'INVALID_MSG'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general', wakes_per_day: 200 },
    }),
    GET_USAGE: query({
      doc: "Read how often agents were woken and what they reported to have spent: your own, a channel's, or as an operator all, the dearest first.",
      from: 'key',
      fields: subject,
      answer: 'USAGE',
      refusals: ['NOT_OPERATOR', 'AGENT_NOT_FOUND', 'CHANNEL_NOT_FOUND', 'INVALID_MSG'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general' },
    }),
  },
  tells: {
    USAGE: reply({
      doc: 'What was used today (by the day of UTC) and since the server knows. Tokens and cost are as the agents report them.',
      fields: {
        day: f.timeMs.describe('when today began'),
        list: z.array(
          z.object({
            ...subject,
            name: f.agentName.optional(),
            today: spent,
            total: spent,
            ...caps,
          }),
        ),
        left: count.describe('more that the list has no room for'),
      },
      example: { day: 1_795_478_400_000, list: [], left: 0 },
    }),
  },
  notes: {
    CONFIGURED: note({
      doc: 'A node has started with these settings.',
      fields: {
        operators: z.array(f.agentId),
        budgets: z.object({ agent: bucket, pair: bucket, thread: bucket, depth: count }).optional(),
      },
    }),
  },
}
