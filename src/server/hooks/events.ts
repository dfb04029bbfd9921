// Which news of proposals is an event for hooks, and the message that tells a hook of one.

/** Every event that a hook can be attached to. */
export const hookEvents = [
  'created',
  'accepted',
  'completed',
  'disputed',
  'settled',
  'expired',
] as const

export type HookEvent = (typeof hookEvents)[number]

/** News of a proposal as it was told: a PROPOSAL, or one of its later steps. */
export interface NewsFrame {
  readonly type: string
  /** Milliseconds since 1970. */
  readonly ts: number
  readonly proposal_id: string
  readonly status: string
  readonly awaiting?: string
  /** Milliseconds since 1970. */
  readonly until?: number
  readonly [field: string]: unknown
}

/** What a hook is told; all but `id` is the body of a call over HTTP. */
export interface HookMessage {
  /** The same in every attempt, also after a restart: the idempotency key. */
  readonly id: string
  readonly type: `proposal.${HookEvent}`
  /** When it happened, ISO 8601. */
  readonly timestamp: string
  readonly data: {
    /** Name of the server, as it stands in what was signed. */
    readonly server: string
    readonly proposal: NewsFrame
    readonly step: NewsFrame
    /** Milliseconds since 1970: until then an escrow may sign FUNDED. */
    readonly held_until?: number
  }
}

/** By the type of the frame, and where that is not here, by the status that it tells. */
const eventsByWord: ReadonlyMap<string, HookEvent> = new Map<string, HookEvent>([
  ['PROPOSAL', 'created'],
  ['ACCEPT', 'accepted'],
  ['DISPUTE', 'disputed'],
  ['completed', 'completed'],
  ['settled', 'settled'],
  ['expired', 'expired'],
])

/** The event that a piece of news is; undefined for news that is nobody's event, such as a REJECT. */
export function eventOf({ type, status }: NewsFrame): HookEvent | undefined {
  return eventsByWord.get(type) ?? eventsByWord.get(status)
}

interface Told {
  readonly id: string
  readonly event: HookEvent
  readonly server: string
  readonly proposal: NewsFrame
  readonly step: NewsFrame
}

/** The message of an event. */
export function messageOf({ id, event, server, proposal, step }: Told): HookMessage {
  const isHeld = step.type === 'ACCEPT' && step.awaiting === 'escrow'
  const held = isHeld && step.until !== undefined ? { held_until: step.until } : {}
  const timestamp = new Date(step.ts).toISOString()
  return { id, type: `proposal.${event}`, timestamp, data: { server, proposal, step, ...held } }
}
