// Ed25519 where Node is absent: tweetnacl, in plain JavaScript.

import nacl from 'tweetnacl'
import type { Ed25519 } from './ed25519.ts'

export const ed25519: Ed25519 = {
  signingKey(seed) {
    const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(seed)
    return { publicKey, sign: (bytes) => nacl.sign.detached(bytes, secretKey) }
  },

  verify(signature, bytes, publicKey) {
    if (signature.length !== 64 || publicKey.length !== 32) return false
    return nacl.sign.detached.verify(bytes, signature, publicKey)
  },
}
