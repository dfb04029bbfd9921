// A follower that remembers, and what tests give it to follow.

import type { Draft, Entry } from '../../../src/core/entry.ts'
import type { Follower, Kept, Log, PageQuery, Verdict } from '../../../src/log/port.ts'

/** An outcome that carries what it answers to. */
export interface Told extends Verdict {
  readonly label: string
}

/** Where one log lies; a contract test opens it, closes it, and may open it again. */
export interface LogPlace {
  open(): Promise<Log<Told>>
  /** True when a log that was closed is there again when it is opened. */
  readonly isDurable: boolean
  remove(): Promise<void>
}

/** What a test of the contract works with; the log is another one after a restart. */
export interface Stage {
  readonly place: LogPlace
  readonly log: Log<Told>
  readonly told: Recorder
  restart(): Promise<void>
}

/** A follower that writes down what the log asks of it. */
export class Recorder implements Follower<Told> {
  readonly entries: Entry[] = []
  readonly releases: string[][] = []
  /** Everything in the order in which it came. */
  readonly calls: string[] = []
  world: string | undefined
  #wanted: { count: number; resolve: () => void } | undefined

  thaw(world: string | undefined): void {
    this.world = world
    this.calls.push('thaw')
  }

  execute(entry: Entry): Told {
    const { label, refused, kept } = entry.fields as {
      label: string
      refused?: boolean
      kept?: Kept
    }
    this.calls.push(`execute ${label}`)
    if (refused === true) return { accepted: false, label }
    this.entries.push(entry)
    return kept === undefined ? { accepted: true, label } : { accepted: true, label, kept }
  }

  release(outcomes: readonly Told[]): void {
    const labels = outcomes.map((outcome) => outcome.label)
    this.releases.push(labels)
    this.calls.push(`release ${labels.join(' ')}`)
    if (this.#wanted && this.released.length >= this.#wanted.count) this.#wanted.resolve()
  }

  get released(): string[] {
    return this.releases.flat()
  }

  /** Resolves when so many outcomes have been released since the start. */
  hasReleased(count: number): Promise<void> {
    if (this.released.length >= count) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wanted = { count, resolve }
    })
  }
}

let clock = 1_700_000_000_000

/** A draft, a millisecond later than the one before. */
export function draft(label: string, fields: Record<string, unknown> = {}): Draft {
  clock += 1
  return { type: 'MSG', session: 's-1', fields: { label, ...fields }, now: clock }
}

/** A draft that leaves news in streams. */
export function news(label: string, ...streams: string[]): Draft {
  return draft(label, { kept: { streams, news: `{"said":"${label}"}` } })
}

/** A draft that leaves what an agent said in streams. */
export function saying(by: string, label: string, ...streams: string[]): Draft {
  return draft(label, { kept: { streams, news: `{"said":"${label}"}`, by } })
}

/** The end of the turn of the event loop, after what was put there before. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Opens the log of a place and starts it with a new recorder. */
export async function start(place: LogPlace): Promise<{ log: Log<Told>; told: Recorder }> {
  const log = await place.open()
  const told = new Recorder()
  await log.start(told)
  return { log, told }
}

/** A query with everything that a test does not care about. */
export function query(streams: Record<string, number>, more: Partial<PageQuery> = {}): PageQuery {
  const wanted = Object.entries(streams).map(([stream, after]) => ({ stream, after }))
  return { streams: wanted, from: 'earliest', limit: 100, maxBytes: 100_000, ...more }
}
