// The life of a proposal as one table: what may happen in each stage, by whom, and where it leads.

import { type StepType, steps } from './proposal-steps.ts'

/**
 * Who acts, seen from the proposal. A `taker` is its recipient, or whoever may take an open offer; `other` is the
 * party that did not say that it is done, where one has.
 */
export type Role = 'proposer' | 'recipient' | 'taker' | 'party' | 'other' | 'escrow' | 'time'

interface Move {
  readonly by: Role
  readonly to: Stage
}

export type Stage =
  | 'pending'
  | 'awaiting_escrow'
  | 'accepted'
  | 'claimed'
  | 'disputed'
  | 'rejected'
  | 'withdrawn'
  | 'expired'
  | 'completed'
  | 'settled'

/**
 * What may be done. Some frames do one thing or the other: ACCEPT holds where an escrow was asked for, COMPLETE
 * finishes a proposal of the older wire at once, and a SETTLE that says what the other party said agrees.
 */
export type Verb =
  | 'accept'
  | 'hold'
  | 'reject'
  | 'withdraw'
  | 'fund'
  | 'claim'
  | 'finish'
  | 'confirm'
  | 'dispute'
  | 'suggest'
  | 'agree'
  | 'pass'

/** By stage and verb; `pass` is what the passing of time does. What is not here cannot happen. */
export const life: { readonly [S in Stage]: { readonly [V in Verb]?: Move } } = {
  pending: {
    accept: { by: 'taker', to: 'accepted' },
    hold: { by: 'taker', to: 'awaiting_escrow' },
    reject: { by: 'recipient', to: 'rejected' },
    withdraw: { by: 'proposer', to: 'withdrawn' },
    pass: { by: 'time', to: 'expired' },
  },
  awaiting_escrow: {
    fund: { by: 'escrow', to: 'accepted' },
    pass: { by: 'time', to: 'expired' },
  },
  accepted: {
    claim: { by: 'party', to: 'claimed' },
    finish: { by: 'party', to: 'completed' },
    dispute: { by: 'party', to: 'disputed' },
    pass: { by: 'time', to: 'expired' },
  },
  claimed: {
    confirm: { by: 'other', to: 'completed' },
    dispute: { by: 'party', to: 'disputed' },
    pass: { by: 'time', to: 'completed' },
  },
  disputed: {
    suggest: { by: 'party', to: 'disputed' },
    agree: { by: 'other', to: 'settled' },
  },
  rejected: {},
  withdrawn: {},
  expired: {},
  completed: {},
  settled: {},
}

/** Why a step is not taken: the token that stands in INVALID_PROPOSAL, and what to do next. */
export const proposalFaults = {
  PROPOSAL_NOT_PENDING: 'It has been answered, withdrawn or taken already.',
  PROPOSAL_EXPIRED: 'Its time is over; ask for a new one.',
  PROPOSAL_NOT_ACCEPTED: 'Only an accepted proposal can be completed or disputed.',
  PROPOSAL_NOT_CLAIMED: 'Only what the other party has completed can be confirmed.',
  PROPOSAL_NOT_DISPUTED: 'Only a disputed proposal can be settled.',
  PROPOSAL_NOT_HELD: 'It waits for no escrow.',
  PROPOSAL_CHANGED: 'Another step came first; read it with GET_PROPOSAL and sign again.',
  NOT_PROPOSAL_RECIPIENT: 'Only who it is made to can answer it.',
  NOT_PROPOSAL_PROPOSER: 'Only who made it can withdraw it.',
  NOT_PROPOSAL_PARTY: 'Only its two parties can do that.',
  NOT_PROPOSAL_COUNTERPARTY: 'That is for the other party to do.',
  NOT_PROPOSAL_ESCROW: 'Only the escrow that holds it can do that.',
} as const

export type ProposalFault = keyof typeof proposalFaults

/** What somebody does; time passes by itself. */
type Deed = Exclude<Verb, 'pass'>

const wrongStage: { readonly [V in Deed]: ProposalFault } = {
  accept: 'PROPOSAL_NOT_PENDING',
  hold: 'PROPOSAL_NOT_PENDING',
  reject: 'PROPOSAL_NOT_PENDING',
  withdraw: 'PROPOSAL_NOT_PENDING',
  fund: 'PROPOSAL_NOT_HELD',
  claim: 'PROPOSAL_NOT_ACCEPTED',
  finish: 'PROPOSAL_NOT_ACCEPTED',
  confirm: 'PROPOSAL_NOT_CLAIMED',
  dispute: 'PROPOSAL_NOT_ACCEPTED',
  suggest: 'PROPOSAL_NOT_DISPUTED',
  agree: 'PROPOSAL_NOT_DISPUTED',
}

const wrongRole: { readonly [R in Role]: ProposalFault } = {
  proposer: 'NOT_PROPOSAL_PROPOSER',
  recipient: 'NOT_PROPOSAL_RECIPIENT',
  taker: 'NOT_PROPOSAL_RECIPIENT',
  party: 'NOT_PROPOSAL_PARTY',
  other: 'NOT_PROPOSAL_COUNTERPARTY',
  escrow: 'NOT_PROPOSAL_ESCROW',
  time: 'NOT_PROPOSAL_PARTY',
}

/** A proposal, as far as it decides what may come next. */
export interface Standing {
  readonly stage: Stage
  /** How the proposal was signed. */
  readonly version: 'v0' | 'v1'
  readonly from: string
  /** Null while nobody has taken an open offer. */
  readonly to: string | null
  /** Who says that it is done; null while nobody does. */
  readonly claimant: string | null
  readonly escrow: string | null
}

/** A step that somebody wants to take. */
export interface Attempt {
  readonly by: string
  /** Whether who acts may take open offers where this one was made. */
  readonly mayTake: boolean
  /** An escrow has to fund it before it begins. */
  readonly isHeld: boolean
  /** The other party has said the same outcome. */
  readonly agrees: boolean
}

/** Where a step leads, or why it cannot be taken: the one decision of servers and of whoever checks them. */
export function nextOf(
  standing: Standing,
  type: StepType,
  attempt: Attempt,
): { readonly verb: Verb; readonly to: Stage } | { readonly fault: ProposalFault } {
  const { stage, from, to, escrow } = standing
  if (![from, to, escrow].includes(attempt.by)) {
    // Who has no part in it learns from no refusal where it stands.
    if (type !== 'ACCEPT' || !attempt.mayTake) return { fault: steps[type].stranger }
    if (to !== null) return { fault: 'PROPOSAL_NOT_PENDING' }
  }
  if (stage === 'expired') return { fault: 'PROPOSAL_EXPIRED' }
  const verb = verbOf(type, standing, attempt)
  const move = life[stage][verb]
  if (!move) return { fault: wrongStage[verb] }
  return plays(move.by, standing, attempt) ? { verb, to: move.to } : { fault: wrongRole[move.by] }
}

/** Which verb a step is. Both parties saying independently that it is done is as good as a confirmation. */
function verbOf(type: StepType, { stage, version }: Standing, { isHeld, agrees }: Attempt): Deed {
  if (type === 'ACCEPT' && isHeld) return 'hold'
  if (type === 'COMPLETE' && stage === 'claimed') return 'confirm'
  if (type === 'COMPLETE' && version === 'v0') return 'finish'
  return type === 'SETTLE' && agrees ? 'agree' : steps[type].verb
}

function plays(role: Role, standing: Standing, { by, mayTake }: Attempt): boolean {
  const { from, to, claimant, escrow } = standing
  const isParty = by === from || by === to
  const is: { readonly [R in Role]: boolean } = {
    proposer: by === from,
    recipient: by === to,
    taker: to === null ? mayTake && by !== from : by === to,
    party: isParty,
    other: isParty && by !== claimant,
    escrow: by === escrow,
    time: false,
  }
  return is[role]
}

/** What clients are told of a stage, in the words that also older ones know. */
export const toldAs = {
  pending: { status: 'pending' },
  awaiting_escrow: { status: 'accepted', awaiting: 'escrow' },
  accepted: { status: 'accepted' },
  claimed: { status: 'accepted', awaiting: 'confirmation' },
  disputed: { status: 'disputed' },
  rejected: { status: 'rejected' },
  withdrawn: { status: 'withdrawn' },
  expired: { status: 'expired' },
  completed: { status: 'completed' },
  settled: { status: 'settled' },
} as const satisfies { readonly [S in Stage]: { status: string; awaiting?: string } }

/** What a proposal weighs in a stage: what binds nobody and never did is the first to be forgotten. */
export function weightOf(stage: Stage): 'open' | 'disputed' | 'agreed' | 'void' {
  if (isOpen(stage)) return 'open'
  if (stage === 'disputed') return 'disputed'
  return stage === 'completed' || stage === 'settled' ? 'agreed' : 'void'
}

/** Whether time ends the stage. The others are over, but for a dispute, which only its parties end. */
export function isOpen(stage: Stage): boolean {
  return life[stage].pass !== undefined
}
