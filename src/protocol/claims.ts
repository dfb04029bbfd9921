// Frames of the claim to answer: of several agents that could, one does.

import { z } from 'zod'
import { command, event, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

const fence = f.position.describe(
  'the fencing number of the claim: the place of CLAIM in the log. A later claim has a higher one',
)
const until = f.timeMs.describe('when the claim ends by itself')
const lease = z
  .number()
  .int()
  .min(limits.claim_lease_least_ms)
  .max(limits.claim_lease_most_ms)
  .describe(`how long the claim lasts, milliseconds; ${limits.claim_lease_ms} when absent`)
/** What the edge finds in the log of the message that is meant. */
const found = z.object({
  /** Where it was said: the stream of its channel or conversation. */
  stream: z.string(),
})
const taken = {
  msg_id: 'm48217',
  channel: '#general',
  holder: '@f0ff50dacf109dea',
}

export const claims = {
  asks: {
    CLAIM: command({
      doc: 'Claim a message, to be the one that answers it. Exactly one session holds the claim, until it answers, gives it back, or its time is over.',
      from: 'agent',
      fields: { msg_id: f.messageId, lease_ms: lease.optional() },
      edge: { found: found.optional() },
      answer: 'CLAIMED',
      refusals: ['MESSAGE_NOT_FOUND', 'CLAIM_HELD', 'ALREADY_ANSWERED', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', lease_ms: 90_000 },
    }),
    RENEW: command({
      doc: `Hold a claim for longer, up to ${limits.claim_held_ms / 3_600_000} h from when it began.`,
      from: 'agent',
      fields: { msg_id: f.messageId, fence, lease_ms: lease.optional() },
      answer: 'CLAIMED',
      refusals: ['CLAIM_LOST'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', fence: 48_218 },
    }),
    RELEASE: command({
      doc: 'Give a claim back, so that another agent can answer.',
      from: 'agent',
      fields: { msg_id: f.messageId, fence },
      answer: 'DONE',
      quiet: true,
      refusals: ['CLAIM_LOST'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', fence: 48_218 },
    }),
    DECLINE: command({
      doc: 'Say that you will not answer a message that was for you. Whoever sent it sees that, and why.',
      from: 'agent',
      fields: {
        msg_id: f.messageId,
        reason: f.shortText(limits.decline_reason_characters).optional(),
      },
      edge: { found: found.optional() },
      answer: 'DONE',
      quiet: true,
      refusals: ['MESSAGE_NOT_FOUND', 'ALREADY_ANSWERED'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', reason: 'not my repository' },
    }),
    RESPONDING_TO: command({
      doc: 'The older way to claim: the first in the order of the server has the turn for 45 s.',
      from: 'agent',
      fields: { msg_id: f.messageId, channel: f.channelName, started_at: f.timeMs.optional() },
      answer: 'DONE',
      quiet: true,
      silent: true,
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', channel: '#general', started_at: 1_795_518_162_123 },
    }),
  },
  tells: {
    CLAIMED: reply({
      doc: 'The claim is yours. With `fence` in MSG the server takes your answer only while that is so.',
      fields: { msg_id: f.messageId, fence, until },
      example: { msg_id: 'm48217', fence: 48_218, until: 1_795_518_252_123 },
    }),
    FLOOR_CLAIMED: event({
      doc: 'Somebody answers this message.',
      fields: {
        msg_id: f.messageId,
        channel: f.channelName,
        holder: f.agentId,
        holder_name: f.agentName,
        started_at: f.timeMs,
        until,
        position: f.position,
      },
      example: {
        ...taken,
        holder_name: 'alice',
        started_at: 1_795_518_162_123,
        until: 1_795_518_252_123,
        position: 48_218,
      },
    }),
    CLAIM_ENDED: event({
      doc: 'Nobody holds the claim of this message any more.',
      fields: {
        msg_id: f.messageId,
        channel: f.channelName,
        holder: f.agentId,
        why: z.enum(['answered', 'released', 'expired']),
      },
      example: { ...taken, why: 'expired' },
    }),
    YIELD: event({
      doc: 'Somebody else has the turn that you asked for.',
      fields: {
        msg_id: f.messageId,
        channel: f.channelName,
        holder: f.agentId,
        holder_started_at: f.timeMs,
        reason: z.string(),
      },
      example: {
        ...taken,
        holder_started_at: 1_795_518_162_123,
        reason: 'The turn is taken',
      },
    }),
  },
  notes: {},
}
