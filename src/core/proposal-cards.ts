// What is told of a proposal: where it stands, and the news of its beginning and of each step.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { type ProposalFault, proposalFaults, toldAs } from '../protocol/proposal-life.ts'
import type { Context } from './context.ts'
import type { Proposal } from './world.ts'

export type Card = TellFields<'PROPOSALS'>['list'][number]
/** What the edge has found out of a signature. */
export type Signed = NonNullable<EdgeFields<'CONFIRM'>['signed']>

/** Says why a step is not taken: one word for programs, one sentence of what to do. @throws Refusal */
export function refuseStep(fault: ProposalFault): never {
  return refuse('INVALID_PROPOSAL', fault, { hint: proposalFaults[fault] })
}

/** Where a proposal stands. */
export function proposalCard(proposal: Proposal): Card {
  const { id, hash, version, from, to, offeredIn, task, amount, currency, escrow } = proposal
  return {
    proposal_id: id,
    hash,
    ...standingOf(proposal),
    version,
    from,
    to,
    ...(offeredIn && { channel: offeredIn.name }),
    task,
    amount: amount ?? null,
    currency: currency ?? null,
    ...(escrow && { escrow }),
    created_at: proposal.createdAt,
    updated_at: proposal.updatedAt,
    position: proposal.last,
    link: linkOf(proposal),
  }
}

/** Hash of its newest step, or of itself before the first: what the next one signs. */
export function linkOf({ steps, hash }: Proposal): string {
  return steps.at(-1)?.hash ?? hash
}

function standingOf({ stage, until }: Proposal) {
  return { ...toldAs[stage], ...(until !== null && { until }) }
}

/** The news of a later step, without what is its own. */
export function stepNews(
  context: Context,
  proposal: Proposal,
  { signed, frame }: { readonly signed: Signed; readonly frame: AskFields<'CONFIRM'> },
) {
  const { agent, now, position } = context
  return {
    proposal_id: proposal.id,
    ...standingOf(proposal),
    updated_at: now,
    from: proposal.from,
    to: proposal.to,
    by: agent.id,
    ...(signed.version === 'v1' && frame.link && { link: frame.link }),
    ...signatureOf(signed, frame),
    position,
  }
}

/** What is told of a signature, so that whoever hears it can check it. */
export function signatureOf(signed: Signed, { sig, ts }: { sig: string; ts?: number | undefined }) {
  return {
    sig,
    ...(signed.version === 'v1' && { sig_ts: ts }),
    sig_version: signed.version,
    key: signed.key,
  }
}
