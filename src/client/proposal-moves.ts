// Which step may be taken next, as everybody can tell who has the steps before it.

import {
  moved,
  type ProposalFault,
  type Role,
  type Stage,
  verbOf,
} from '../protocol/proposal-life.ts'
import type { StepType } from '../protocol/proposal-signing.ts'

/** A step that was taken, as far as it decides what may come next. */
interface Taken {
  readonly type: string
  readonly by: string | null
  readonly outcome?: string
}

/** Where a proposal stands. */
export interface Standing {
  /** How its PROPOSAL was signed. */
  readonly version: 'v0' | 'v1'
  readonly from: string
  /** Null while nobody has taken an open offer. */
  readonly to: string | null
  readonly stage: Stage
  readonly steps: readonly Taken[]
}

/** A step that somebody wants to take. */
export interface Attempt {
  readonly type: StepType
  readonly by: string
  /** Of a SETTLE. */
  readonly outcome?: string | undefined
  /** Whether an escrow has to sign first what is accepted. */
  readonly isHeld?: boolean
}

/** Where a step leads, or why it cannot be taken. Who the escrow is, is the server's word. */
export function nextOf(
  standing: Standing,
  attempt: Attempt,
): { readonly to: Stage } | { readonly fault: ProposalFault } {
  const { type, by, outcome, isHeld = false } = attempt
  const { stage, version } = standing
  const agrees = outcome !== undefined && otherOutcome(standing, by) === outcome
  const verb = verbOf(type, { stage, version, isHeld, agrees })
  return moved(stage, verb, rolesOf(standing, by))
}

/** How the other party last said that the dispute ends. */
function otherOutcome({ steps }: Standing, by: string): string | undefined {
  return steps.findLast((step) => step.type === 'SETTLE' && step.by !== by)?.outcome
}

function rolesOf({ from, to, stage, steps }: Standing, by: string): (role: Role) => boolean {
  const isParty = by === from || by === to
  const claimant =
    stage === 'claimed' ? steps.findLast(({ type }) => type === 'COMPLETE')?.by : undefined
  const plays: { readonly [R in Role]: boolean } = {
    proposer: by === from,
    recipient: by === to,
    taker: to === null ? by !== from : by === to,
    party: isParty,
    other: isParty && by !== claimant,
    escrow: true,
    time: false,
  }
  return (role) => plays[role]
}
