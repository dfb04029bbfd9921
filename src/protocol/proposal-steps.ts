// The steps that follow a proposal, in one table: what each does, what of it is signed, and who may not take it.

interface Step {
  /** What it does where nothing else decides; see `verbOf`. */
  readonly verb: string
  /** What it is signed for. */
  readonly purpose: string
  /** The fields that are its own. */
  readonly own: readonly string[]
  /** The one of them that it must have. */
  readonly needs: string | undefined
  /** Whether version 0 knows it. */
  readonly isLegacy: boolean
  /** What is said to who has no part in the proposal, wherever it stands. */
  readonly stranger: string
}

export const steps = {
  ACCEPT: {
    verb: 'accept',
    purpose: 'accept',
    own: ['payment_code'],
    needs: undefined,
    isLegacy: true,
    stranger: 'NOT_PROPOSAL_RECIPIENT',
  },
  REJECT: {
    verb: 'reject',
    purpose: 'reject',
    own: ['reason'],
    needs: undefined,
    isLegacy: true,
    stranger: 'NOT_PROPOSAL_RECIPIENT',
  },
  WITHDRAW: {
    verb: 'withdraw',
    purpose: 'withdraw',
    own: ['reason'],
    needs: undefined,
    isLegacy: false,
    stranger: 'NOT_PROPOSAL_PROPOSER',
  },
  FUNDED: {
    verb: 'fund',
    purpose: 'funded',
    own: ['reference'],
    needs: undefined,
    isLegacy: false,
    stranger: 'NOT_PROPOSAL_ESCROW',
  },
  COMPLETE: {
    verb: 'claim',
    purpose: 'complete',
    own: ['proof'],
    needs: undefined,
    isLegacy: true,
    stranger: 'NOT_PROPOSAL_PARTY',
  },
  CONFIRM: {
    verb: 'confirm',
    purpose: 'confirm',
    own: [],
    needs: undefined,
    isLegacy: false,
    stranger: 'NOT_PROPOSAL_PARTY',
  },
  DISPUTE: {
    verb: 'dispute',
    purpose: 'dispute',
    own: ['reason'],
    needs: 'reason',
    isLegacy: true,
    stranger: 'NOT_PROPOSAL_PARTY',
  },
  SETTLE: {
    verb: 'suggest',
    purpose: 'settle',
    own: ['outcome'],
    needs: 'outcome',
    isLegacy: false,
    stranger: 'NOT_PROPOSAL_PARTY',
  },
} as const satisfies Readonly<Record<string, Step>>

export type StepType = keyof typeof steps

export const stepTypes = Object.keys(steps) as readonly StepType[] // the keys of the table
