// When to connect again: whether it makes sense, and how long to wait.

import { closes, refusals } from '../protocol/errors.ts'
import { ConnectionError, RefusedError } from './errors.ts'

const firstMs = 500
const mostMs = 30_000

const closings = new Map<number, boolean>(
  Object.values(closes).map(({ code, reconnect }) => [code, reconnect]),
)
/** Refusals of a login that pass: haste, faults, what other sessions take up, a challenge that came too late. */
const passing = new Set<string>([
  ...Object.entries(refusals).flatMap(([code, { retry }]) => (retry ? [code] : [])),
  'LIMIT_REACHED',
  'VERIFICATION_EXPIRED',
])

/**
 * Full jitter: any time up to a bound that doubles with each attempt, so that not all come at once.
 *
 * @param attempt from 1
 * @param leastMs what the server asked for, kept in any case
 * @param chance a number from 0 up to, and without, 1
 */
export function backoffMs(attempt: number, leastMs: number, chance = Math.random()): number {
  const bound = Math.min(mostMs, firstMs * 2 ** (attempt - 1))
  return Math.round(leastMs + chance * bound)
}

/** Whether connecting again would fail the same way. */
export function isFinal(failure: unknown): boolean {
  if (failure instanceof RefusedError) return !passing.has(failure.code)
  if (!(failure instanceof ConnectionError) || failure.reason === 'nonsense') return true
  return closings.get(failure.closeCode ?? 0) === false
}
