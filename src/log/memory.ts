// The log of a server that keeps nothing over its end: an order, and a bounded history in memory.

import type { Draft } from '../core/entry.ts'
import { closedError, futureError } from './errors.ts'
import { type KeptBounds, KeptNews, lowerBound } from './kept.ts'
import { countNews, findNews, readPage } from './pages.ts'
import type { CountQuery, Follower, Log, Page, PagedNews, PageQuery, Verdict } from './port.ts'

const BOUNDS: KeptBounds = { pieces: 100_000, bytes: 128 * 1024 * 1024 }

export interface MemoryLogOptions {
  /** How much history is readable; by default 100,000 pieces and 128 MiB, and as much that lasts. */
  readonly bounds?: KeptBounds
}

/**
 * Opens a log that lives as long as its process. It retains no entries, only their kept news; what
 * stands in lasting streams is not forgotten before there is too much of that alone.
 */
export function openMemoryLog<Outcome extends Verdict>(
  options: MemoryLogOptions = {},
): Log<Outcome> {
  return new MemoryLog<Outcome>(options.bounds ?? BOUNDS)
}

class MemoryLog<Outcome extends Verdict> implements Log<Outcome> {
  readonly #kept: KeptNews
  readonly #times: EntryTimes
  #follower: Follower<Outcome> | undefined
  #position = 0
  #frozen = 0
  #outcomes: Outcome[] = []
  #closed = false

  constructor(bounds: KeptBounds) {
    this.#kept = new KeptNews(bounds)
    this.#times = new EntryTimes(bounds.pieces)
  }

  async start(follower: Follower<Outcome>): Promise<void> {
    follower.thaw(undefined)
    this.#follower = follower
  }

  append(draft: Draft): void {
    if (this.#follower === undefined) throw new Error('The log was appended to before it started.')
    if (this.#closed) return
    const position = this.#position + 1
    const outcome = this.#follower.execute({ ...draft, position })
    if (outcome.accepted) {
      this.#position = position
      this.#times.add(position, draft.now)
      if (outcome.kept !== undefined) this.#kept.keep(position, outcome.kept)
    }
    this.pass(outcome)
  }

  pass(outcome: Outcome): void {
    if (this.#closed) return
    if (this.#outcomes.length === 0) setImmediate(() => this.#release())
    this.#outcomes.push(outcome)
  }

  async page(query: PageQuery): Promise<Page> {
    this.#refuseWhenClosed()
    return readPage(this.#kept, query)
  }

  async count(query: CountQuery): Promise<readonly number[]> {
    this.#refuseWhenClosed()
    return countNews(this.#kept, query)
  }

  async find(stream: string, position: number): Promise<PagedNews | undefined> {
    this.#refuseWhenClosed()
    return findNews(this.#kept, stream, position)
  }

  /** Keeps no world: a restart begins with an empty one. */
  async freeze(position: number, _world: string): Promise<void> {
    this.#refuseWhenClosed()
    if (position > this.#position) throw futureError(position)
    this.#frozen = Math.max(this.#frozen, position)
  }

  async forget(position: number): Promise<void> {
    this.#refuseWhenClosed()
    this.#kept.forget(Math.min(position, this.#frozen))
  }

  /** Exact for the latest 100,000 entries; for a time before them it gives the oldest of those. */
  async positionAt(now: number): Promise<number> {
    this.#refuseWhenClosed()
    const position = this.#times.positionAt(now) ?? this.#position + 1
    return Math.max(position, this.#kept.forgotten + 1)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#release()
  }

  #release(): void {
    const outcomes = this.#outcomes
    if (outcomes.length === 0) return
    this.#outcomes = []
    this.#follower?.release(outcomes)
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw closedError()
  }
}

/** When the latest entries came, without the entries. */
class EntryTimes {
  readonly #limit: number
  readonly #times: number[] = []
  #last = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(position: number, now: number): void {
    this.#last = position
    this.#times.push(now)
    if (this.#times.length > this.#limit) this.#times.splice(0, Math.ceil(this.#limit / 10))
  }

  positionAt(now: number): number | undefined {
    if (this.#times.length === 0) return undefined
    return this.#last - this.#times.length + 1 + lowerBound(this.#times, now)
  }
}
