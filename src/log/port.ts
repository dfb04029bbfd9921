// The port of the ordered log: what every adapter promises, and nothing of how it does it.

import type { Draft, Entry } from '../core/entry.ts'

/** What an accepted entry leaves behind for history: the frame as it was told, and where it is read. */
export interface Kept {
  /**
   * Channels, conversations, inboxes and lasting streams that this piece of news belongs to; at least one.
   * What stands in a lasting stream is evidence: `isLasting`.
   */
  readonly streams: readonly string[]
  /** The JSON text of the frame, without the outer framing of the transport. */
  readonly news: string
  /** The id of the agent that said it; absent for what nobody said. */
  readonly by?: string
}

/**
 * Tells whether a stream is lasting, as all are whose name begins with `!`: what is kept in it is never forgotten
 * in it, while the same piece goes from other streams as everything does there.
 */
export function isLasting(stream: string): boolean {
  return stream.startsWith('!')
}

/** What executing an entry came to. The log looks at these two fields only. */
export interface Verdict {
  /** False when the command was refused: it takes no position and is not stored. */
  readonly accepted: boolean
  readonly kept?: Kept
}

/** The one who executes entries. The log calls it; it never calls back into the log while it executes. */
export interface Follower<Outcome extends Verdict> {
  /** Called once by `start`, before any entry: the newest snapshot's text, or undefined when there is none. */
  thaw(world: string | undefined): void
  /** Executes one entry, synchronously. Every entry comes exactly once, in the order of positions. */
  execute(entry: Entry): Outcome
  /**
   * What a turn of the event loop brought, in order: accepted and refused entries, and what was passed between
   * them. All of it, and everything before it, is durable now: it may be told. Never called while starting.
   */
  release(outcomes: readonly Outcome[]): void
}

/** One stream to read, and from where: only what stands later than `after` in it. */
export interface StreamQuery {
  readonly stream: string
  readonly after: number
}

/** What a count asks for. */
export interface CountQuery {
  readonly streams: readonly StreamQuery[]
  /** Only what stands earlier than this position. */
  readonly before?: number
  /** Only what this agent did not say; what nobody said is counted. */
  readonly notBy?: string
}

/** What history asks for. */
export interface PageQuery {
  readonly streams: readonly StreamQuery[]
  /** The page holds the earliest pieces, or the latest. Its items are in rising order either way. */
  readonly from: 'earliest' | 'latest'
  /** Only what stands earlier than this position. */
  readonly before?: number
  /** The most pieces of news in the page. */
  readonly limit: number
  /** The most bytes of news text in the page; one piece is always given, however long. */
  readonly maxBytes: number
}

export interface PagedNews {
  readonly position: number
  readonly news: string
}

export interface Page {
  /** By ascending position, each once, also when it stands in several of the streams. */
  readonly items: readonly PagedNews[]
  /** True when the limits cut the page and there is more in the direction of reading. */
  readonly more: boolean
  /**
   * News at or before this position has been forgotten by retention in one of the streams asked for; 0 when
   * nothing has. Lasting streams forget nothing.
   */
  readonly forgotten: number
}

/**
 * The log puts drafts into one order, has them executed in it, and makes them durable.
 *
 * - Order: `execute` sees positions rise by one for each accepted entry; a refused one leaves its position free.
 * - Durability: `release` comes only after the commit. If a commit fails, nothing of it is ever released, and the
 *   failure goes to `onFailure` given at opening, once; the log accepts nothing afterwards.
 * - Retention: what is forgotten is never read again. An entry with news in a lasting stream stays, however old, and
 *   so does its news there. Only an adapter that keeps nothing over its end may bound what lasts, and then it tells so.
 * - Appending need not execute at once: in a cluster the engine decides the order first.
 */
export interface Log<Outcome extends Verdict> {
  /** Gives the newest snapshot to the follower and executes all entries after it. Called once, first. */
  start(follower: Follower<Outcome>): Promise<void>
  /** Asks for a place in the order. */
  append(draft: Draft): void
  /** Lets an outcome that is no entry (an answer to a query) through in its place in the order, stored nowhere. */
  pass(outcome: Outcome): void
  /** Reads what was kept, durable entries only. */
  page(query: PageQuery): Promise<Page>
  /**
   * How many pieces of news stand in each stream, in the order asked; durable entries only, and none that are
   * forgotten. It costs a step for each piece counted.
   */
  count(query: CountQuery): Promise<readonly number[]>
  /** One piece of kept news by its position in a stream; undefined when it is not there. */
  find(stream: string, position: number): Promise<PagedNews | undefined>
  /** Stores the frozen world as it is after `position`, the last entry executed. */
  freeze(position: number, world: string): Promise<void>
  /**
   * Forgets entries at or before `position`, all but the lasting; never anything later than the newest snapshot.
   */
  forget(position: number): Promise<void>
  /**
   * Position of the oldest entry later than or at `now` milliseconds, or of the next one to come; always later than
   * what was forgotten, also where something lasting stays.
   */
  positionAt(now: number): Promise<number>
  /** Commits what is pending, releases it, and lets go of every resource. */
  close(): Promise<void>
}
