// Ed25519 by Node itself: fast, and strict about signatures.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Ed25519 } from './ed25519.ts'

/** The bytes before the seed in PKCS8, and before the public key in SPKI (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')

const maxKeys = 1_000
/** Parsing a key takes longer than verifying with it. */
const keys = new Map<string, KeyObject>()

export const ed25519: Ed25519 = {
  signingKey(seed) {
    const der = Buffer.concat([pkcs8Head, seed])
    const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
    return {
      publicKey: Uint8Array.from(spki.subarray(spkiHead.length)),
      sign: (bytes) => Uint8Array.from(sign(null, bytes, secret)),
    }
  },

  verify(signature, bytes, publicKey) {
    if (signature.length !== 64 || publicKey.length !== 32) return false
    return verify(null, bytes, keyObjectOf(publicKey), signature)
  },
}

function keyObjectOf(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('latin1')
  const known = keys.get(name)
  if (known) return known
  const der = Buffer.concat([spkiHead, publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  if (keys.size >= maxKeys) keys.clear()
  keys.set(name, key)
  return key
}
