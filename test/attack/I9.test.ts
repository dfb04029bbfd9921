// I9: A weak public key (of small or mixed order) is registered, under which anything verifies.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, test } from 'vitest'
import { parsePublicKey, publicKeyFromRaw } from '../../src/protocol/keys.ts'
import { isStrongPoint } from '../../src/protocol/point.ts'
import { connect, serve } from '../wire/kit.ts'

const { Point } = ed25519
const P = 2n ** 255n - 19n

const littleEndian = (number: bigint) =>
  Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()
const bothSigns = (y: bigint) => [littleEndian(y), littleEndian(y + 2n ** 255n)]
const decode = (encoded: Uint8Array) => Point.fromBytes(Uint8Array.from(encoded), true)
const pemOf = (raw: Uint8Array) => {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`
}

const octal = decode(
  Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'),
)
const torsion = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => octal.multiplyUnsafe(n))
const smallY = new Set([1n, ...torsion.map((point) => point.y)])
const small = [...smallY, P, P + 1n].flatMap(bothSigns)

function refused(raw: Uint8Array) {
  expect(publicKeyFromRaw(raw)).toBeUndefined()
  expect(parsePublicKey(pemOf(raw))).toBeUndefined()
  expect(isStrongPoint(raw)).toBe(false)
}

describe('refused', () => {
  test('the 14 encodings of points of small order', () => {
    expect(new Set(small.map((raw) => raw.toString('hex'))).size).toBe(14)
    for (const raw of small) {
      expect(decode(raw).isSmallOrder()).toBe(true)
      refused(raw)
    }
  })

  test('every encoding whose y is not below p', () => {
    for (let y = P; y < 2n ** 255n; y++) for (const raw of bothSigns(y)) refused(raw)
  })

  test.each([1n, 2n, 12_345n, 2n ** 250n + 7n])(
    'a point of mixed order, %i times the base plus torsion',
    (scalar) => {
      const strong = Point.BASE.multiply(scalar)
      expect(isStrongPoint(strong.toBytes())).toBe(true)
      for (const point of torsion) {
        const raw = strong.add(point).toBytes()
        expect(publicKeyFromRaw(raw)?.raw).toEqual(raw)
        expect(isStrongPoint(raw)).toBe(false)
      }
    },
  )
})

test('keys whose y is just below p, or near a weak one, are left to the full check', () => {
  for (const y of [P - 2n, P - 3n, 2n, 3n, 2n ** 255n - 20n - 2n ** 9n]) {
    expect(publicKeyFromRaw(littleEndian(y))).toBeDefined()
  }
})

test('a server challenges nobody for a weak key of small order', async () => {
  const peer = await connect(await serve())
  for (const raw of small) {
    for (const more of [{}, { v: 1, nonce: 'ab'.repeat(32) }]) {
      const asked = { type: 'IDENTIFY', name: 'weak', pubkey: pemOf(raw), ...more }
      expect(await peer.ask(asked)).toMatchObject({ type: 'ERROR', code: 'INVALID_MSG' })
    }
  }
})

/** A signature that stands although the key has mixed order: where the hash is a multiple of eight the torsion is gone. */
function signMixed(raw: Uint8Array, scalar: bigint, message: string): Buffer {
  const { ORDER } = Point.Fn
  for (let nonce = 1n; ; nonce++) {
    const point = Point.BASE.multiply(nonce).toBytes()
    const digest = createHash('sha512').update(point).update(raw).update(message).digest()
    const hash = BigInt(`0x${digest.reverse().toString('hex')}`) % ORDER
    if (hash % 8n === 0n)
      return Buffer.concat([point, littleEndian((nonce + hash * scalar) % ORDER)])
  }
}

test('a server lets nobody in with a key of mixed order, though a signature with it stands', async () => {
  const peer = await connect(await serve())
  const raw = Point.BASE.multiply(7n).add(octal).toBytes()
  const challenge = await peer.ask({ type: 'IDENTIFY', name: 'weak', pubkey: pemOf(raw) })
  const { nonce, challenge_id } = challenge
  const timestamp = Date.now()
  const text = `AGENTCHAT_AUTH|${nonce}|${challenge_id}|${timestamp}`
  const signature = signMixed(raw, 7n, text)
  expect(verify(null, Buffer.from(text), createPublicKey(pemOf(raw)), signature)).toBe(true)
  const proof = { challenge_id, signature: signature.toString('base64'), timestamp }
  expect(await peer.ask({ type: 'VERIFY_IDENTITY', ...proof })).toMatchObject({
    code: 'VERIFICATION_FAILED',
  })
})
