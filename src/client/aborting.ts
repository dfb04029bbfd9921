// One listener for each signal, however many wait on it: Node takes more than ten for a leak, and warns.

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when the signal is aborted; never when it is already.
 *
 * @returns what ends the waiting
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? begin(signal)
  const own = () => callback()
  callbacks.add(own)
  return () => {
    callbacks.delete(own)
    if (callbacks.size > 0 || waiting.get(signal) !== callbacks) return
    waiting.delete(signal)
    signal.removeEventListener('abort', callAll)
  }
}

function begin(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(signal, callbacks)
  signal.addEventListener('abort', callAll)
  return callbacks
}

function callAll({ target }: Event): void {
  const callbacks = waiting.get(target as AbortSignal) // whose event it is
  waiting.delete(target as AbortSignal)
  for (const call of [...(callbacks ?? [])]) call()
}
