// Public keys as they come over the wire: one key has one spelling and one id, or is refused.
import { fromBase64, fromBase64Url, sha256, toBase64, toHex, utf8 } from './bytes.ts'

/** A public key in its canonical spelling. */
export interface PublicKey {
  /** The 32 bytes of RFC 8032. */
  readonly raw: Uint8Array
  /** SPKI PEM exactly as Node exports it, with a newline at its end. */
  readonly pem: string
  /** `@` and the first 16 hex digits of the fingerprint: a handle, not a proof. */
  readonly id: string
  /** The whole SHA-256 of the PEM, 64 hex digits. */
  readonly fingerprint: string
}

const MAX_PEM_LENGTH = 1024

/** The 12 bytes before each Ed25519 key in SPKI (RFC 8410), in base64: 302a300506032b6570032100. */
const SPKI_PREFIX = 'MCowBQYDK2VwAyEA'

const PEM =
  /^[ \t\r\n]*-----BEGIN PUBLIC KEY-----\r?\nMCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\r?\n-----END PUBLIC KEY-----[ \t\r\n]*$/

/**
 * The y coordinates of the points of order 1, 2, 4 and 8, also as p and p + 1 spell them; with
 * either sign bit these are the 14 encodings under which a signature can be made without a key.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/**
 * Reads a public key from PEM text: exactly one Ed25519 key in SPKI (RFC 8410), with LF or CRLF
 * and with blank space around it. A private key, another kind of key and any other spelling are
 * refused, and so is what publicKeyFromRaw refuses.
 *
 * @param pem text as a client sent it; it is neither kept nor repeated in an error
 */
export function parsePublicKey(pem: string): PublicKey | undefined {
  if (pem.length > MAX_PEM_LENGTH) return undefined
  const raw = fromBase64(PEM.exec(pem)?.[1] ?? '')
  return raw === undefined ? undefined : publicKeyFromRaw(raw)
}

/**
 * Makes a public key of its raw bytes. Refused: other lengths, y not below p = 2^255 - 19, and
 * points of small order. Whether it lies on the curve and off the torsion, isStrongPoint tells.
 *
 * @param raw 32 bytes (RFC 8032 section 5.1.2); they are copied
 */
export function publicKeyFromRaw(raw: Uint8Array): PublicKey | undefined {
  if (raw.length !== 32 || !isCanonical(raw) || hasSmallOrder(raw)) return undefined
  const pem = `-----BEGIN PUBLIC KEY-----\n${SPKI_PREFIX}${toBase64(raw)}\n-----END PUBLIC KEY-----\n`
  const fingerprint = toHex(sha256(utf8(pem)))
  return { raw: Uint8Array.from(raw), pem, id: `@${fingerprint.slice(0, 16)}`, fingerprint }
}

/**
 * Reads a public key from base64url without padding, 43 characters in canonical spelling.
 *
 * @returns undefined for another spelling, and for what publicKeyFromRaw refuses
 */
export function publicKeyFromBase64Url(text: string): PublicKey | undefined {
  if (text.length !== 43) return undefined
  const raw = fromBase64Url(text)
  return raw === undefined ? undefined : publicKeyFromRaw(raw)
}

/** Tells whether y, little-endian below the sign bit, is less than p: ed ff … ff 7f. */
function isCanonical(raw: Uint8Array): boolean {
  if (((raw[31] ?? 0) & 0x7f) !== 0x7f || (raw[0] ?? 0) < 0xed) return true
  return raw.subarray(1, 31).some((byte) => byte !== 0xff)
}

function hasSmallOrder(raw: Uint8Array): boolean {
  const y = Uint8Array.from(raw)
  y[31] = (y[31] ?? 0) & 0x7f
  return SMALL_ORDER_Y.has(toHex(y))
}
