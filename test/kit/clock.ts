// A clock that stands still until it is told to move.

export interface HandClock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  advance(ms: number): void
}

/** Stands at a moment of 2025 unless another is given. */
export function handClock(start = 1_764_000_000_000): HandClock {
  let time = start
  return {
    now: () => time,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError('Time does not run backwards.')
      time += ms
    },
  }
}
