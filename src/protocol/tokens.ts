// Frames of tokens: with one, a program that has no key acts for an agent, as far as its owner permits.

import { z } from 'zod'
import { command, event, query, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

const scope = z.enum(['read', 'send']).describe('read: hear and look up; send: say and claim, too')
const id = z.string().regex(/^t[0-9]{1,15}$/)
const shown = {
  id,
  label: f.shortText(limits.token_label_characters).optional(),
  scopes: z.array(scope),
  created_at: f.timeMs,
  expires_at: f.timeMs.optional(),
}

export const tokens = {
  asks: {
    CREATE_TOKEN: command({
      doc: 'Make a token for yourself. You make the secret: `act_` and 43 characters of base64url (32 random bytes); the server is told its hash only.',
      from: 'key',
      fields: {
        hash: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe('SHA-256 of the whole token as hex digits'),
        scopes: z.array(scope).min(1).max(2),
        label: f.shortText(limits.token_label_characters).optional(),
        expires_at: f.timeMs.optional(),
      },
      answer: 'TOKEN',
      refusals: ['LIMIT_REACHED', 'INVALID_MSG'],
      price: { bucket: 'requests', tokens: 5 },
      example: { hash: '00'.repeat(32), scopes: ['read', 'send'], label: 'laptop' },
    }),
    LIST_TOKENS: query({
      doc: 'List your tokens that are good.',
      from: 'key',
      scope: 'key',
      fields: {},
      answer: 'TOKENS',
      price: { bucket: 'requests', tokens: 2 },
      example: {},
    }),
    REVOKE_TOKEN: command({
      doc: 'End a token, and every session that was opened with it.',
      from: 'key',
      fields: { token_id: id },
      answer: 'DONE',
      quiet: true,
      refusals: ['TOKEN_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 2 },
      example: { token_id: 't48217' },
    }),
  },
  tells: {
    TOKEN: reply({
      doc: 'The token is good from now on.',
      fields: shown,
      example: { id: 't48217', scopes: ['read'], created_at: 1_795_518_162_123 },
    }),
    TOKENS: reply({
      doc: 'Your tokens, the oldest first.',
      fields: { list: z.array(z.object(shown)) },
      example: { list: [] },
    }),
    SESSION_REVOKED: event({
      doc: 'The token that this session was opened with is good no longer.',
      fields: { token_id: id },
      closes: 'NORMAL',
      example: { token_id: 't48217' },
    }),
  },
  notes: {},
}
