// I10: A signature is changed into another that still verifies, to pass as something new.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import nacl from 'tweetnacl'
import { expect, test } from 'vitest'
import { toBase64, toBase64Url } from '../../src/protocol/bytes.ts'
import { parseLegacySignature, parseSignature, signingBytes } from '../../src/protocol/signing.ts'
import { connect, keyed, makeKeys, proofV0, proofV1, serve, signedMessage } from '../wire/kit.ts'

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const publicKey = createPublicKey(privateKey)
const raw = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(12))
const bytes = signingBytes('msg', ['a'])
const signature = Uint8Array.from(sign(null, bytes, privateKey))

/** Adds a multiple of the group's order to S, the second half of a signature. */
function malleate(times: bigint): Uint8Array {
  const s = Buffer.from(signature.subarray(32)).reverse().toString('hex')
  const sum = (BigInt(`0x${s}`) + times * ORDER).toString(16).padStart(64, '0')
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(sum, 'hex').reverse()])
}

test('node:crypto refuses S + n L for every n that fits', () => {
  expect(verify(null, bytes, publicKey, malleate(0n))).toBe(true)
  for (let n = 1n; n <= 14n; n++) {
    expect(verify(null, bytes, publicKey, malleate(n))).toBe(false)
  }
})

test('tweetnacl accepts S + L, so it never verifies on a server', () => {
  expect(nacl.sign.detached.verify(bytes, malleate(1n), raw)).toBe(true)
})

test('every spelling of a signature but one is refused', () => {
  const spelled = toBase64Url(signature)
  const standard = toBase64(signature)
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spellings = [
    ...Array.from(digits, (digit) => spelled.slice(0, -1) + digit),
    `${spelled}==`,
    `${spelled}\n`,
    ` ${spelled}`,
    `${spelled.slice(0, 40)}\n${spelled.slice(40)}`,
    `${spelled}=`,
    standard,
    standard.slice(0, -2),
  ]
  const same = spellings.filter((text) => Buffer.from(text, 'base64').equals(signature))
  expect(same.length).toBeGreaterThanOrEqual(16)
  expect(same.filter((text) => parseSignature(text) !== undefined)).toEqual([spelled])
})

test('every older spelling of a signature but one is refused', () => {
  const standard = toBase64(signature)
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const spellings = [
    ...Array.from(digits, (digit) => `${standard.slice(0, -3)}${digit}==`),
    standard.slice(0, -2),
    standard.slice(0, -1),
    `${standard}\n`,
    toBase64Url(signature),
    `${toBase64Url(signature)}==`,
  ]
  const same = spellings.filter((text) => Buffer.from(text, 'base64').equals(signature))
  expect(same.length).toBeGreaterThanOrEqual(16)
  expect(new Set(same.filter((text) => parseLegacySignature(text) !== undefined))).toEqual(
    new Set([standard]),
  )
})

/** The same signature with the group's order added to S, and in another spelling of base64. */
function variants(spelled: string, encoding: 'base64' | 'base64url'): string[] {
  const bytes = Buffer.from(spelled, 'base64')
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + ORDER
  const more = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
  const malleated = Buffer.concat([bytes.subarray(0, 32), more]).toString(encoding)
  const other = encoding === 'base64' ? bytes.toString('base64url') : bytes.toString('base64')
  return [malleated, other, `${spelled}\n`, ` ${spelled}`, spelled.replace(/.$/, '')]
}

test('a server takes no changed signature, in a login of either version or in a message', async () => {
  const server = await serve({ burst: '1000', rate: '1000' })
  const keys = makeKeys()
  const nonce = 'ab'.repeat(32)
  const logins = [
    { more: {}, prove: proofV0, encoding: 'base64' },
    { more: { v: 1, nonce }, prove: proofV1, encoding: 'base64url' },
  ] as const
  for (const { more, prove, encoding } of logins) {
    for (let at = 0; at < 5; at++) {
      const peer = await connect(server)
      const asked = { type: 'IDENTIFY', name: 'alice', pubkey: keys.pem, ...more }
      const challenge = await peer.ask(asked)
      const proof = prove === proofV0 ? proofV0(keys, challenge) : proofV1(keys, challenge, nonce)
      const signature = variants(String(Reflect.get(proof, 'signature')), encoding)[at]
      expect(await peer.ask({ ...proof, signature })).toMatchObject({ code: 'VERIFICATION_FAILED' })
    }
  }
  const peer = await keyed(server, 'alice', keys)
  const message = signedMessage(keys, { to: peer.id, content: 'x' })
  for (const sig of variants(message.sig, 'base64url')) {
    expect(await peer.ask({ ...message, sig })).toMatchObject({ code: 'VERIFICATION_FAILED' })
  }
  expect(await peer.ask(message)).toMatchObject({ type: 'SENT' })
})
