// How a server ends: once, because it was told to or because its log failed, and whoever waits hears why.

export class Ending {
  readonly promise: Promise<void>
  private resolve: () => void = () => {}
  private reject: (failure: Error) => void = () => {}
  private listeners: ((failure: Error) => void)[] = []
  private failure: Error | undefined

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever waits for the end hears of a failure; nobody has to wait.
    this.promise.catch(() => {})
  }

  onFail(listener: (failure: Error) => void): void {
    this.listeners.push(listener)
    if (this.failure) listener(this.failure)
  }

  fail(failure: Error): void {
    this.failure = failure
    for (const listener of this.listeners) listener(failure)
    this.reject(failure)
  }

  finish(): void {
    this.resolve()
  }
}

/** The work, done once, however often it is asked for. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}
