// What servers tell of proposals: each step as news for both parties, and the answers to who asks.

import { z } from 'zod'
import { event, reply, type Shape } from './declare.ts'
import * as f from './fields.ts'
import * as p from './proposal-fields.ts'

const id = 'f00d'.repeat(16)
const hash = 'Zm9vZA'.repeat(8).slice(0, 43)
const from = '@f0ff50dacf109dea'
const to = '@0123456789abcdef'
const now = 1_795_518_162_123
const signed = {
  sig: 'c2lnbmF0dXJl',
  sig_ts: now,
  sig_version: 'v1',
  key: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg',
}
const card = {
  proposal_id: id,
  hash,
  status: 'pending',
  version: 'v1',
  from,
  to,
  task: 'translate the page',
  amount: '0.05',
  currency: 'SOL',
  created_at: now,
  updated_at: now,
  position: 48_220,
  link: hash,
}
const proposed = {
  id,
  proposal_id: id,
  hash,
  from,
  to,
  task: 'translate the page',
  amount: '0.05',
  currency: 'SOL',
  payment_code: null,
  terms: null,
  expires: null,
  status: 'pending',
  created_at: now,
  cid: '01JD8Z6W0V8J2K8QWJ7W2F9N3H',
  position: 48_220,
  ...signed,
}

/** What every later step says, for examples. */
export const sample = { proposal_id: id, ts: now, link: hash, sig: signed.sig }

/** A later step, as it is told. */
function taken<F extends Shape>(doc: string, fields: F, example: object = {}) {
  return event({
    doc,
    fields: { ...p.step, ...fields },
    example: {
      proposal_id: id,
      status: 'accepted',
      updated_at: now,
      from,
      to,
      by: to,
      link: hash,
      position: 48_221,
      ...signed,
      ...example,
    },
  })
}

export const news = {
  PROPOSAL: event({
    doc: 'A proposal was made. The older wire signs neither `terms` nor the server: `unsigned` names what of it nobody signed.',
    fields: p.proposal,
    example: proposed,
  }),
  ACCEPT: taken(
    'It was accepted. With `awaiting` an escrow has to sign FUNDED before it begins.',
    {
      payment_code: p.paymentCode.nullable(),
      payment: p.payment.optional(),
      elo_stake: p.stake.optional(),
    },
    { payment_code: null },
  ),
  REJECT: taken(
    'It was rejected.',
    { reason: p.reason.nullable() },
    { status: 'rejected', reason: null },
  ),
  WITHDRAW: taken(
    'It was withdrawn.',
    { reason: p.reason.nullable() },
    { status: 'withdrawn', by: from, reason: null },
  ),
  FUNDED: taken(
    'Its escrow has what was agreed.',
    { reference: p.reference.nullable() },
    { reference: null },
  ),
  COMPLETE: taken(
    'One party says that it is done; while `awaiting`, the other may confirm or dispute.',
    {
      proof: p.proof.nullable(),
      completed_by: f.agentId.describe('the same as `by`, for older clients'),
      completed_at: f.timeMs,
    },
    { awaiting: 'confirmation', proof: null, completed_by: to, completed_at: now },
  ),
  CONFIRM: taken(
    'The other party confirms; it is completed.',
    {},
    { status: 'completed', by: from },
  ),
  DISPUTE: taken(
    'One party says that it is not kept.',
    {
      reason: p.reason,
      disputed_by: f.agentId.describe('the same as `by`, for older clients'),
      disputed_at: f.timeMs,
    },
    { status: 'disputed', reason: 'nothing came', disputed_by: to, disputed_at: now },
  ),
  SETTLE: taken(
    'One party says how the dispute ends; settled once both have said the same.',
    {
      outcome: p.outcome,
    },
    { status: 'disputed', outcome: 'half is paid' },
  ),
  TIME_UP: event({
    doc: 'Time has moved it on: it has expired, or a completion stands.',
    fields: {
      proposal_id: p.proposalId,
      status: z.enum(['expired', 'completed']),
      was: z.enum(['pending', 'awaiting_escrow', 'accepted', 'claimed']),
      updated_at: f.timeMs,
      from: f.agentId,
      to: f.agentId.nullable(),
      ...p.kept,
    },
    example: {
      proposal_id: id,
      status: 'expired',
      was: 'pending',
      updated_at: now,
      from,
      to,
      position: 48_230,
    },
  }),
  OFFER_CLOSED: event({
    doc: 'An open offer of a channel can be accepted no longer: somebody took it, or it is over.',
    fields: {
      channel: f.channelName,
      proposal_id: p.proposalId,
      status: p.status,
      position: f.position,
    },
    example: { channel: '#jobs', proposal_id: id, status: 'accepted', position: 48_221 },
  }),
  PROPOSAL_STATE: reply({
    doc: 'Your step is stored, and this is where the proposal stands.',
    fields: {
      ...p.card,
      repeat: z
        .boolean()
        .describe('true when it was taken before: nothing happened twice')
        .optional(),
    },
    example: card,
  }),
  PROPOSALS: reply({
    doc: 'A page of proposals, the newest first.',
    fields: {
      list: z.array(z.object(p.card)),
      total: z.number().int().describe('of all pages'),
      next: f.position.nullable().describe('`before` of the next page; null when there is none'),
    },
    example: { list: [card], total: 1, next: null },
  }),
  PROPOSAL_CHAIN: reply({
    doc: 'A proposal and all its steps, the oldest first. `seal` is the signature of the server over them.',
    fields: {
      proposal: z.object(p.card),
      chain: z.array(z.looseObject({ type: z.string(), ts: f.timeMs })),
      server: z.string(),
      server_key: f.rawKey,
      seal: f.signature,
    },
    example: {
      proposal: card,
      chain: [{ type: 'PROPOSAL', ts: now, ...proposed }],
      server: 'chat.example',
      server_key: signed.key,
      seal: signed.sig,
    },
  }),
}
