// The full check of a public key's curve point; apart, so that only servers pay for the curve.
import { ed25519 } from '@noble/curves/ed25519.js'

/**
 * Tells whether 32 bytes are a point that one private key made: canonical, on the curve, in the
 * prime-order subgroup and not its identity (RFC 8032 section 5.1.3). About a millisecond; once
 * for each key is enough.
 *
 * @param raw an encoded public key; anything else than 32 bytes is refused
 */
export function isStrongPoint(raw: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(raw)
    return !point.isSmallOrder() && point.isTorsionFree()
  } catch {
    return false
  }
}
