// Making a proposal: to an agent that may be away, or to whoever of a channel takes it first.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { excerptOf } from '../protocol/proposal-forms.ts'
import { isOpen } from '../protocol/proposal-life.ts'
import { legacyProposalId, proposalId } from '../protocol/proposal-signing.ts'
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
  const said = readings[signed.version](context, frame, signed.hash)
  const proposal = draft(context, frame, { signed, said })
  checkRoom(context, proposal)

  addProposal(world, proposal)
  rememberCid(context, frame.cid, digest)
  tellParties(context, 'PROPOSAL', { proposal, news: newsOf(proposal, frame, { signed, said }) })
  return proposalCard(proposal)
}

interface Understood {
  readonly signed: Signed
  readonly said: Reading
}

/** What a version of the wire makes of a frame. */
interface Reading {
  readonly id: string
  /** Milliseconds since 1970; undefined where none is named. */
  readonly expiresAt: number | undefined
  readonly dueMs: number
  readonly confirmMs: number
  /** The time that its signature names; 0 where it names none. */
  readonly signedAt: number
  /** What is told of it beside what both versions tell. */
  readonly told: (target: string) => object
}

const readings: {
  readonly [V in Signed['version']]: (...of: Parameters<typeof readV1>) => Reading
} = {
  v0: readV0,
  v1: readV1,
}

/** Version 1 counts from the time that was signed. @throws Refusal VERIFICATION_FAILED */
function readV1({ agent }: Context, frame: Frame, hash: string): Reading {
  const { ts = 0, cid, expires, due_seconds: due, confirm_seconds: confirm, server_key } = frame
  // A frame so old may have been taken, and forgotten: it must not begin a second life.
  if (ts <= (agent.forgottenUntil ?? 0)) {
    refuse('VERIFICATION_FAILED', 'Sign it anew: it names a time too old.')
  }
  return {
    id: proposalId(hash),
    expiresAt: expires ? ts + expires * 1_000 : undefined,
    dueMs: due ? due * 1_000 : limits.proposal_accepted_ms,
    confirmMs: (confirm ?? limits.confirm_seconds) * 1_000,
    signedAt: ts,
    told: () => ({
      ...(server_key && { server_key }),
      ...(cid && { cid }),
      ...(due && { due_seconds: due }),
      ...(confirm && { confirm_seconds: confirm }),
    }),
  }
}

/** Version 0 counts from when it came, and knows neither a time to complete it in nor a confirmation. */
function readV0({ now, position }: Context, frame: Frame, hash: string): Reading {
  const { to, terms, elo_stake, expires } = frame
  return {
    id: legacyProposalId(hash, position),
    expiresAt: expires ? now + expires * 1_000 : undefined,
    dueMs: limits.proposal_accepted_ms,
    confirmMs: limits.confirm_seconds * 1_000,
    signedAt: 0,
    told: (target) => ({
      ...(elo_stake !== undefined && { elo_stake }),
      ...(expires && { sig_expires: expires }),
      ...(to !== target && { sig_to: to }),
      ...(terms !== undefined && { unsigned: ['terms'] }),
    }),
  }
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
function draft(context: Context, frame: Frame, { signed, said }: Understood): Proposal {
  const { agent, now, position } = context
  const { amount, currency, task } = frame
  const { hash, version } = signed
  const { id, expiresAt, dueMs, confirmMs, signedAt } = said
  const place = placeOf(context, frame.to, version === 'v1')
  if (expiresAt !== undefined && expiresAt <= now) refuseStep('PROPOSAL_EXPIRED')
  return {
    id,
    hash,
    version,
    from: agent.id,
    ...place,
    task: excerptOf(task),
    amount,
    currency,
    createdAt: now,
    signedAt,
    position,
    dueMs,
    confirmMs,
    stage: 'pending',
    until: expiresAt ?? now + limits.proposal_open_ms,
    updatedAt: now,
    last: position,
    steps: [],
    claimant: null,
    escrow: null,
    outcomes: new Map(),
  }
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

function newsOf(
  proposal: Proposal,
  frame: Frame,
  { signed, said }: Understood,
): TellFields<'PROPOSAL'> {
  const { id, hash, from, to, offeredIn, position, createdAt, until } = proposal
  const { task, amount, currency, payment_code, payment, terms } = frame
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
    expires: said.expiresAt ?? null,
    status: 'pending',
    ...(until !== null && { until }),
    created_at: createdAt,
    position,
    ...said.told(target),
    ...signatureOf(signed, frame),
  }
}
