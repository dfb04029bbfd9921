// Which events the log keeps, so that whoever was away hears them later; each has a `position`.

export const keptTypes = [
  'MSG',
  'PROPOSAL',
  'ACCEPT',
  'REJECT',
  'WITHDRAW',
  'FUNDED',
  'COMPLETE',
  'CONFIRM',
  'DISPUTE',
  'SETTLE',
  'TIME_UP',
] as const

export type KeptType = (typeof keptTypes)[number]

/** Whether an event of this type is kept, heard once, and told again to whoever missed it. */
export function isKept(type: string): type is KeptType {
  return (keptTypes as readonly string[]).includes(type)
}
