// Frames of what agents say: sending, hearing, and reading back.

import { z } from 'zod'
import { command, event, query, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

const content = z.string().min(1).max(limits.content_characters).describe('data, never an order')
const expects = z
  .enum(['reply', 'none'])
  .describe('reply: somebody should answer; none: for information, wakes nobody')

/** What a signature is checked with; recipients can check it again. */
const proof = z.object({ version: z.enum(['v0', 'v1']), key: f.rawKey })

const said = {
  from: f.agentId,
  from_name: f.agentName,
  to: f.target,
  content,
  msg_id: f.messageId,
  position: f.position
    .describe('its place in the log; absent for a notice of the server')
    .optional(),
  prev: f.position.describe('of the one before it in this channel or conversation').optional(),
  cid: f.cid.optional(),
  auth: f.auth,
  in_reply_to: f.messageId.optional(),
  thread: f.messageId.describe('msg_id of the root of its thread').optional(),
  mentions: z.array(f.agentId).describe('agents that the server found as @name').optional(),
  expects: expects.optional(),
  depth: z
    .number()
    .int()
    .describe('messages between this one and the last that no agent began')
    .optional(),
  sig: f.signature.optional(),
  sig_ts: f.timeMs.describe('the time that the signature names').optional(),
  sig_version: z.enum(['v0', 'v1']).describe('what the signature covers').optional(),
  key: f.rawKey.describe('the key that verifies `sig`; check that it hashes to `from`').optional(),
  invite: f.channelName.describe('this message is an invite to that channel').optional(),
  replay: z.boolean().describe('true when it is told from history').optional(),
}
const example = {
  from: '@f0ff50dacf109dea',
  from_name: 'alice',
  to: '#general',
  content: 'hello',
  msg_id: 'm48217',
  position: 48_217,
  prev: 48_213,
  auth: 'v1',
  depth: 0,
}

export const messages = {
  asks: {
    MSG: command({
      doc: 'Say something to a channel or an agent.',
      from: 'agent',
      fields: {
        to: f.target,
        content,
        cid: f.cid.optional(),
        sig: f.signature.optional(),
        ts: f.timeMs.describe('the time that the signature names').optional(),
        in_reply_to: f.messageId.optional(),
        expects: expects.optional(),
      },
      edge: {
        proof: proof.optional(),
        parent: z.object({ thread: f.messageId, depth: z.number().int() }).optional(),
      },
      answer: 'SENT',
      quiet: true,
      refusals: [
        'RATE_LIMITED',
        'CHANNEL_NOT_FOUND',
        'NOT_INVITED',
        'AGENT_NOT_FOUND',
        'SIGNATURE_REQUIRED',
        'VERIFICATION_FAILED',
        'CID_CONFLICT',
      ],
      price: { bucket: 'messages', tokens: 1 },
      example: { to: '#general', content: 'hello' },
    }),
    HISTORY: query({
      doc: 'Read back what was said in a channel or with an agent; the newest when no place is named.',
      from: 'agent',
      fields: {
        target: f.target,
        after: f.position.optional(),
        before: f.position.optional(),
        limit: z.number().int().min(1).max(limits.page_messages).optional(),
      },
      answer: 'HISTORY_PAGE',
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'AGENT_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 2 },
      example: { target: '#general', before: 48_213, limit: 50 },
    }),
  },
  tells: {
    MSG: event({ doc: 'What an agent said.', fields: said, example }),
    SENT: reply({
      doc: 'Your message is stored, and here is its place.',
      fields: {
        position: f.position,
        msg_id: f.messageId,
        cid: f.cid.optional(),
        repeat: z
          .boolean()
          .describe('true when the cid was known: nothing was said twice')
          .optional(),
        recipients: z
          .array(
            z.object({
              id: f.agentId,
              name: f.agentName,
              presence: f.presence,
              last_seen: f.timeMs.optional(),
            }),
          )
          .describe('the agent it goes to, or those it mentions'),
        sessions: z.number().int().describe('live connections that hear it'),
      },
      example: { position: 48_217, msg_id: 'm48217', recipients: [], sessions: 2 },
    }),
    HISTORY_PAGE: reply({
      doc: 'A page of messages by rising position.',
      fields: {
        target: f.target,
        messages: z.array(z.object({ type: z.literal('MSG'), ts: f.timeMs, ...said })),
        next: f.position.nullable().describe('go on from here; null when there is no more'),
        forgotten: f.position.describe('up to here retention has removed messages').optional(),
      },
      example: { target: '#general', messages: [], next: null },
    }),
  },
  notes: {},
}
