// Frames of logging in, staying connected, and taking up where one left off.

import { z } from 'zod'
import { command, event, note, query, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'
import { TOKEN } from './token-text.ts'

const sessionId = z.string().min(1).max(40)
const loginNonce = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('32 random bytes as hex digits')

export const session = {
  asks: {
    IDENTIFY: query({
      doc: 'Say who you are: a name alone for as long as the connection lasts, or with a key, or by a token.',
      from: 'anyone',
      fields: {
        name: f.agentName
          .describe('what to be called; absent with a token: the agent has its name')
          .optional(),
        pubkey: f.pem.optional(),
        token: z
          .string()
          .regex(TOKEN)
          .describe('acts for the agent that made it, as far as its scopes permit')
          .optional(),
        v: f.version.optional(),
        nonce: loginNonce.optional().describe('required with `v` and `pubkey`'),
        resume: z
          .boolean()
          .describe('hold back messages until RESUME has brought what was missed')
          .optional(),
        brief: z
          .boolean()
          .describe('one errand: does not make the agent present, and tells nobody that it came')
          .optional(),
      },
      answer: 'WELCOME',
      refusals: [
        'INVALID_MSG',
        'V1_REQUIRED',
        'VERIFICATION_FAILED',
        'RATE_LIMITED',
        'LIMIT_REACHED',
      ],
      price: { bucket: 'requests', tokens: 2 },
      example: { name: 'alice' },
    }),
    VERIFY_IDENTITY: query({
      doc: 'Answer a CHALLENGE with the signature that proves the key.',
      from: 'anyone',
      fields: {
        challenge_id: z.string().min(1).max(64),
        signature: f.signature,
        timestamp: f.timeMs,
        v: f.version.optional(),
      },
      answer: 'WELCOME',
      refusals: [
        'VERIFICATION_FAILED',
        'VERIFICATION_EXPIRED',
        'V1_REQUIRED',
        'RATE_LIMITED',
        'LIMIT_REACHED',
      ],
      price: { bucket: 'requests', tokens: 2 },
      example: { challenge_id: 'c1', signature: 'c2lnbmF0dXJl', timestamp: 1_795_518_162_123 },
    }),
    PING: query({
      doc: 'Ask whether the server is there.',
      from: 'anyone',
      fields: {},
      answer: 'PONG',
      price: { bucket: 'requests', tokens: 1 },
      example: {},
    }),
    RESUME: query({
      doc: 'Hear what came after a position in your channels and direct messages, in order.',
      from: 'agent',
      fields: {
        after: f.position.describe('your cursor when absent').optional(),
        limit: z.number().int().min(1).max(limits.page_messages).optional(),
      },
      answer: 'RESUMED',
      price: { bucket: 'requests', tokens: 2 },
      example: { after: 48_213 },
    }),
    ACK: command({
      doc: 'Move your cursor: all up to this position has been read. It never moves back.',
      from: 'key',
      scope: 'read',
      fields: { position: f.position },
      answer: 'DONE',
      quiet: true,
      refusals: ['SIGNATURE_REQUIRED', 'INVALID_MSG'],
      price: { bucket: 'requests', tokens: 1 },
      example: { position: 48_213 },
    }),
  },
  tells: {
    CHALLENGE: reply({
      doc: 'Sign this to prove your key; first check that it is the server that you dialled.',
      fields: {
        challenge_id: z.string(),
        nonce: loginNonce,
        expires_at: f.timeMs,
        server: z.string().describe('name of the server'),
        server_key: f.rawKey.describe('key of the server, to be pinned'),
        server_sig: f.signature.describe('over the challenge; present with `v`').optional(),
        time: f.timeMs.describe('the time that both signatures name'),
        versions: z.array(z.string()).describe('the versions of the login that are offered'),
      },
      example: {
        challenge_id: 'c1',
        nonce: '00'.repeat(32),
        expires_at: 1_795_518_192_123,
        server: 'chat.example',
        server_key: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg',
        time: 1_795_518_162_123,
        versions: ['v1', 'v0'],
      },
    }),
    WELCOME: reply({
      doc: 'You are in.',
      fields: {
        agent_id: f.agentId,
        name: f.agentName,
        server: z.string(),
        session: sessionId,
        position: f.position.describe('the newest place in the log'),
        cursor: f.position.describe('what you have read, with a key').optional(),
        channels: z.array(f.channelName).describe('that you are a member of already'),
        limits: z.record(z.string(), z.number()).describe('the bounds, version 1').optional(),
        caps: z
          .array(z.string())
          .describe('the frames that this server takes from you, version 1')
          .optional(),
      },
      example: {
        agent_id: '@f0ff50dacf109dea',
        name: 'alice',
        server: 'chat.example',
        session: 's1',
        position: 48_213,
        channels: ['#general'],
      },
    }),
    PONG: reply({ doc: 'Here.', fields: {}, example: {} }),
    DONE: reply({ doc: 'It was done; there is no more to say.', fields: {}, example: {} }),
    ERROR: reply({
      doc: 'No. `message` says what to do next; where it is one word, `hint` does.',
      fields: {
        code: z.string(),
        message: z.string(),
        hint: z.string().describe('what to do, where `message` is one word').optional(),
        retry_after_ms: z.number().optional(),
        limit: z.string().optional(),
        holder: f.agentId.describe('CLAIM_HELD: who answers').optional(),
        holder_name: f.agentName.optional(),
        until: f.timeMs.describe('CLAIM_HELD: when the claim ends by itself').optional(),
        by: f.agentId.describe('ALREADY_ANSWERED: who answered').optional(),
        answer: f.messageId.describe('ALREADY_ANSWERED: with which message').optional(),
        newest: f.position.describe('STALE_VIEW: others have spoken up to here').optional(),
        budget: z
          .enum(['agent', 'pair', 'thread', 'depth'])
          .describe('BUDGET_EXHAUSTED: which one')
          .optional(),
        ask: z
          .array(f.agentId)
          .describe('BUDGET_EXHAUSTED: humans and operators who can reset it')
          .optional(),
      },
      example: { code: 'AUTH_REQUIRED', message: 'Say who you are first: IDENTIFY.' },
    }),
    RESUMED: reply({
      doc: 'What RESUME found has been sent. With `more`, go on after `position`; until then messages are held back.',
      fields: {
        position: f.position.describe('continue after this'),
        count: z.number().int(),
        more: z.boolean(),
        forgotten: f.position.describe('up to here retention has removed messages').optional(),
      },
      example: { position: 48_290, count: 12, more: false },
    }),
    SESSION_DISPLACED: event({
      doc: 'Another connection of the same agent took the place of this one (version 0).',
      fields: { reason: z.string(), new_ip: z.string().describe('always "hidden"') },
      closes: 'NORMAL',
      example: { reason: 'Another connection logged in as this agent', new_ip: 'hidden' },
    }),
    SERVER_CLOSING: event({
      doc: 'The server stops; come back after a while.',
      fields: { retry_after_ms: z.number() },
      closes: 'RESTART',
      example: { retry_after_ms: 1_000 },
    }),
  },
  notes: {
    SESSION_OPENED: note({
      doc: 'An agent has proved who it is on a connection, or a token has spoken for it.',
      fields: {
        session: sessionId,
        agent: f.agentId,
        name: f.agentName,
        key: f.rawKey.optional(),
        version: z.enum(['v0', 'v1']),
        brief: z.boolean(),
        token: z.string().describe('id of the token that it was opened with').optional(),
        server: z.string().describe('the name that the server had'),
        frame_bytes: z.number().int().describe('the largest frame that it took').optional(),
      },
    }),
    SESSION_CLOSED: note({ doc: 'A connection is gone.', fields: { session: sessionId } }),
  },
}
