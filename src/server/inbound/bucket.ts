// Token buckets: two numbers each, filled by the passing of time, without timers.

/** How much at once, and how much for ever. */
export interface BucketSize {
  readonly burst: number
  readonly perSecond: number
}

export class TokenBucket {
  private readonly size: BucketSize
  private level: number
  private at: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(size: BucketSize, now: number) {
    this.size = size
    this.level = size.burst
    this.at = now
  }

  /**
   * Takes tokens if they are there.
   * @returns 0 when they were, otherwise after how many milliseconds they will be; nothing is taken then
   */
  take(tokens: number, now: number): number {
    const waitMs = this.wait(tokens, now)
    if (waitMs === 0) this.level -= tokens
    return waitMs
  }

  /** Milliseconds until so many tokens are there; 0 when they are. Takes nothing. */
  wait(tokens: number, now: number): number {
    const { burst, perSecond } = this.size
    this.level = Math.min(burst, this.level + ((now - this.at) / 1_000) * perSecond)
    this.at = now
    return this.level >= tokens ? 0 : Math.ceil(((tokens - this.level) / perSecond) * 1_000)
  }

  /** True when it is as full as a new one, so that it need not be remembered. */
  isFull(now: number): boolean {
    return this.level + ((now - this.at) / 1_000) * this.size.perSecond >= this.size.burst
  }
}

/** Buckets of one size, by whose they are. */
export class Buckets {
  private readonly size: BucketSize
  private readonly buckets = new Map<string, TokenBucket>()

  constructor(size: BucketSize) {
    this.size = size
  }

  of(owner: string, now: number): TokenBucket {
    const known = this.buckets.get(owner)
    if (known) return known
    const bucket = new TokenBucket(this.size, now)
    this.buckets.set(owner, bucket)
    return bucket
  }

  /** Forgets those that are full again. */
  sweep(now: number): void {
    for (const [owner, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(owner)
  }
}
