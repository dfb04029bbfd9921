// Frames with which one agent has another prove its key, without trusting the server.

import { z } from 'zod'
import { command, event } from './declare.ts'
import * as f from './fields.ts'

const peerNonce = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .describe('32 hex digits')
const requestId = z.string().min(1).max(40)
const id = '@f0ff50dacf109dea'
const nonce = '0f'.repeat(16)

export const verification = {
  asks: {
    VERIFY_REQUEST: command({
      doc: 'Ask an agent to prove its key by signing a nonce of yours.',
      from: 'agent',
      fields: { target: f.agentId, nonce: peerNonce },
      answer: 'VERIFY_REQUEST',
      refusals: ['AGENT_NOT_FOUND', 'NO_PUBKEY', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { target: '@bob', nonce },
    }),
    VERIFY_RESPONSE: command({
      doc: 'Prove your key to who asked.',
      from: 'agent',
      scope: 'key',
      fields: {
        request_id: requestId,
        nonce: peerNonce,
        sig: f.signature,
        v: f.version.optional(),
      },
      edge: { genuine: z.boolean() },
      answer: 'DONE',
      quiet: true,
      refusals: ['SIGNATURE_REQUIRED', 'VERIFICATION_EXPIRED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { request_id: 'v48219', nonce, sig: 'c2lnbmF0dXJl' },
    }),
  },
  tells: {
    VERIFY_REQUEST: event({
      doc: 'To the target: prove your key. To who asked: it was passed on.',
      fields: {
        request_id: requestId,
        from: f.agentId,
        target: f.agentId,
        nonce: peerNonce,
        status: z.literal('pending').optional(),
      },
      example: { request_id: 'v48219', from: id, target: '@0123456789abcdef', nonce },
    }),
    VERIFY_SUCCESS: event({
      doc: 'The agent holds the key.',
      fields: { request_id: requestId, agent: f.agentId, pubkey: f.pem },
      example: { request_id: 'v48219', agent: id, pubkey: '-----BEGIN PUBLIC KEY-----' },
    }),
    VERIFY_FAILED: event({
      doc: 'The agent did not prove the key.',
      fields: {
        request_id: requestId,
        target: f.agentId,
        reason: z.enum(['EXPIRED', 'BAD_SIGNATURE', 'GONE']),
      },
      example: { request_id: 'v48219', target: id, reason: 'EXPIRED' },
    }),
  },
  notes: {},
}
