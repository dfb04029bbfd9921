// One delivery: attempts with growing pauses, until the hook has it, refuses it, or all of them failed.

import { setTimeout as pause } from 'node:timers/promises'
import type { HookMessage } from './events.ts'

/** What one attempt came to. Reasons hold nothing that an agent wrote, and no address. */
export type Answer =
  | { readonly kind: 'taken' }
  /** It may succeed later. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  /** It never will. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Tells a hook of an event, once. It never rejects, and ends soon after `stop` is aborted. */
export type HookCall = (message: HookMessage, stop: AbortSignal) => Promise<Answer>

/** Where the pauses between attempts come from. */
export interface Patience {
  /** Resolves after so many milliseconds; rejects once the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>
  /** From 0 to below 1: attempts of several hooks do not fall together. */
  random(): number
}

/** Pauses of the machine's clock; they keep no process alive. */
export const realPatience: Patience = {
  wait: (ms, signal) => pause(ms, undefined, { signal, ref: false }),
  random: Math.random,
}

/** Pauses before the second attempt and those after it, in milliseconds. */
export const backoffMs: readonly number[] = [1_000, 5_000, 30_000, 120_000, 600_000]

/** The longest pause that a hook may ask for, in milliseconds. */
const retryAfterMostMs = 600_000

/** By how much a pause may be longer than it says, as a part of it. */
const jitter = 0.1

export interface DeliveryParts {
  readonly call: HookCall
  readonly patience: Patience
  /** Hears of each attempt, counted from 1. */
  readonly onAttempt: (attempt: number, answer: Answer) => void
}

/** How a delivery ended; undefined when it was stopped before it did. */
export type Delivery =
  | { readonly isTaken: true }
  | { readonly isTaken: false; readonly attempts: number; readonly reason: string }
  | undefined

/** Delivers a message. @param stop ends an attempt and a pause at once */
export async function deliver(
  message: HookMessage,
  { call, patience, onAttempt }: DeliveryParts,
  stop: AbortSignal,
): Promise<Delivery> {
  for (let attempt = 1; ; attempt += 1) {
    if (stop.aborted) return undefined
    const answer = await call(message, stop)
    if (answer.kind === 'taken') {
      onAttempt(attempt, answer)
      return { isTaken: true }
    }
    if (stop.aborted) return undefined
    onAttempt(attempt, answer)
    const pauseMs = backoffMs[attempt - 1]
    if (answer.kind === 'refused' || pauseMs === undefined) {
      return { isTaken: false, attempts: attempt, reason: answer.reason }
    }
    const askedMs = Math.min(answer.retryAfterMs ?? 0, retryAfterMostMs)
    const ms = Math.max(pauseMs * (1 + jitter * patience.random()), askedMs)
    await patience.wait(ms, stop).catch(() => {}) // it was stopped, as is seen above
  }
}
