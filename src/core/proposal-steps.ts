// The later steps of a proposal: what each does and says, and the one way in which all of them are taken.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { isOpen, nextOf, type Stage, type Verb } from '../protocol/proposal-life.ts'
import { type StepType, steps } from '../protocol/proposal-steps.ts'
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

/** What a step brings that decides where it leads. */
interface Brought {
  /** Who has to fund what is being accepted, and how long that may take. */
  readonly escrow?: Frame<'ACCEPT'>['escrow']
  /** The hash of how a dispute ends. */
  readonly outcome?: string
}

interface Deed<T extends StepType> {
  readonly brings?: (frame: Frame<T>, proposal: Proposal) => Brought
  /** What it changes, before the stage is entered. */
  readonly change?: (context: Context, proposal: Proposal, brought: Brought) => void
  /** What its news tells beside what all of them tell. */
  readonly own: (frame: Frame<T>, by: { agent: Agent; now: number }) => object
}

const deeds: { readonly [T in StepType]: Deed<T> } = {
  ACCEPT: {
    // Where there is nothing to fund nobody holds it: older clients may write an amount of 0 or ''.
    brings: ({ escrow }, { amount }) => (amount ? { escrow } : {}),
    change({ world, agent }, proposal, { escrow }) {
      giveTo(world, proposal, agent.id)
      proposal.escrow = escrow?.agent ?? null
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
    brings: ({ outcome }) => ({ outcome: hashText(outcome) }),
    change({ agent }, proposal, { outcome }) {
      if (outcome !== undefined) proposal.outcomes.set(agent.id, outcome)
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
  const { world, agent } = context
  const proposal = world.proposals.get(frame.proposal_id) ?? refuse('PROPOSAL_NOT_FOUND')
  const signed = signatureOn(context, type, frame)
  if (proposal.steps.some(({ by, hash }) => by === agent.id && hash === signed.hash)) {
    context.stored = false
    return { ...proposalCard(proposal), repeat: true }
  }
  // The handlers pair each type with its own frame.
  const deed = deeds[type] as unknown as Deed<'CONFIRM'>
  const brought = deed.brings?.(frame, proposal) ?? {}
  const { was, to } = decide(context, type, { proposal, brought })
  if (signed.version === 'v1' && frame.link !== linkOf(proposal)) refuseStep('PROPOSAL_CHANGED')

  deed.change?.(context, proposal, brought)
  proceed(context, proposal, { signed, to, brought })
  const news = { ...stepNews(context, proposal, { signed, frame }), ...deed.own(frame, context) }
  // Together they are what is declared for the type; the tests of the core read all that is told.
  tellParties(context, type, { proposal, news: news as AnyNews & TellFields<typeof type> })
  if (was === 'pending') closeOffer(context, proposal)
  return proposalCard(proposal)
}

interface Deciding {
  readonly proposal: Proposal
  readonly brought: Brought
}

/** Where the step leads, and from where. @throws Refusal INVALID_PROPOSAL, LIMIT_REACHED */
function decide(
  context: Context,
  type: StepType,
  { proposal, brought }: Deciding,
): { readonly was: Stage; readonly to: Stage } {
  const { world, agent, now } = context
  const was = stageAt(proposal, now)
  const other = agent.id === proposal.from ? proposal.to : proposal.from
  const { escrow, outcome } = brought
  const next = nextOf({ ...proposal, stage: was }, type, {
    by: agent.id,
    mayTake: channelOf(world, proposal)?.members.has(agent.id) === true,
    isHeld: escrow !== undefined,
    agrees: outcome !== undefined && proposal.outcomes.get(other ?? '') === outcome,
  })
  if ('fault' in next) refuseStep(next.fault)
  checkRoom(context, next.verb, proposal)
  return { was, to: next.to }
}

function proceed(
  { world, agent, position, now }: Context,
  proposal: Proposal,
  {
    signed,
    to,
    brought,
  }: { readonly signed: Signed; readonly to: Stage; readonly brought: Brought },
): void {
  proposal.steps.push({ by: agent.id, hash: signed.hash })
  proposal.last = position
  const until = untilOf(to, proposal, { now, heldMs: brought.escrow?.timeout_ms })
  enterStage(world, proposal, { stage: to, until, now })
}

/** @throws Refusal LIMIT_REACHED */
function checkRoom({ world, agent }: Context, verb: Verb, { steps }: Proposal): void {
  // Each party has its own: neither can keep a dispute from ending by saying ever new things.
  const own = steps.filter(({ by }) => by === agent.id)
  if (verb === 'suggest' && own.length >= limits.proposal_steps) {
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

/** @throws Refusal SIGNATURE_REQUIRED, V1_REQUIRED */
function signatureOn({ session }: Context, type: StepType, { signed }: AnyFrame): Signed {
  if (session.version === 'v0' && !steps[type].isLegacy) {
    refuse('V1_REQUIRED', 'The older wire knows no such step; log in with version 1.')
  }
  if (signed && (session.version === 'v0' || signed.version === 'v1')) return signed
  return refuse('SIGNATURE_REQUIRED', 'Each step of a proposal is signed by who takes it.')
}

function untilOf(
  stage: Stage,
  { dueMs, confirmMs }: Proposal,
  { now, heldMs = 0 }: { readonly now: number; readonly heldMs: number | undefined },
): number | null {
  if (stage === 'awaiting_escrow') return now + heldMs
  if (stage === 'accepted') return now + dueMs
  return stage === 'claimed' ? now + confirmMs : null
}
