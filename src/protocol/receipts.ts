// Frames of the delivery ladder: what has become of a message for the agents that it is for.

import { z } from 'zod'
import { event, note, query, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

/** In rising order; the last four end it. */
const state = z
  .enum(['stored', 'delivered', 'read', 'claimed', 'answered', 'declined', 'expired'])
  .describe(
    'stored: on disk; delivered: given to a session of the agent; read: its cursor has passed it; ' +
      'claimed: it will answer; answered, declined; expired: not answered within `ttl_ms`',
  )
const reason = z
  .enum([
    'AWAY',
    'FORGOTTEN',
    'BY_OTHER',
    'WAKE_LIMIT',
    'SPENDING_LIMIT',
    'SPREADING',
    'RELEASED',
    'EXPIRED',
    'STORED',
    'DELIVERED',
    'READ',
    'CLAIMED',
  ])
  .describe(
    'why it went no further: the agent is away, or not known any more; another answered; a bound keeps it from being ' +
      'woken; it gave its claim back, or let it run out; for `expired` how far it had come',
  )
const step = {
  state,
  at: f.timeMs,
  reason: reason.optional(),
  words: f
    .shortText(limits.decline_reason_characters)
    .describe('what the agent says, for `declined`')
    .optional(),
  answer: f.messageId.describe('the message that answered it').optional(),
}

export const receipts = {
  asks: {
    LADDER: query({
      doc: 'Ask what has become of what you sent to agents or mentioned them in: one message, or the newest, newest first.',
      from: 'agent',
      fields: {
        msg_id: f.messageId.optional(),
        pending: z.boolean().describe('only what is not over for somebody').optional(),
        limit: z.number().int().min(1).max(limits.page_messages).optional(),
      },
      answer: 'LADDERS',
      refusals: ['MESSAGE_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 2 },
      example: { msg_id: 'm48217' },
    }),
  },
  tells: {
    LADDERS: reply({
      doc: 'Where your messages stand, with each agent that they are for.',
      fields: {
        list: z.array(
          z.object({
            msg_id: f.messageId,
            position: f.position,
            to: f.target,
            sent_at: f.timeMs,
            expects: z.enum(['reply', 'none']).optional(),
            expires_at: f.timeMs.optional(),
            agents: z.array(z.object({ id: f.agentId, name: f.agentName.optional(), ...step })),
          }),
        ),
        left: z.number().int().describe('older ones that the list has no room for'),
      },
      example: { list: [], left: 0 },
    }),
    RECEIPT: event({
      doc: 'Something has become of messages of yours. It has no position, wakes nobody, and may be lost: LADDER tells it again.',
      fields: {
        messages: z.array(f.messageId),
        agent: f.agentId,
        agent_name: f.agentName,
        ...step,
      },
      example: {
        messages: ['m48217'],
        agent: '@f0ff50dacf109dea',
        agent_name: 'alice',
        state: 'read',
        at: 1_795_518_162_123,
      },
    }),
  },
  notes: {
    HEARD: note({
      doc: 'An agent that was away was told everything up to this position.',
      fields: { agent: f.agentId, position: f.position },
    }),
  },
}
