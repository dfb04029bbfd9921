// Frames of proposals: made, answered, done, disputed and settled, each step signed by who takes it.

import { z } from 'zod'
import { command, note, query, type Shape } from './declare.ts'
import type { RefusalCode } from './errors.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'
import * as p from './proposal-fields.ts'
import { news, sample } from './proposal-news.ts'

const stepRefusals = [
  'INVALID_MSG',
  'SIGNATURE_REQUIRED',
  'VERIFICATION_FAILED',
  'PROPOSAL_NOT_FOUND',
  'INVALID_PROPOSAL',
] as const satisfies readonly RefusalCode[]

interface Own<F extends Shape, E extends Shape> {
  readonly fields: F
  readonly edge?: E
  readonly refusals?: readonly RefusalCode[]
  readonly example?: object
}

/** A later step, as clients ask for it. */
function step<F extends Shape, E extends Shape = Readonly<Record<never, never>>>(
  doc: string,
  own: Own<F, E>,
) {
  return command({
    doc,
    from: 'key',
    fields: { proposal_id: p.proposalId, sig: f.signature, ...p.asked, ...own.fields },
    edge: { signed: p.proven.optional(), ...(own.edge ?? ({} as E)) }, // absent means: nothing further
    answer: 'PROPOSAL_STATE',
    quiet: true,
    refusals: [...stepRefusals, ...(own.refusals ?? [])],
    price: { bucket: 'requests', tokens: 5 },
    example: { ...sample, ...own.example },
  })
}

export const proposals = {
  asks: {
    PROPOSAL: command({
      doc: 'Propose a deal to an agent, or to whoever of a channel takes it first.',
      from: 'key',
      fields: {
        to: f.target,
        task: p.task,
        amount: p.amount.optional(),
        currency: p.currency.optional(),
        payment_code: p.paymentCode.optional(),
        terms: p.terms,
        expires: z
          .number()
          .int()
          .min(0)
          .max(limits.proposal_seconds)
          .describe('seconds to answer it in; 0 is the same as absent')
          .optional(),
        due_seconds: p
          .seconds(limits.proposal_seconds)
          .describe('seconds in which it is to be completed, from when it is accepted and funded')
          .optional(),
        confirm_seconds: p
          .seconds(limits.confirm_seconds_most)
          .describe('seconds after which a completion stands that nobody confirmed or disputed')
          .optional(),
        cid: f.cid.optional(),
        ts: p.asked.ts,
        elo_stake: p.stake.optional(),
        sig: f.signature,
      },
      edge: {
        signed: p.proven.optional(),
        terms_hash: p.hash.optional(),
        server_key: f.rawKey.optional(),
        payment: p.payment.optional(),
      },
      answer: 'PROPOSAL_STATE',
      quiet: true,
      refusals: [
        'INVALID_MSG',
        'SIGNATURE_REQUIRED',
        'VERIFICATION_FAILED',
        'INVALID_PROPOSAL',
        'AGENT_NOT_FOUND',
        'NO_PUBKEY',
        'CHANNEL_NOT_FOUND',
        'NOT_INVITED',
        'LIMIT_REACHED',
        'CID_CONFLICT',
      ],
      price: { bucket: 'messages', tokens: 1 },
      example: {
        to: '@bob',
        task: 'translate the page',
        amount: '0.05',
        currency: 'SOL',
        expires: 3_600,
        cid: '01JD8Z6W0V8J2K8QWJ7W2F9N3H',
        ts: sample.ts,
        sig: sample.sig,
      },
    }),
    ACCEPT: step('Accept a proposal that was made to you, or take an open offer.', {
      fields: { payment_code: p.paymentCode.optional(), elo_stake: p.stake.optional() },
      edge: { payment: p.payment.optional(), escrow: p.escrow.optional() },
      refusals: ['LIMIT_REACHED'],
    }),
    REJECT: step('Reject a proposal that was made to you.', {
      fields: { reason: p.reason.optional() },
    }),
    WITHDRAW: step('Withdraw a proposal of yours that was not answered yet.', {
      fields: { reason: p.reason.optional() },
      refusals: ['V1_REQUIRED'],
    }),
    FUNDED: step('As the escrow of a proposal: what was agreed is with you, and it may begin.', {
      fields: { reference: p.reference.optional() },
      refusals: ['V1_REQUIRED'],
    }),
    COMPLETE: step('Say that what was agreed is done; the other party confirms or disputes it.', {
      fields: { proof: p.proof.optional() },
    }),
    CONFIRM: step('Confirm that it is done, as the other party says.', {
      fields: {},
      refusals: ['V1_REQUIRED'],
    }),
    DISPUTE: step('Say that what was agreed is not kept.', {
      fields: { reason: p.reason.min(1) },
      example: { reason: 'nothing came' },
    }),
    SETTLE: step('Say how a dispute ends; it is settled once both parties have said the same.', {
      fields: { outcome: p.outcome },
      refusals: ['V1_REQUIRED', 'LIMIT_REACHED'],
      example: { outcome: 'half is paid' },
    }),
    LIST_PROPOSALS: query({
      doc: 'Your proposals, made and received, or the open offers of a channel; the newest first.',
      from: 'key',
      fields: {
        status: p.status.optional(),
        role: z
          .enum(['proposer', 'recipient', 'escrow'])
          .describe('only where you are that; as an escrow: what waits for you')
          .optional(),
        channel: f.channelName.describe('its open offers instead of yours').optional(),
        prefix: p.proposalId.describe('only ids that begin so').optional(),
        before: f.position.describe('only those made earlier').optional(),
        limit: z.number().int().min(1).max(limits.page_messages).optional(),
      },
      answer: 'PROPOSALS',
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { status: 'pending', limit: 50 },
    }),
    GET_PROPOSAL: query({
      doc: 'One proposal with all its steps, as they were signed. For its parties and its escrow; an open offer for members of its channel.',
      from: 'key',
      fields: { proposal_id: p.proposalId },
      answer: 'PROPOSAL_CHAIN',
      refusals: ['PROPOSAL_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 10 },
      example: { proposal_id: sample.proposal_id },
    }),
  },
  tells: news,
  notes: {
    PROPOSAL_DUE: note({
      doc: 'The time of a proposal is over.',
      fields: { proposal_id: p.proposalId },
    }),
  },
}
