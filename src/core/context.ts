// What a handler works with: the world, who asks, and the only ways to say something.

import { encode } from '../protocol/encode.ts'
import type { CloseName } from '../protocol/errors.ts'
import { refuse } from '../protocol/errors.ts'
import {
  type AnswerType,
  type AskFields,
  type AskType,
  type EdgeFields,
  type features,
  type NoteFields,
  type NoteType,
  type TellFields,
  type TellType,
  tells,
} from '../protocol/frames.ts'
import type { KeptType } from '../protocol/kept.ts'
import type { Audience } from './audience.ts'
import type { Draft, Entry, SessionId } from './entry.ts'
import { hasScope } from './token-store.ts'
import type { Agent, Auth, Session, World } from './world.ts'

/** One frame on its way out: encoded once, whoever hears it. */
export interface Told {
  readonly audience: Audience
  readonly text: string
  /** The place of the message that this is; undefined for what is not kept for history. */
  readonly position?: number
  /** The connections are closed after it. */
  readonly closes?: CloseName
}

/** Something to be read from the log for a session, once all before it is durable. */
export type Reading = {
  readonly session: SessionId
  readonly ref: string | undefined
  /** When it was asked for, milliseconds since 1970. */
  readonly now: number
  readonly streams: readonly { stream: string; after: number }[]
  readonly limit: number
} & (
  | { readonly shape: 'replay'; readonly before: number }
  | {
      readonly shape: 'resume'
      readonly after: number
      /** One bound for all streams: what comes later is live, also where nothing was missed. */
      readonly before: number
    }
  | {
      readonly shape: 'page'
      readonly target: string
      readonly from: 'earliest' | 'latest'
      readonly before?: number
    }
  | { readonly shape: 'message'; readonly before: number }
  | {
      /** `streams` are those of what is addressed to the agent. */
      readonly shape: 'unread'
      readonly agent: string
      readonly answered: TellFields<'UNREAD_PAGE'>['answered']
      readonly after: number
      readonly before: number
      /** Behind the newest that there was when it was asked for. */
      readonly end: number
      readonly questions: readonly { stream: string; after: number }[]
      readonly threads: readonly { stream: string; after: number }[]
      readonly channels: readonly { channel: string; stream: string; after: number }[]
    }
  | {
      readonly shape: 'chain'
      readonly before: number
      readonly proposal: TellFields<'PROPOSAL_CHAIN'>['proposal']
    }
)

/** What a handler says of a reading; who asks is known. */
type ReadingOf<R> = R extends Reading ? Omit<R, 'session' | 'ref' | 'now'> : never

/** What executing an entry, or answering a query, came to. */
export interface Outcome {
  readonly accepted: boolean
  readonly kept?: {
    readonly streams: readonly string[]
    readonly news: string
    readonly by?: string
  }
  readonly told: readonly Told[]
  readonly reading?: Reading
}

/** One entry, or one query, being worked on. */
export class Context {
  readonly world: World
  /** The place of the entry; of the last one, for queries and signals. */
  readonly position: number
  /** Milliseconds since 1970. */
  readonly now: number
  readonly told: Told[] = []
  kept: Outcome['kept']
  reading: Reading | undefined
  /** False when the entry need not be stored: a repeat, or a query. */
  stored = true
  private readonly draft: Draft

  constructor(world: World, draft: Draft | Entry) {
    this.world = world
    this.draft = draft
    this.position = 'position' in draft ? draft.position : world.position
    this.now = draft.now
  }

  /** The session that asks. @throws Refusal AUTH_REQUIRED when nobody is identified on it */
  get session(): Session {
    return this.maybeSession ?? refuse('AUTH_REQUIRED')
  }

  get maybeSession(): Session | undefined {
    return this.draft.session === null ? undefined : this.world.sessions.get(this.draft.session)
  }

  /** The agent that asks. @throws Refusal AUTH_REQUIRED */
  get agent(): Agent {
    return this.world.agents.get(this.session.agent) ?? refuse('AUTH_REQUIRED')
  }

  /** How the server knows who asks; another session of the same agent may have logged in otherwise. */
  get auth(): Auth {
    const { agent, session } = this
    if (session.token) return 'token'
    return agent.key === undefined ? 'anon' : session.version
  }

  get ref(): string | undefined {
    return this.draft.ref
  }

  /** Tells news to an audience. */
  tell<T extends TellType>(audience: Audience, type: T, fields: TellFields<T>): void {
    this.say(audience, type, encode(type, this.now, fields))
  }

  /** Tells news that history keeps, in these streams. One a command: its position is the id of the news. @param by who said it */
  tellKept<T extends KeptType>(
    audience: Audience,
    type: T,
    fields: TellFields<T>,
    streams: readonly string[],
    by?: string,
  ): void {
    const news = encode(type, this.now, fields)
    this.kept = by === undefined ? { streams, news } : { streams, news, by }
    this.told.push({ audience, text: news, position: this.position })
  }

  /** Gives the one answer to who asked. */
  answer<T extends TellType>(type: T, fields: TellFields<T>): void {
    if (this.draft.session === null) return
    this.say([this.draft.session], type, encode(type, this.now, fields, this.draft.ref))
  }

  /** Has the edge read from the log for the session that asks. */
  read(wanted: ReadingOf<Reading>): void {
    // Who enters a channel is shown what was said there only where it may read.
    if (!hasScope(this.world, this.session, 'read')) return
    const { id: session } = this.session
    this.reading = { ...wanted, session, ref: this.ref, now: this.now }
  }

  private say(audience: Audience, type: TellType, text: string): void {
    const { closes } = tells[type]
    this.told.push(closes === undefined ? { audience, text } : { audience, text, closes })
  }
}

/** Changes the world or reads it, tells, and returns the answer; undefined when the edge will give it. */
export type AskHandler<T extends AskType> = (
  context: Context,
  fields: AskFields<T> & EdgeFields<T>,
) => TellFields<AnswerType<T>> | undefined

export type NoteHandler<T extends NoteType> = (context: Context, fields: NoteFields<T>) => void

/** Asks that the edge answers itself, before there is a session. */
export type HandshakeType = 'IDENTIFY' | 'VERIFY_IDENTITY'

/** The handlers of a feature: one for each of its asks and notes, no more and no fewer. */
export type HandlersOf<F extends keyof typeof features> = {
  readonly [T in Exclude<
    Extract<keyof (typeof features)[F]['asks'], AskType>,
    HandshakeType
  >]: AskHandler<T>
} & { readonly [T in Extract<keyof (typeof features)[F]['notes'], NoteType>]: NoteHandler<T> }
