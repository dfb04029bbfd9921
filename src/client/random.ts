// Chance from the system's generator, in the spellings that the protocol wants.

import { toHex } from '../protocol/bytes.ts'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The largest multiple of 62 in a byte: what lies above would make some digits likelier than others. */
const fairBelow = 248
const cidDigits = 22

export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}

/** 32 random bytes as hex digits, for a login. */
export function loginNonce(): string {
  return toHex(randomBytes(32))
}

/** A new `cid`: 22 digits of base 62, which is 131 bits. */
export function randomCid(): string {
  let cid = ''
  while (cid.length < cidDigits) {
    for (const byte of randomBytes(cidDigits)) {
      if (byte < fairBelow && cid.length < cidDigits) cid += digits.charAt(byte % digits.length)
    }
  }
  return cid
}
