// What a PROPOSAL says, apart: what its proposer signed, and what is only the server's word.

import { type Fields, isAbsent, isOrAbsent, optionalText, textIn } from './unknown-fields.ts'

/** What a proposer signed. */
export interface SignedProposal {
  /** The target as it was signed: an id or a channel; in version 0 it may be a name. */
  readonly to: string
  readonly task: string
  /** A decimal as text; version 0 may have a number. Null when there is none, as in all that follows. */
  readonly amount: string | number | null
  readonly currency: string | null
  readonly paymentCode: string | null
  /** Text or a JSON document; always null in version 0, which does not sign them. */
  readonly terms: unknown
  /** Milliseconds since 1970 until which it can be accepted; null in version 0. */
  readonly expiresAtMs: number | null
  /** In version 0: seconds to answer it in, from when it came. */
  readonly expiresSeconds: number | null
  readonly dueSeconds: number | null
  readonly confirmSeconds: number | null
  readonly cid: string | null
  /** Milliseconds since 1970 by the proposer's clock; in version 0 by the server's, and not signed. */
  readonly at: number
}

/** Reads what was signed. `at`: milliseconds since 1970. @throws Untrue */
export function signedIn(frame: Fields, version: 'v0' | 'v1', at: number): SignedProposal {
  const isV1 = version === 'v1'
  const number = (name: string, isSigned: boolean) => {
    const value = isSigned ? frame[name] : undefined
    return typeof value === 'number' ? value : null
  }
  const { amount, terms, to, sig_to: signedTo } = frame
  return {
    to: String(isV1 ? to : (signedTo ?? to)),
    task: textIn(frame, 'task'),
    amount: typeof amount === 'string' || typeof amount === 'number' ? amount : null,
    currency: optionalText(frame, 'currency') ?? null,
    paymentCode: optionalText(frame, 'payment_code') ?? null,
    terms: isV1 ? (terms ?? null) : null,
    expiresAtMs: number('expires', isV1),
    expiresSeconds: number('sig_expires', !isV1),
    dueSeconds: number('due_seconds', isV1),
    confirmSeconds: number('confirm_seconds', isV1),
    cid: isV1 ? textIn(frame, 'cid') : null,
    at,
  }
}

/** Names the fields that say something and are the server's word. */
export function unsignedIn(frame: Fields, version: 'v0' | 'v1'): string[] {
  const uncovered = {
    v0: ['terms', 'cid', 'due_seconds', 'confirm_seconds', 'server_key'],
    v1: ['elo_stake'],
  }[version].filter((name) => !isAbsent(frame[name]))
  const isNamed = version === 'v0' && !isOrAbsent(frame.sig_to, frame.to)
  return isNamed ? ['to', ...uncovered] : uncovered
}
