// What the memory adapter keeps for history: news by position and stream, bounded.

import type { Shelf, Stretch } from './pages.ts'
import type { Kept } from './port.ts'

/** How much is kept at most; beyond it the oldest tenth is forgotten at once. */
export interface KeptBounds {
  readonly pieces: number
  readonly bytes: number
}

/** Kept news of one process. */
export class KeptNews implements Shelf {
  readonly #bounds: KeptBounds
  /** In the order of positions, for they only ever rise. */
  readonly #news = new Map<number, string>()
  readonly #streams = new Map<string, number[]>()
  #bytes = 0
  #forgotten = 0

  constructor(bounds: KeptBounds) {
    this.#bounds = bounds
  }

  get forgotten(): number {
    return this.#forgotten
  }

  /** Keeps one piece of news at the newest position. */
  keep(position: number, kept: Kept): void {
    this.#news.set(position, kept.news)
    this.#bytes += Buffer.byteLength(kept.news)
    for (const stream of kept.streams) this.#place(stream, position)
    if (this.#news.size > this.#bounds.pieces || this.#bytes > this.#bounds.bytes) this.#shrink()
  }

  /** Forgets everything at or before a position. */
  forget(position: number): void {
    if (position <= this.#forgotten) return
    this.#forgotten = position
    for (const [at, news] of this.#news) {
      if (at > position) break
      this.#news.delete(at)
      this.#bytes -= Buffer.byteLength(news)
    }
    for (const [stream, positions] of this.#streams) {
      positions.splice(0, lowerBound(positions, position + 1))
      if (positions.length === 0) this.#streams.delete(stream)
    }
  }

  positions({ stream, low, high, count, ascending }: Stretch): readonly number[] {
    const positions = this.#streams.get(stream) ?? []
    const start = lowerBound(positions, low + 1)
    const end = lowerBound(positions, high)
    if (ascending) return positions.slice(start, Math.min(end, start + count))
    return positions.slice(Math.max(start, end - count), end).reverse()
  }

  news(position: number): string | undefined {
    return this.#news.get(position)
  }

  #place(stream: string, position: number): void {
    const positions = this.#streams.get(stream)
    if (positions === undefined) this.#streams.set(stream, [position])
    else if (positions.at(-1) !== position) positions.push(position)
  }

  /** Forgetting in tenths keeps the cost of one piece constant. */
  #shrink(): void {
    const pieces = this.#bounds.pieces * 0.9
    const bytes = this.#bounds.bytes * 0.9
    let left = this.#news.size
    let bytesLeft = this.#bytes
    let bound = this.#forgotten
    for (const [position, news] of this.#news) {
      // The newest piece stays, however long it is.
      if (left === 1 || (left <= pieces && bytesLeft <= bytes)) break
      left -= 1
      bytesLeft -= Buffer.byteLength(news)
      bound = position
    }
    this.forget(bound)
  }
}

/** Index of the first number in a rising list that is not less than `value`. */
export function lowerBound(rising: readonly number[], value: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
