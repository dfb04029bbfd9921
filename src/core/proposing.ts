// Making a proposal: to an agent that may be away, or to whoever of a channel takes it first.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { isOpen } from '../protocol/proposal-life.ts'
import { excerptOf, legacyProposalId, proposalId } from '../protocol/proposal-signing.ts'
import type { Context } from './context.ts'
import { memberChannel } from './membership.ts'
import { agentNamed } from './naming.ts'
import { proposalCard, refuseStep, type Signed, signatureOf } from './proposal-cards.ts'
import { addProposal, hasRoom, made, proposalsOf, stageAt } from './proposal-store.ts'
import { tellParties } from './proposal-telling.ts'
import { findRepeat, rememberCid } from './repeats.ts'
import type { Agent, Proposal } from './world.ts'

type Frame = AskFields<'PROPOSAL'> & EdgeFields<'PROPOSAL'>
type Answer = TellFields<'PROPOSAL_STATE'>

/** @throws Refusal */
export function propose(context: Context, frame: Frame): Answer {
  const { world } = context
  const signed = signatureOn(context, frame)
  // The time of signing is left out: whoever proposes the same once more signs it anew.
  const digest = `${frame.to} ${frame.terms_hash ?? signed.hash} ${frame.expires}`
  const before = findMade(context, frame, { signed, digest })
  if (before) {
    context.stored = false
    return { ...proposalCard(before), repeat: true }
  }
  const proposal = draft(context, frame, signed)
  checkRoom(context, proposal)

  addProposal(world, proposal)
  rememberCid(context, frame.cid, digest)
  tellParties(context, 'PROPOSAL', { proposal, news: newsOf(proposal, frame, signed) })
  return proposalCard(proposal)
}

/** An agent that logged in with version 1 signs with version 1. @throws Refusal SIGNATURE_REQUIRED */
function signatureOn({ session }: Context, { signed }: Frame): Signed {
  if (signed && (session.version === 'v0' || signed.version === 'v1')) return signed
  return refuse('SIGNATURE_REQUIRED', 'A proposal is signed by who makes it.')
}

/** The proposal that was made with the same frame, or with the same cid. */
function findMade(
  context: Context,
  { cid }: Frame,
  { signed, digest }: { signed: Signed; digest: string },
): Proposal | undefined {
  const { world, agent, now } = context
  const own = () => proposalsOf(world, made(agent.id))
  const same =
    signed.version === 'v1'
      ? world.proposals.get(proposalId(signed.hash)) // also when only its recipient still lists it
      : own().find((one) => one.hash === signed.hash && isOpen(stageAt(one, now)))
  if (same) return same
  const position = findRepeat(context, cid, digest)
  if (position === undefined) return undefined
  // One that is listed no longer is over.
  return own().find((one) => one.position === position) ?? refuseStep('PROPOSAL_NOT_PENDING')
}

/** @throws Refusal when it cannot be made so */
function draft(context: Context, frame: Frame, signed: Signed): Proposal {
  const { agent, now, position } = context
  const { amount, currency, task, due_seconds: due, confirm_seconds: confirm } = frame
  const isV1 = signed.version === 'v1'
  if (isV1) checkFresh(agent, frame)
  const place = placeOf(context, frame.to, isV1)
  const expires = expiryOf(frame, isV1 ? frame.ts : now)
  if (expires !== undefined && expires <= now) refuseStep('PROPOSAL_EXPIRED')
  const id = isV1 ? proposalId(signed.hash) : legacyProposalId(signed.hash, position)
  return {
    id,
    hash: signed.hash,
    version: signed.version,
    from: agent.id,
    to: place.to,
    offeredIn: place.offeredIn,
    task: excerptOf(task),
    amount,
    currency,
    createdAt: now,
    signedAt: isV1 ? (frame.ts ?? 0) : 0,
    position,
    dueMs: isV1 && due ? due * 1_000 : limits.proposal_accepted_ms,
    confirmMs: (isV1 && confirm ? confirm : limits.confirm_seconds) * 1_000,
    stage: 'pending',
    until: expires ?? now + limits.proposal_open_ms,
    updatedAt: now,
    last: position,
    steps: [{ by: agent.id, hash: signed.hash }],
    claimant: null,
    escrow: null,
    outcomes: new Map(),
  }
}

/** A frame so old may have been taken, and forgotten: it must not begin a second life. @throws Refusal */
function checkFresh({ forgottenUntil = 0 }: Agent, { ts = 0 }: Frame): void {
  if (ts <= forgottenUntil) refuse('VERIFICATION_FAILED', 'Sign it anew: it names a time too old.')
}

/** Version 1 counts from the time that was signed, version 0 from when it came. */
function expiryOf({ expires }: Frame, from: number | undefined): number | undefined {
  return expires && from !== undefined ? from + expires * 1_000 : undefined
}

/** @throws Refusal AGENT_NOT_FOUND, NO_PUBKEY, INVALID_MSG, CHANNEL_NOT_FOUND, NOT_INVITED, VERIFICATION_FAILED */
function placeOf(
  { world, agent }: Context,
  target: string,
  isExact: boolean,
): Pick<Proposal, 'to' | 'offeredIn'> {
  if (target.startsWith('#')) {
    const { name, stream } = memberChannel(world, agent, target)
    if (isExact && target !== name) misnamed(name)
    return { to: null, offeredIn: { name, stream } }
  }
  const recipient: Agent = agentNamed(world, target)
  if (recipient.id === agent.id) refuse('INVALID_MSG', 'A proposal is made to somebody else.')
  if (recipient.key === undefined) {
    refuse('NO_PUBKEY', 'That agent has no key to sign an answer with; it has to log in with one.')
  }
  if (isExact && target !== recipient.id) misnamed(recipient.id)
  return { to: recipient.id, offeredIn: undefined }
}

function misnamed(name: string): never {
  return refuse('VERIFICATION_FAILED', `Sign with the target as it is called: ${name}.`)
}

/** @throws Refusal LIMIT_REACHED */
function checkRoom({ world, agent, now }: Context, { to, offeredIn }: Proposal): void {
  const open = proposalsOf(world, made(agent.id)).filter((one) => isOpen(stageAt(one, now)))
  const alike = open.filter((one) =>
    to === null ? one.offeredIn?.stream === offeredIn?.stream : one.to === to,
  )
  if (open.length >= limits.open_proposals) atLimit('open_proposals')
  if (alike.length >= limits.open_proposals_to_one) atLimit('open_proposals_to_one')
  if (!hasRoom(world)) atLimit('proposals')
}

function atLimit(limit: 'open_proposals' | 'open_proposals_to_one' | 'proposals'): never {
  const message = `The limit ${limit} (${limits[limit]}) is reached; withdraw or complete some first.`
  return refuse('LIMIT_REACHED', message, { limit })
}

function newsOf(proposal: Proposal, frame: Frame, signed: Signed): TellFields<'PROPOSAL'> {
  const { id, hash, from, to, offeredIn, position, createdAt, until } = proposal
  const { task, amount, currency, payment_code, payment, terms } = frame
  const isV1 = signed.version === 'v1'
  const target = to ?? offeredIn?.name ?? frame.to
  return {
    id,
    proposal_id: id,
    hash,
    from,
    to: target,
    task,
    amount: amount ?? null,
    currency: currency ?? null,
    payment_code: payment_code ?? null,
    ...(payment && { payment }),
    terms: terms ?? null,
    expires: expiryOf(frame, isV1 ? frame.ts : createdAt) ?? null,
    status: 'pending',
    ...(until !== null && { until }),
    created_at: createdAt,
    position,
    ...(isV1 ? ofVersion1(frame) : ofVersion0(frame, target)),
    ...signatureOf(signed, frame),
  }
}

function ofVersion1({ cid, due_seconds, confirm_seconds, server_key }: Frame) {
  return {
    ...(server_key && { server_key }),
    ...(cid && { cid }),
    ...(due_seconds && { due_seconds }),
    ...(confirm_seconds && { confirm_seconds }),
  }
}

function ofVersion0({ to, terms, elo_stake, expires }: Frame, target: string) {
  return {
    ...(elo_stake !== undefined && { elo_stake }),
    ...(expires && { sig_expires: expires }),
    ...(to !== target && { sig_to: to }),
    ...(terms !== undefined && { unsigned: ['terms'] }),
  }
}
