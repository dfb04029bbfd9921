// When listening ends by itself: after a time, or when nothing came for a while.

export type EndReason = 'timeout' | 'idle' | 'interrupted'

interface Bounds {
  readonly timeoutMs: number | undefined
  readonly idleMs: number | undefined
  /** That of the run. */
  readonly signal: AbortSignal
}

export class Deadline {
  private readonly controller = new AbortController()
  private readonly bounds: Bounds
  private readonly timeout: NodeJS.Timeout | undefined
  private idle: NodeJS.Timeout | undefined
  private ended: EndReason | undefined
  private readonly interrupt = () => this.end('interrupted')

  constructor(bounds: Bounds) {
    this.bounds = bounds
    this.timeout = after(bounds.timeoutMs, () => this.end('timeout'))
    bounds.signal.addEventListener('abort', this.interrupt)
    this.touch()
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Why it is over; undefined while it is not. */
  get reason(): EndReason | undefined {
    return this.ended
  }

  /** Something came: the time without anything begins anew. */
  touch(): void {
    clearTimeout(this.idle)
    this.idle = after(this.bounds.idleMs, () => this.end('idle'))
  }

  /** Lets go of its timers. */
  stop(): void {
    clearTimeout(this.timeout)
    clearTimeout(this.idle)
    this.bounds.signal.removeEventListener('abort', this.interrupt)
  }

  private end(reason: EndReason): void {
    this.ended ??= reason
    this.controller.abort()
  }
}

function after(ms: number | undefined, act: () => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(act, ms)
}
