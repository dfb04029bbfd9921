// The later steps of a proposal: what each does and says, and the one way in which all of them are taken.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import {
  isOpen,
  moved,
  type ProposalFault,
  type Role,
  type Stage,
  type Verb,
  verbOf,
} from '../protocol/proposal-life.ts'
import { isLegacyStep, type StepType } from '../protocol/proposal-signing.ts'
import { hashText } from '../protocol/signing.ts'
import type { Context } from './context.ts'
import { linkOf, proposalCard, refuseStep, type Signed, stepNews } from './proposal-cards.ts'
import { enterStage, giveTo, got, proposalsOf, stageAt } from './proposal-store.ts'
import { channelOf, closeOffer, tellParties } from './proposal-telling.ts'
import type { Agent, Proposal } from './world.ts'

type Frame<T extends StepType> = AskFields<T> & EdgeFields<T>
/** What the frames of all steps have. */
type AnyFrame = Frame<'CONFIRM'>
type AnyNews = TellFields<'CONFIRM'>
type Answer = TellFields<'PROPOSAL_STATE'>

interface Deed<T extends StepType> {
  /** What it changes, before the stage is entered. */
  readonly change?: (context: Context, proposal: Proposal, frame: Frame<T>) => void
  /** What its news tells beside what all of them tell. */
  readonly own: (frame: Frame<T>, by: { agent: Agent; now: number }) => object
}

const deeds: { readonly [T in StepType]: Deed<T> } = {
  ACCEPT: {
    change({ world, agent }, proposal, frame) {
      giveTo(world, proposal, agent.id)
      proposal.escrow = escrowOf(proposal, frame)?.agent ?? null
    },
    own: ({ payment_code, payment, elo_stake, signed }) => ({
      payment_code: payment_code ?? null,
      ...(payment && { payment }),
      ...(elo_stake !== undefined && signed?.version === 'v0' && { elo_stake }),
    }),
  },
  REJECT: { own: ({ reason }) => ({ reason: reason ?? null }) },
  WITHDRAW: { own: ({ reason }) => ({ reason: reason ?? null }) },
  FUNDED: { own: ({ reference }) => ({ reference: reference ?? null }) },
  COMPLETE: {
    change({ agent }, proposal) {
      proposal.claimant ??= agent.id
    },
    own: ({ proof }, { agent, now }) => ({
      proof: proof ?? null,
      completed_by: agent.id,
      completed_at: now,
    }),
  },
  CONFIRM: { own: () => ({}) },
  DISPUTE: {
    change(_context, proposal) {
      proposal.claimant = null
    },
    own: ({ reason }, { agent, now }) => ({ reason, disputed_by: agent.id, disputed_at: now }),
  },
  SETTLE: {
    change({ agent }, proposal, { outcome }) {
      proposal.outcomes.set(agent.id, hashText(outcome))
    },
    own: ({ outcome }) => ({ outcome }),
  },
}

/**
 * Takes a step: by whoever may, when the table knows it, and behind the step that it names.
 *
 * @returns where the proposal stands then; the same for the same step once more
 * @throws Refusal
 */
export function takeStep(context: Context, type: StepType, frame: AnyFrame): Answer {
  const { world, agent, now } = context
  const proposal = world.proposals.get(frame.proposal_id) ?? refuse('PROPOSAL_NOT_FOUND')
  // The handlers pair each type with its own frame.
  const deed = deeds[type] as unknown as Deed<'CONFIRM'>
  const signed = signatureOn(context, type, frame)
  if (proposal.steps.some(({ by, hash }) => by === agent.id && hash === signed.hash)) {
    context.stored = false
    return { ...proposalCard(proposal), repeat: true }
  }
  refuseStranger(context, type, proposal)
  const was = stageAt(proposal, now)
  const verb = verbOf(type, { ...circumstances(context, proposal, frame), stage: was })
  const next = moved(was, verb, roleOf(context, proposal))
  if ('fault' in next) refuseStep(next.fault)
  if (signed.version === 'v1' && frame.link !== linkOf(proposal)) refuseStep('PROPOSAL_CHANGED')
  checkRoom(context, verb, proposal)

  deed.change?.(context, proposal, frame)
  proposal.steps.push({ by: agent.id, hash: signed.hash })
  proposal.last = context.position
  const until = untilOf(next.to, proposal, { now, held: escrowOf(proposal, frame)?.until })
  enterStage(world, proposal, { stage: next.to, until, now })
  const news = { ...stepNews(context, proposal, { signed, frame }), ...deed.own(frame, context) }
  // Together they are what is declared for the type; the tests of the core read all that is told.
  tellParties(context, type, { proposal, news: news as AnyNews & TellFields<typeof type> })
  if (was === 'pending') closeOffer(context, proposal)
  return proposalCard(proposal)
}

/** @throws Refusal LIMIT_REACHED */
function checkRoom({ world, agent }: Context, verb: Verb, { steps }: Proposal): void {
  // Each party has its own: neither can keep a dispute from ending by saying ever new things.
  const own = steps.filter(({ by }) => by === agent.id)
  if (verb === 'offer' && own.length >= limits.proposal_steps) {
    const limit = 'proposal_steps'
    refuse('LIMIT_REACHED', 'You have said enough; agree to what the other party says.', { limit })
  }
  if (verb !== 'accept' && verb !== 'hold') return
  const accepted = proposalsOf(world, got(agent.id)).filter(
    ({ stage }) => isOpen(stage) && stage !== 'pending',
  )
  if (accepted.length >= limits.open_proposals) {
    const limit = 'open_proposals'
    refuse('LIMIT_REACHED', 'You have accepted as many as you can; complete some first.', { limit })
  }
}

/** Whose part each step is, in the words for who has none. */
const strangerFaults: { readonly [T in StepType]: ProposalFault } = {
  ACCEPT: 'NOT_PROPOSAL_RECIPIENT',
  REJECT: 'NOT_PROPOSAL_RECIPIENT',
  WITHDRAW: 'NOT_PROPOSAL_PROPOSER',
  FUNDED: 'NOT_PROPOSAL_ESCROW',
  COMPLETE: 'NOT_PROPOSAL_PARTY',
  CONFIRM: 'NOT_PROPOSAL_PARTY',
  DISPUTE: 'NOT_PROPOSAL_PARTY',
  SETTLE: 'NOT_PROPOSAL_PARTY',
}

/** Who has no part in a proposal never learns from a refusal where it stands. @throws Refusal INVALID_PROPOSAL */
function refuseStranger({ world, agent }: Context, type: StepType, proposal: Proposal): void {
  const { from, to, escrow } = proposal
  if ([from, to, escrow].includes(agent.id)) return
  const mightTake = channelOf(world, proposal)?.members.has(agent.id) === true
  if (type !== 'ACCEPT' || !mightTake) refuseStep(strangerFaults[type])
  if (to !== null) refuseStep('PROPOSAL_NOT_PENDING')
}

/** @throws Refusal SIGNATURE_REQUIRED, V1_REQUIRED */
function signatureOn({ session }: Context, type: StepType, { signed }: AnyFrame): Signed {
  if (session.version === 'v0' && !isLegacyStep(type)) {
    refuse('V1_REQUIRED', 'The older wire knows no such step; log in with version 1.')
  }
  if (signed && (session.version === 'v0' || signed.version === 'v1')) return signed
  return refuse('SIGNATURE_REQUIRED', 'Each step of a proposal is signed by who takes it.')
}

function circumstances({ agent }: Context, proposal: Proposal, frame: AnyFrame) {
  const { version, outcomes, from, to } = proposal
  const other = agent.id === from ? to : from
  const outcome = 'outcome' in frame ? String(frame.outcome) : undefined
  const agrees = outcome !== undefined && outcomes.get(other ?? '') === hashText(outcome)
  return { version, isHeld: escrowOf(proposal, frame) !== undefined, agrees }
}

/** Who has to fund what is being accepted; nobody where there is nothing to fund: older clients may write 0 or ''. */
function escrowOf({ amount }: Proposal, frame: AnyFrame): Frame<'ACCEPT'>['escrow'] {
  return 'escrow' in frame && amount
    ? (frame as Frame<'ACCEPT'>).escrow // only ACCEPT has it
    : undefined
}

/** Which parts the agent that asks plays in a proposal. */
function roleOf({ world, agent }: Context, proposal: Proposal): (role: Role) => boolean {
  const { from, to, claimant, escrow } = proposal
  const isParty = agent.id === from || agent.id === to
  const mayTake = () => {
    if (to !== null) return agent.id === to
    return agent.id !== from && channelOf(world, proposal)?.members.has(agent.id) === true
  }
  const plays: { readonly [R in Role]: () => boolean } = {
    proposer: () => agent.id === from,
    recipient: () => agent.id === to,
    taker: mayTake,
    party: () => isParty,
    other: () => isParty && agent.id !== claimant,
    escrow: () => agent.id === escrow,
    time: () => false,
  }
  return (role) => plays[role]()
}

function untilOf(
  stage: Stage,
  { dueMs, confirmMs }: Proposal,
  { now, held }: { now: number; held: number | undefined },
): number | null {
  if (stage === 'awaiting_escrow') return held ?? null
  if (stage === 'accepted') return now + dueMs
  return stage === 'claimed' ? now + confirmMs : null
}
