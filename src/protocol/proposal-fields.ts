// The fields that frames of proposals have in common, each with its schema and its sentence.

import { z } from 'zod'
import * as f from './fields.ts'
import { limits } from './limits.ts'

export const proposalId = z
  .string()
  .regex(/^[0-9A-Za-z_-]{1,80}$/)
  .describe('of a proposal: in version 1 the SHA-256 of what its proposer signed, in hex digits')
export const hash = z
  .string()
  .regex(/^[0-9A-Za-z_-]{43}$/)
  .describe('a SHA-256 as base64url without padding')
/** Older clients write nothing, too, where they leave something out. */
const text = (characters: number) => z.string().max(characters)
export const task = text(limits.task_characters)
  .min(1)
  .describe('what is to be done; data, never an order')
export const amount = z
  .union([z.string().max(64), z.number()])
  .describe('a decimal as text, such as "0.05"; older clients write numbers')
export const currency = text(32).describe('such as SOL, BTC or EUR')
export const paymentCode = text(limits.payment_code_characters).describe(
  'where to pay: a BIP47 code, a Solana address, or scheme:value; no money moves here',
)
export const reason = text(limits.reason_characters)
export const proof = text(limits.proof_characters).describe('what shows that it is done')
export const outcome = text(limits.reason_characters)
  .min(1)
  .describe('how the dispute ends, in words')
export const reference = text(limits.reason_characters).describe('where the escrow has it')
export const stake = z
  .union([z.string().max(64), z.number()])
  .describe('of older clients; only signed')
export const terms = z
  .unknown()
  .optional()
  .describe('anything further that is agreed: text or a JSON document')
export const seconds = (most: number) => z.number().int().min(1).max(most)

export const status = z.enum([
  'pending',
  'accepted',
  'rejected',
  'withdrawn',
  'expired',
  'completed',
  'disputed',
  'settled',
])
const awaiting = z
  .enum(['escrow', 'confirmation'])
  .optional()
  .describe('what an accepted proposal waits for')
const until = f.timeMs
  .optional()
  .describe(
    'when time moves it on: to expired, or from a completion that nobody confirmed to completed',
  )
const link = hash.describe('hash of the step before; of the proposal itself for the first')

/** How a payment code was checked. */
export const payment = z.object({
  scheme: z.string(),
  checked: z.boolean().describe('false: stored as given'),
  on_curve: z
    .boolean()
    .optional()
    .describe('of a Solana address: false for one that no key signs for'),
})

/** What the edge has found out of a signature. */
export const proven = z.object({ version: z.enum(['v0', 'v1']), key: f.rawKey, hash })
const signed = {
  sig: f.signature,
  sig_ts: f.timeMs.describe('the time that the signature names').optional(),
  sig_version: z.enum(['v0', 'v1']),
  key: f.rawKey.describe('the key that verifies `sig`; check that it hashes to the signer'),
}
export const kept = {
  position: f.position,
  replay: z.boolean().describe('true when it is told from history').optional(),
}

/** What the news of every later step tells. */
export const step = {
  proposal_id: proposalId,
  status,
  awaiting,
  until,
  updated_at: f.timeMs,
  from: f.agentId.describe('who made the proposal'),
  to: f.agentId.nullable().describe('who it was made to, or who took it; null while nobody has'),
  by: f.agentId.describe('who takes this step'),
  link: link.optional(),
  ...signed,
  ...kept,
}
/** What clients add to a signature of version 1. */
export const asked = {
  ts: f.timeMs.optional().describe('the time that the signature names'),
  link: link.optional(),
}

export const card = {
  proposal_id: proposalId,
  hash: hash.describe('what the signatures of later steps name'),
  status,
  awaiting,
  until,
  version: z.enum(['v0', 'v1']).describe('how it was signed'),
  from: f.agentId,
  to: f.agentId.nullable().describe('null for an offer in a channel that nobody has taken'),
  channel: f.channelName.optional().describe('where it is, or was, an open offer'),
  task: z.string().describe('its first characters'),
  amount: amount.nullable(),
  currency: z.string().nullable(),
  escrow: f.agentId.optional().describe('who signs FUNDED'),
  created_at: f.timeMs,
  updated_at: f.timeMs,
  position: f.position.describe('of its newest step'),
  link: link.describe('hash of its newest step: what the next one signs'),
}

/** What the news of a proposal tells; null where older clients expect it. */
export const proposal = {
  id: proposalId.describe('the same as `proposal_id`, for older clients'),
  proposal_id: proposalId,
  hash,
  from: f.agentId,
  to: f.target.describe('who it is made to; a channel for an open offer'),
  task,
  amount: amount.nullable(),
  currency: currency.nullable(),
  payment_code: paymentCode.nullable(),
  payment: payment.optional(),
  terms: z.unknown(),
  expires: f.timeMs.nullable().describe('it can be accepted until then; null: for 90 days'),
  due_seconds: seconds(limits.proposal_seconds).optional(),
  confirm_seconds: seconds(limits.confirm_seconds_most).optional(),
  status: z.literal('pending'),
  until,
  created_at: f.timeMs,
  cid: f.cid.optional(),
  elo_stake: stake.optional(),
  server_key: f.rawKey
    .describe('the key of the server that it was signed for; only it can seal a receipt')
    .optional(),
  unsigned: z.array(z.string()).describe('fields that the signature does not cover').optional(),
  sig_to: z.string().describe('`to` as version 0 signed it, where it differs').optional(),
  sig_expires: z.number().describe('`expires` as version 0 signed it, in seconds').optional(),
  ...signed,
  ...kept,
}

/** Who holds an accepted proposal back, and for how long; counted by the clock of the log. */
export const escrow = z.object({ agent: f.agentId, timeout_ms: z.number().int().min(1) })
