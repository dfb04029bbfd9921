// Which step may be taken next, as everybody can tell who has the steps before it.

import * as life from '../protocol/proposal-life.ts'
import type { StepType } from '../protocol/proposal-steps.ts'

/** A step that was taken, as far as it decides what may come next. */
interface Taken {
  readonly type: string
  readonly by: string | null
  readonly outcome?: string
}

/** Where a proposal stands, by its steps. */
export interface Walked extends Omit<life.Standing, 'claimant' | 'escrow'> {
  readonly steps: readonly Taken[]
}

/** A step that somebody wants to take. */
export interface Attempt {
  readonly by: string
  /** Of a SETTLE. */
  readonly outcome?: string | undefined
  /** Whether an escrow has to sign first what is accepted. */
  readonly isHeld?: boolean
}

/** Where a step leads, or why it cannot be taken. Who the escrow is, and who is in a channel, is the server's word. */
export function nextOf(
  walked: Walked,
  type: StepType,
  { by, outcome, isHeld = false }: Attempt,
): ReturnType<typeof life.nextOf> {
  const { steps, stage } = walked
  const claim = steps.findLast((step) => step.type === 'COMPLETE')
  const claimant = stage === 'claimed' ? (claim?.by ?? null) : null
  const escrow = type === 'FUNDED' ? by : null
  const other = steps.findLast((step) => step.type === 'SETTLE' && step.by !== by)
  const agrees = outcome !== undefined && other?.outcome === outcome
  const mayTake = walked.to === null
  return life.nextOf({ ...walked, claimant, escrow }, type, { by, mayTake, isHeld, agrees })
}
