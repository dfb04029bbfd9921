// What the memory adapter keeps for history: news by position and stream, bounded.

import type { Shelf, Span, Stretch } from './pages.ts'
import { isLasting, type Kept } from './port.ts'

/** How much is kept at most in lasting streams, and as much in all others. */
export interface KeptBounds {
  readonly pieces: number
  readonly bytes: number
}

/**
 * Kept news of one process. What is lasting has bounds of its own, so that nothing else drives it
 * out. Beyond bounds the oldest tenth is forgotten at once; when that is lasting, everything as old
 * as it goes along, so that what remains in other streams has no holes.
 */
export class KeptNews implements Shelf {
  readonly #lasting: Pile
  readonly #passing: Pile

  constructor(bounds: KeptBounds) {
    this.#lasting = new Pile(bounds)
    this.#passing = new Pile(bounds)
  }

  /** Up to where streams that are not lasting have been forgotten. */
  get forgotten(): number {
    return this.#passing.forgotten
  }

  forgottenIn(stream: string): number {
    return this.#pileOf(stream).forgotten
  }

  /** Keeps one piece of news at the newest position. */
  keep(position: number, kept: Kept): void {
    const { streams } = kept
    const pile = streams.some(isLasting) ? this.#lasting : this.#passing
    pile.put(position, kept)
    for (const stream of streams) this.#pileOf(stream).place(stream, position)
    const excess = pile.excess()
    if (excess === undefined) return
    pile.forget(excess)
    this.forget(excess)
  }

  /** Forgets everything at or before a position that is not lasting. */
  forget(position: number): void {
    this.#passing.forget(position)
  }

  positions(stretch: Stretch): readonly number[] {
    return this.#pileOf(stretch.stream).positions(stretch)
  }

  count({ stream, low, high, notBy }: Span): number {
    const positions = this.positions({ stream, low, high, count: Infinity, ascending: true })
    if (notBy === undefined) return positions.length
    return positions.filter((position) => this.#piece(position)?.by !== notBy).length
  }

  news(position: number): string | undefined {
    return this.#piece(position)?.news
  }

  #piece(position: number): Piece | undefined {
    return this.#passing.piece(position) ?? this.#lasting.piece(position)
  }

  #pileOf(stream: string): Pile {
    return isLasting(stream) ? this.#lasting : this.#passing
  }
}

/** One piece of news, and who said it. */
type Piece = Pick<Kept, 'news' | 'by'>

/** News and places that are forgotten together. */
class Pile {
  readonly #bounds: KeptBounds
  /** In the order of positions, for they only ever rise. */
  readonly #pieces = new Map<number, Piece>()
  readonly #streams = new Map<string, number[]>()
  #bytes = 0
  #forgotten = 0

  constructor(bounds: KeptBounds) {
    this.#bounds = bounds
  }

  get forgotten(): number {
    return this.#forgotten
  }

  put(position: number, { news, by }: Piece): void {
    this.#pieces.set(position, by === undefined ? { news } : { news, by })
    this.#bytes += Buffer.byteLength(news)
  }

  /** The news at a place may lie in another pile. */
  place(stream: string, position: number): void {
    const positions = this.#streams.get(stream)
    if (positions === undefined) this.#streams.set(stream, [position])
    else if (positions.at(-1) !== position) positions.push(position)
  }

  forget(position: number): void {
    if (position <= this.#forgotten) return
    this.#forgotten = position
    for (const [at, { news }] of this.#pieces) {
      if (at > position) break
      this.#pieces.delete(at)
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

  piece(position: number): Piece | undefined {
    return this.#pieces.get(position)
  }

  /**
   * Up to where to forget, when there is too much; undefined when there is not. Forgetting in tenths
   * keeps the cost of one piece constant.
   */
  excess(): number | undefined {
    const { pieces, bytes } = this.#bounds
    if (this.#pieces.size <= pieces && this.#bytes <= bytes) return undefined
    let left = this.#pieces.size
    let bytesLeft = this.#bytes
    let bound: number | undefined
    for (const [position, { news }] of this.#pieces) {
      // The newest piece stays, however long it is.
      if (left === 1 || (left <= pieces * 0.9 && bytesLeft <= bytes * 0.9)) break
      left -= 1
      bytesLeft -= Buffer.byteLength(news)
      bound = position
    }
    return bound
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
