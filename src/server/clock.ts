// The time that entries and frames are stamped with: strictly increasing, whatever the machine's clock does.

export class Clock {
  private readonly read: () => number
  private last = 0

  /** @param read milliseconds since 1970 */
  constructor(read: () => number = Date.now) {
    this.read = read
  }

  /** Never stamps at or before this time again. */
  startAfter(now: number): void {
    this.last = Math.max(this.last, now)
  }

  /** Milliseconds since 1970; thousandths tell apart what falls into one millisecond. */
  stamp(): number {
    const now = this.read()
    this.last = now > this.last ? now : Math.round((this.last + 0.001) * 1_000) / 1_000
    return this.last
  }

  /** Milliseconds since 1970, as the machine says. */
  now(): number {
    return this.read()
  }
}
