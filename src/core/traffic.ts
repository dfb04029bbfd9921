// Records of traffic: who may answer what, how far messages have come, what is said where, and what that costs.

import type { NoteFields, TellFields } from '../protocol/frames.ts'
import type { AgentId, ChannelKey, SessionId } from './entry.ts'

/** The right to answer a message, for a while. */
export interface Claim {
  readonly messageId: string
  /** Of the channel or the conversation that it was said in. */
  readonly stream: string
  readonly holder: AgentId
  /** Two sessions of one agent are two that could answer. */
  readonly session: SessionId
  /** Position of the claim: later ones are higher. */
  readonly fence: number
  readonly since: number
  until: number
  /** The message that its holder answered with; such a claim is remembered for the rest of its time. */
  answer: string | null
}

export interface Answer {
  readonly by: AgentId
  readonly messageId: string
}

/** What has become of a message, for the agents that it is for. */
export interface Ladder {
  readonly position: number
  readonly from: AgentId
  /** As the message says it. */
  readonly to: string
  readonly stream: string
  readonly sentAt: number
  readonly expects: 'reply' | 'none' | null
  readonly expiresAt: number | null
  readonly rungs: Map<AgentId, Rung>
  /** Asked of a whole channel: whoever answers, unless somebody else holds the claim, has answered. */
  readonly isOpen: boolean
  /** The first answer. */
  answer: Answer | null
}

export type RungState = TellFields<'RECEIPT'>['state']
export type RungReason = NonNullable<TellFields<'RECEIPT'>['reason']>

/** How far a message has come with one agent. */
export interface Rung {
  state: RungState
  /** Since when, milliseconds since 1970. */
  at: number
  /** Why it went no further. */
  reason: RungReason | null
  /** What the agent says, where it has declined. */
  words: string | null
  /** The message that answered it. */
  answer: string | null
}

/** What follows an agent about, beside what it is. */
export interface Trail {
  /** Positions of its messages that have a ladder. */
  readonly sent: number[]
  /** Positions of messages that it is for and that its cursor has not passed. */
  readonly addressed: number[]
  /** Streams of the newest threads that it has spoken in, each with its channel. */
  readonly threads: Map<string, ChannelKey>
}

/** What is said in one thread, or beside all threads in one place. */
export interface Talk {
  readonly newest: Spoken
  /** The newest of anybody but who said that; null when there is none. */
  readonly others: Spoken | null
}

export interface Spoken {
  readonly position: number
  readonly by: AgentId
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What is left of a budget, as of a moment; what it heals to depends on its size. */
export interface Budget {
  left: number
  at: number
}

/** What may be spent in a day. Null: without bound. */
export interface Caps {
  readonly wakes: number | null
  readonly usdMicros: number | null
  /** An operator of the server has set them, and nobody else changes them. */
  readonly byOperator: boolean
}

export interface Spent {
  wakes: number
  tokens: number
  usdMicros: number
}

/** What an agent, or a channel, has used. */
export interface Usage {
  /** When the day of `today` began. */
  day: number
  today: Spent
  readonly total: Spent
}

export type Role = 'human' | 'operator'

/** What the node was started with. */
export interface Configuration {
  operators: readonly AgentId[]
  /** Null: agents may answer each other without end. */
  budgets: NonNullable<NoteFields<'CONFIGURED'>['budgets']> | null
}
