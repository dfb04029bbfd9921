// New tokens: the secret is made here, and the server is told its hash only.

import { toBase64Url } from '../protocol/bytes.ts'
import { tokenHash } from '../protocol/token-text.ts'
import { randomBytes } from './random.ts'

/** A secret that becomes a token once CREATE_TOKEN has told the server its hash. */
export interface NewToken {
  /** What whoever uses it has to know: keep it like a key. */
  readonly token: string
  /** SHA-256 of it as hex digits, for CREATE_TOKEN. */
  readonly hash: string
}

/** Makes a token of 256 random bits. */
export function createToken(): NewToken {
  const token = `act_${toBase64Url(randomBytes(32))}`
  return { token, hash: tokenHash(token) }
}
