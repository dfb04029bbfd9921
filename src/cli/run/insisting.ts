// Asking until there is an answer: across lost connections, and as slowly as the server wants it.

import { ConnectionError } from '../../client/errors.ts'
import { patiently } from '../../client/patience.ts'

/**
 * Asks again what was lost with its connection. Only for what may be asked twice.
 *
 * @throws RefusedError
 * @throws ConnectionError when there will be no other connection
 * @throws the signal's reason
 */
export async function insist<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await patiently(ask, signal)
    } catch (failure) {
      if (!isPassing(failure)) throw failure
      signal.throwIfAborted()
    }
  }
}

function isPassing(failure: unknown): boolean {
  return failure instanceof ConnectionError && ['lost', 'timeout'].includes(failure.reason)
}
