// Keys of agents: made, read, checked, and signed with.

import { ed25519 } from '#ed25519'
import { fromBase64, toBase64, toBase64Url } from '../protocol/bytes.ts'
import { type PublicKey, parsePublicKey, publicKeyFromRaw } from '../protocol/keys.ts'
import { NAME } from '../protocol/names.ts'
import { IdentityError } from './errors.ts'
import { randomBytes } from './random.ts'

/** An agent's key, and what it wants to be called. A plain value: keep `privateKey` to yourself. */
export interface Identity {
  readonly name: string
  /** SPKI PEM. */
  readonly publicKey: string
  /** PKCS8 PEM. */
  readonly privateKey: string
}

/** An identity at work: it signs, and does not show its private key. */
export interface Signer {
  readonly key: PublicKey
  /** @returns the signature as base64url without padding */
  sign(bytes: Uint8Array): string
}

/** The bytes before the 32 of the seed (RFC 8410): 302e020100300506032b657004220420. */
const pkcs8Head = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)
const privatePem =
  /^[ \t\r\n]*-----BEGIN PRIVATE KEY-----\r?\n([A-Za-z0-9+/]{64})\r?\n-----END PRIVATE KEY-----[ \t\r\n]*$/

/**
 * Makes a new Ed25519 key.
 *
 * @param name what the agent wants to be called: 1 to 32 of a-z A-Z 0-9 _ -
 * @throws RangeError on any other name
 */
export function createIdentity(name: string): Identity {
  if (!NAME.test(name)) throw new RangeError('A name is 1 to 32 of a-z A-Z 0-9 _ -.')
  const seed = randomBytes(32)
  const key = publicKeyFromRaw(ed25519.signingKey(seed).publicKey)
  if (!key) throw new Error('A new key is one that the protocol refuses.')
  const der = Uint8Array.from([...pkcs8Head, ...seed])
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${toBase64(der)}\n-----END PRIVATE KEY-----\n`
  return { name, publicKey: key.pem, privateKey }
}

/**
 * Puts an identity to work.
 *
 * @throws IdentityError `bad-key` when the public key is none, such as a private one by mistake, or
 *   the private key is not that of the public one
 */
export function signerOf(identity: Identity): Signer {
  const key = parsePublicKey(identity.publicKey)
  if (!key) {
    throw badKey(`The public key of ${identity.name} is not one of Ed25519 as SPKI PEM.`)
  }
  const seed = seedOf(identity.privateKey)
  if (!seed) throw badKey(`The private key of ${identity.name} is not one of Ed25519 as PKCS8 PEM.`)
  const signing = ed25519.signingKey(seed)
  if (toBase64Url(signing.publicKey) !== toBase64Url(key.raw)) {
    throw badKey(`The two keys of ${identity.name} do not belong together.`)
  }
  return { key, sign: (bytes) => toBase64Url(signing.sign(bytes)) }
}

function seedOf(pem: string): Uint8Array | undefined {
  const der = fromBase64(privatePem.exec(pem)?.[1] ?? '')
  if (der?.length !== 48 || !pkcs8Head.every((byte, at) => der[at] === byte)) return undefined
  return der.subarray(pkcs8Head.length)
}

function badKey(message: string): IdentityError {
  return new IdentityError('bad-key', message)
}
