// Waiting that ends: by what is waited for, by a signal, or by time; it leaves nothing behind.

import { onAbort } from './aborting.ts'
import type { WaitOptions } from './options.ts'

/** Timers count milliseconds in 31 bits; longer waits have no end. */
const longestMs = 2_147_483_647

interface Bounds extends WaitOptions {
  /** What the wait is rejected with when the time is over. */
  readonly late?: () => Error
}

/** What a wait is settled with; all calls but the first do nothing. */
export interface Settle<T> {
  resolve(value: T): void
  reject(reason: unknown): void
}

/**
 * A promise within bounds.
 *
 * @param begin begins what settles it, and returns what undoes that; it is undone in every case
 * @throws the signal's reason, or what `late` makes
 */
export function waitFor<T>(
  { signal, timeoutMs, late }: Bounds,
  begin: (settle: Settle<T>) => () => void,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    let undo: (() => void) | undefined
    let isOver = false
    const end = (settle: () => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      offSignal?.()
      undo?.()
      settle()
    }
    const timer =
      timeoutMs === undefined || timeoutMs > longestMs
        ? undefined
        : setTimeout(() => end(() => reject(late?.())), timeoutMs)
    const offSignal = signal && onAbort(signal, () => end(() => reject(signal.reason)))
    undo = begin({
      resolve: (value) => end(() => resolve(value)),
      reject: (reason) => end(() => reject(reason)),
    })
    if (isOver) undo()
  })
}

/** Waits for a time. @throws the signal's reason */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return waitFor({ signal }, ({ resolve }) => {
    const timer = setTimeout(resolve, Math.min(ms, longestMs))
    return () => clearTimeout(timer)
  })
}
