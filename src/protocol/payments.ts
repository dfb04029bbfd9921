// Payment codes in proposals: what is refused, and what was found out of the rest; no money moves.
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58, createBase58check } from '@scure/base'
import { sha256 } from './bytes.ts'
import { refuse } from './errors.ts'

/** What was found out of a payment code; `checked: false` when it is stored as given. */
export type PaymentCheck =
  | { readonly scheme: 'bip47'; readonly checked: true }
  | { readonly scheme: 'solana'; readonly checked: true; readonly on_curve: boolean }
  | { readonly scheme: string; readonly checked: false }

const BASE58 = /^[1-9A-HJ-NP-Za-km-z]+$/
const BARE_SOLANA = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
const SCHEME_AND_VALUE = /^([a-z][a-z0-9-]{0,31}):[\x21-\x7e]{1,500}$/

/**
 * How BIP47 codes begin: PM8T and PM8U in version 1, PMCb and PMCc in version 2, the second of
 * each with the bit for Bitmessage. The first letters spell these bytes and nothing of the key.
 */
const BARE_BIP47 = /^PM(8[TU]|C[bc])/

/** From here on a text of the older wire can only be meant as a BIP47 code. */
const LENIENT_BIP47_LENGTH = 100

/** Each 85 bytes that begin with 0x47 are spelled in so many letters. */
const BIP47_LETTERS = 116
const BIP47_BYTES = 81
const BITMESSAGE_BIT = 1

const base58check = createBase58check(sha256)

/**
 * Checks where a proposal says to pay, so that a slip of the hand is found before anybody pays
 * there. A BIP47 code, bare or after `bip47:`, is checked as the BIP says, and a Solana address,
 * bare or after `solana:`, as far as one can be; any other code is `scheme:value` and is stored as
 * given. A bare text that begins as BIP47 codes do is never taken for a Solana address. Whose a
 * code is, no check tells.
 *
 * @param lenient true for codes from the older wire, whose clients put any text here: then only
 *   what clearly tries to be one of the two is checked, and all else is stored as given
 * @throws Refusal INVALID_MSG with one sentence that gives the reason
 */
export function checkPaymentCode(code: string, lenient = false): PaymentCheck {
  if (code.startsWith('bip47:')) return checkBip47(code.slice('bip47:'.length))
  if (code.startsWith('solana:')) return checkSolana(code.slice('solana:'.length))

  const isBip47 = BARE_BIP47.test(code)
  if (isBip47 && (!lenient || code.length >= LENIENT_BIP47_LENGTH)) return checkBip47(code)
  if (!isBip47 && isLikeSolana(code, lenient)) return checkSolana(code)

  const scheme = SCHEME_AND_VALUE.exec(code)?.[1] ?? (lenient ? 'unknown' : undefined)
  if (scheme !== undefined) return { scheme, checked: false }
  return refuse(
    'INVALID_MSG',
    'Write a payment code as `scheme:value`, a scheme of a-z 0-9 - and 1 to 500 printable ASCII characters without blanks; only a BIP47 code and a Solana address may stand alone.',
  )
}

/**
 * A payment code of version 1 or 2 (BIP 47, Binary and Base58 Serialization): version 2 differs in
 * its version byte alone; later versions are laid out in another way. The double SHA-256 of
 * Base58Check finds every slip but one of 2^32.
 */
function checkBip47(text: string): PaymentCheck {
  if (!BASE58.test(text)) refuseBip47('it holds a character that base58 has not, such as 0 O I l')
  if (text.length !== BIP47_LETTERS) {
    refuseBip47(`it has ${text.length} letters where ${BIP47_LETTERS} are needed`)
  }
  const bytes = withoutChecksum(text)
  if (bytes === undefined) return refuseBip47('its checksum is wrong: a letter was changed')
  if (bytes.length !== BIP47_BYTES) refuseBip47('it does not hold 80 bytes')
  if (bytes[0] !== 0x47) refuseBip47('its first byte is that of another kind of code')
  checkBip47Payload(bytes.subarray(1))
  return { scheme: 'bip47', checked: true }
}

/** @param payload 80 bytes, numbered as in the BIP */
function checkBip47Payload(payload: Uint8Array): void {
  const [version, features = 0, sign] = payload
  if (version !== 1 && version !== 2) refuseBip47(`its version is ${version}, not 1 or 2`)
  if ((features & ~BITMESSAGE_BIT) !== 0) refuseBip47('it sets a feature bit that is reserved')
  if (sign !== 2 && sign !== 3) refuseBip47('the sign of its key is neither 02 nor 03')
  if (!isOnSecp256k1(payload.subarray(2, 35))) refuseBip47('its key is no point of secp256k1')
  // With the bit for Bitmessage, bytes 67 and 68 are the version and stream of an address there.
  const reserved = payload.subarray((features & BITMESSAGE_BIT) === 0 ? 67 : 69)
  if (reserved.some((byte) => byte !== 0)) refuseBip47('its reserved bytes are not zero')
}

/** Base58Check: the bytes without their checksum; undefined when it is not theirs. */
function withoutChecksum(text: string): Uint8Array | undefined {
  try {
    return base58check.decode(text)
  } catch {
    return undefined
  }
}

/** @param compressed 33 bytes, the first of them 02 or 03 (SEC 1 section 2.3.4) */
function isOnSecp256k1(compressed: Uint8Array): boolean {
  try {
    secp256k1.Point.fromBytes(compressed)
    return true
  } catch {
    return false
  }
}

function refuseBip47(reason: string): never {
  return refuse('INVALID_MSG', `This is no BIP47 payment code: ${reason}.`)
}

/** Addresses of other chains are base58 too, and far shorter: those of Bitcoin spell 25 bytes. */
function isLikeSolana(code: string, lenient: boolean): boolean {
  return BARE_SOLANA.test(code) && !(lenient && base58.decode(code).length < 30)
}

/**
 * A Solana address: 32 bytes in base58, and no checksum. So only letters too many, too few or not
 * of base58 are found; a letter that was changed gives another address, which passes.
 */
function checkSolana(text: string): PaymentCheck {
  if (!BASE58.test(text)) refuseSolana('it holds a character that base58 has not, such as 0 O I l')
  if (!BARE_SOLANA.test(text)) {
    refuseSolana(`it has ${text.length} letters where 32 to 44 are needed`)
  }
  const bytes = base58.decode(text)
  if (bytes.length !== 32) refuseSolana(`it spells ${bytes.length} bytes where 32 are needed`)
  return { scheme: 'solana', checked: true, on_curve: isOnSolanaCurve(bytes) }
}

/**
 * Tells whether Solana takes 32 bytes for a point: `bytes_are_curve_point`, which is decompress of
 * curve25519-dalek. Off the curve lie the addresses that programs derive; no key signs for them.
 * It forgives more than RFC 8032 section 5.1.3: a y from p = 2^255 - 19 up is reduced, and x = 0
 * may have its sign set. That is decoding by ZIP 215, and no order is looked at: the system
 * program, 32 zero bytes, is a point of order 4.
 */
function isOnSolanaCurve(bytes: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(bytes, true)
    return true
  } catch {
    return false
  }
}

function refuseSolana(reason: string): never {
  return refuse(
    'INVALID_MSG',
    `This is no Solana address: ${reason}; write a code of another kind as \`scheme:value\`.`,
  )
}
