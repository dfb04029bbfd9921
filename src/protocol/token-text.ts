// Tokens as they are written: the secret that a program holds, and the hash that a server knows it by.

import { sha256, toHex, utf8 } from './bytes.ts'

/** `act_` and 32 random bytes as base64url. */
export const TOKEN = /^act_[A-Za-z0-9_-]{43}$/

/** What the server stores of a token: SHA-256 of the whole of it, as hex digits. */
export function tokenHash(token: string): string {
  return toHex(sha256(utf8(token)))
}
