// What the server's thread and the writer's thread say to each other.

import type { LogErrorCode } from '../errors.ts'
import type { CountQuery, Page, PagedNews, PageQuery } from '../port.ts'

/** `full` survives a power cut, `normal` survives the death of the process. */
export type Durability = 'full' | 'normal'

export interface WriterSettings {
  readonly directory: string
  readonly durability: Durability
}

/** One accepted entry on its way to the disk; a tuple, for it is copied between threads. */
export type EntryRow = readonly [
  now: number,
  type: string,
  session: string | null,
  fields: string,
  news: string | null,
  streams: readonly string[],
  by: string | null,
]

/** The entries of one turn, at consecutive positions. */
export interface Batch {
  readonly number: number
  readonly first: number
  readonly rows: readonly EntryRow[]
}

/** An entry as it is stored, its fields still JSON text. */
export interface StoredRow {
  readonly position: number
  readonly now: number
  readonly type: string
  readonly session: string | null
  readonly fields: string
}

export interface Snapshot {
  readonly position: number
  readonly world: string
}

/** One piece of news and the stream it is looked for in. */
export interface Piece {
  readonly stream: string
  readonly position: number
}

/** What can be asked of the writer, each with one argument. */
export interface Questions {
  page(query: PageQuery): Page
  count(query: CountQuery): readonly number[]
  find(piece: Piece): PagedNews | undefined
  positionAt(now: number): number
  newestSnapshot(_: null): Snapshot | undefined
  entriesAfter(position: number): readonly StoredRow[]
  freeze(snapshot: Snapshot): void
  forget(position: number): void
}

export type Verb = keyof Questions

export type Question = {
  [V in Verb]: {
    readonly id: number
    readonly verb: V
    readonly argument: Parameters<Questions[V]>[0]
  }
}[Verb]

export type ToWriter =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'close' }

/** A LogError that crosses threads. */
export interface Complaint {
  readonly code: LogErrorCode
  readonly message: string
}

/** The first word of the writer. */
export type Opening =
  /** The writer is ready; the last position taken is `last`. */
  | { readonly kind: 'opened'; readonly last: number }
  | { readonly kind: 'refused'; readonly complaint: Complaint }

export type FromWriter =
  /** All batches up to this number are durable. */
  | { readonly kind: 'durable'; readonly number: number }
  | { readonly kind: 'failed'; readonly complaint: Complaint }
  /** The last word: everything sent is committed and the database is closed. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'noAnswer'; readonly id: number; readonly complaint: Complaint }
