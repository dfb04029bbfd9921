// Bytes and their spellings: hashes, UTF-8, hex and strict base64, the same in Node and browsers.
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { base64, base64urlnopad } from '@scure/base'

const encoder = new TextEncoder()

/**
 * Hashes bytes (SHA-256, FIPS 180-4).
 *
 * @returns 32 bytes
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

/** Tells whether every surrogate in a text is one of a pair. */
export function isWellFormed(text: string): boolean {
  // Node 20 and current browsers have this method; the es2023 types do not tell of it.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

/**
 * Encodes text as UTF-8.
 *
 * @throws RangeError on a lone surrogate: it would become U+FFFD, and two texts one spelling
 */
export function utf8(text: string): Uint8Array {
  if (!isWellFormed(text)) throw new RangeError('Text with a lone surrogate has no UTF-8.')
  return encoder.encode(text)
}

/** Spells bytes as lower-case hex digits. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/** Spells bytes as base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes)
}

/**
 * Reads base64url without padding, in its one canonical spelling.
 *
 * @returns the bytes; undefined for padding, whitespace, stray bits or any other spelling
 */
export function fromBase64Url(text: string): Uint8Array | undefined {
  return decodeStrictly(base64urlnopad, text)
}

/** Spells bytes as standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes)
}

/**
 * Reads standard base64 with padding, in its one canonical spelling.
 *
 * @returns the bytes; undefined for missing padding, whitespace, stray bits or any other spelling
 */
export function fromBase64(text: string): Uint8Array | undefined {
  return decodeStrictly(base64, text)
}

interface Coder {
  readonly encode: (bytes: Uint8Array) => string
  readonly decode: (text: string) => Uint8Array
}

/** Encodes again and compares, for decoders differ in what they forgive. */
function decodeStrictly(coder: Coder, text: string): Uint8Array | undefined {
  try {
    const bytes = coder.decode(text)
    return coder.encode(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}
