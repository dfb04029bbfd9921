// Which events the log keeps, so that whoever was away hears them later; each has a `position`.

import { type StepType, stepTypes } from './proposal-steps.ts'

export type KeptType = 'MSG' | 'PROPOSAL' | StepType | 'TIME_UP'

export const keptTypes: readonly KeptType[] = ['MSG', 'PROPOSAL', ...stepTypes, 'TIME_UP']

const known: ReadonlySet<string> = new Set(keptTypes)

/** Whether an event of this type is kept, heard once, and told again to whoever missed it. */
export function isKept(type: string): type is KeptType {
  return known.has(type)
}
