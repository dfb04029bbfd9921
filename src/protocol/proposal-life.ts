// The life of a proposal as one table: what may happen in each stage, by whom, and where it leads.

import type { StepType } from './proposal-signing.ts'

/**
 * Who acts, seen from the proposal. A `taker` is its recipient, or whoever may take an open offer; `other` is the
 * party that did not say it first.
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
  | 'offer'
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
    offer: { by: 'party', to: 'disputed' },
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

const wrongStage: { readonly [V in Verb]: ProposalFault } = {
  accept: 'PROPOSAL_NOT_PENDING',
  hold: 'PROPOSAL_NOT_PENDING',
  reject: 'PROPOSAL_NOT_PENDING',
  withdraw: 'PROPOSAL_NOT_PENDING',
  fund: 'PROPOSAL_NOT_HELD',
  claim: 'PROPOSAL_NOT_ACCEPTED',
  finish: 'PROPOSAL_NOT_ACCEPTED',
  confirm: 'PROPOSAL_NOT_CLAIMED',
  dispute: 'PROPOSAL_NOT_ACCEPTED',
  offer: 'PROPOSAL_NOT_DISPUTED',
  agree: 'PROPOSAL_NOT_DISPUTED',
  pass: 'PROPOSAL_NOT_PENDING',
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

/**
 * Where a verb leads.
 *
 * @param plays whether who acts has that role
 * @returns the next stage, or why there is none
 */
export function moved(
  stage: Stage,
  verb: Verb,
  plays: (role: Role) => boolean,
): { readonly to: Stage } | { readonly fault: ProposalFault } {
  const move = life[stage][verb]
  if (!move) {
    const isLate = stage === 'expired' && wrongStage[verb] === 'PROPOSAL_NOT_PENDING'
    return { fault: isLate ? 'PROPOSAL_EXPIRED' : wrongStage[verb] }
  }
  if (plays(move.by)) return { to: move.to }
  const isStranger = move.by === 'other' && !plays('party')
  return { fault: isStranger ? 'NOT_PROPOSAL_PARTY' : wrongRole[move.by] }
}

/** What decides, beside its type, which verb a step is. */
export interface Circumstances {
  readonly stage: Stage
  /** How the proposal was signed. */
  readonly version: 'v0' | 'v1'
  /** An escrow has to fund it before it begins. */
  readonly isHeld: boolean
  /** The other party has said the same outcome. */
  readonly agrees: boolean
}

/** Which verb a step is. Both parties saying independently that it is done is as good as a confirmation. */
export function verbOf(type: StepType, { stage, version, isHeld, agrees }: Circumstances): Verb {
  switch (type) {
    case 'ACCEPT':
      return isHeld ? 'hold' : 'accept'
    case 'COMPLETE':
      if (stage === 'claimed') return 'confirm'
      return version === 'v0' ? 'finish' : 'claim'
    case 'SETTLE':
      return agrees ? 'agree' : 'offer'
    default:
      return simpleVerbs[type]
  }
}

const simpleVerbs = {
  REJECT: 'reject',
  WITHDRAW: 'withdraw',
  FUNDED: 'fund',
  CONFIRM: 'confirm',
  DISPUTE: 'dispute',
} as const

/** What clients are told of a stage, in the words that also older ones know. */
export const standings = {
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

/** Whether it still binds somebody to something: such proposals are limited in number. */
export function isOpen(stage: Stage): boolean {
  return life[stage].pass !== undefined
}
