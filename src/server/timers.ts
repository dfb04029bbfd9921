// The few timers of a server, none of which keeps the process alive or outlives it.

export interface Repeated {
  stop(): void
}

/** Does the work again and again, every so many milliseconds, never twice at once. */
export function every(
  periodMs: number,
  work: () => void | Promise<void>,
  onFault: (fault: unknown) => void,
): Repeated {
  let busy = false
  const timer = setInterval(async () => {
    if (busy) return
    busy = true
    try {
      await work()
    } catch (fault) {
      onFault(fault)
    } finally {
      busy = false
    }
  }, periodMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
