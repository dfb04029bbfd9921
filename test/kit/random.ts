// Chance that repeats: the same seed gives the same numbers on every machine.

export interface Random {
  readonly seed: number
  /** A whole number from 0 up to, and without, the bound. */
  below(bound: number): number
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** True once in so many times. */
  oneIn(times: number): boolean
  /** Random bytes. */
  bytes(count: number): Uint8Array
  /** A text of the letters, of this length. */
  text(letters: string, length: number): string
}

/** Makes a generator (mulberry32). Not for secrets. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound)
  return {
    seed,
    below,
    pick<T>(list: readonly T[]): T {
      const index = below(list.length)
      if (list.length === 0) throw new RangeError('There is nothing to pick from.')
      return list[index] as T // the index is inside the list
    },
    oneIn: (times) => below(times) === 0,
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
    text: (letters, length) =>
      Array.from({ length }, () => letters.charAt(below(letters.length))).join(''),
  }
}
