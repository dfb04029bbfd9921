// Asking again as slowly as the server wants it.

import { RefusedError } from './errors.ts'
import { pause } from './wait.ts'

const defaultDelayMs = 1_000

/** Asks until it is not refused for haste. @throws what it throws otherwise, or the signal's reason */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (failure) {
      if (!(failure instanceof RefusedError) || failure.code !== 'RATE_LIMITED') throw failure
      await pause(failure.retryAfterMs ?? defaultDelayMs, signal)
    }
  }
}
