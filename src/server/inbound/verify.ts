// Checks signatures off the main thread, with keys that are parsed once.

import { createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto'
import { publicKeyFromBase64Url } from '../../protocol/keys.ts'
import { limits } from '../../protocol/limits.ts'

const maxKeys = 10_000
const keys = new Map<string, KeyObject>()

/**
 * Whether the signature over the bytes was made with the key (Ed25519, RFC 8032).
 * @param key raw public key as base64url
 * @param signature 64 bytes, already parsed strictly
 */
export function isSignedBy(
  key: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const keyObject = keyObjectOf(key)
  if (!keyObject) return Promise.resolve(false)
  return new Promise((resolve, reject) => {
    verifySignature(null, bytes, keyObject, signature, (failure, genuine) => {
      if (failure) reject(failure)
      else resolve(genuine)
    })
  })
}

/** Whether a time that a client signed lies near enough to now; both are milliseconds since 1970. */
export function isTimely(ts: number, now: number): boolean {
  return ts > now - limits.behind_ms && ts < now + limits.ahead_ms
}

function keyObjectOf(key: string): KeyObject | undefined {
  const known = keys.get(key)
  if (known) return known
  const parsed = publicKeyFromBase64Url(key)
  if (!parsed) return undefined
  const keyObject = createPublicKey(parsed.pem)
  if (keys.size >= maxKeys) keys.clear()
  keys.set(key, keyObject)
  return keyObject
}
