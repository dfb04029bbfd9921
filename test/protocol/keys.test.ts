// Public keys: what is refused, and that the rest is spelled and named as Node spells it.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fromBase64,
  fromBase64Url,
  sha256,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from '../../src/protocol/bytes.ts'
import {
  parsePublicKey,
  publicKeyFromBase64Url,
  publicKeyFromRaw,
} from '../../src/protocol/keys.ts'
import { isStrongPoint } from '../../src/protocol/point.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const pem = String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }))
const raw = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'
const body = pem.split('\n')[1] ?? ''

describe('refused as a public key', () => {
  test.each([
    ['an empty text', ''],
    ['text before it', `x${pem}`],
    ['text behind it', `${pem}x`],
    ['a second key behind it', pem + pem],
    ['a body in two lines', pem.replace(body, `${body.slice(0, 30)}\n${body.slice(30)}`)],
    ['spaces in the body', pem.replace(body, `${body.slice(0, 30)} ${body.slice(30)}`)],
    ['a body without padding', pem.replace('=', '')],
    ['stray bits in the last digit', pem.replace(/.=\n/, 'h=\n')],
    ['base64url digits', pem.replace('v/P', 'v_P')],
    ['lone carriage returns', pem.replaceAll('\n', '\r')],
    ['a header between the lines', pem.replace('\n', '\nProc-Type: 4\n')],
    ['the label of another kind', pem.replaceAll('PUBLIC KEY', 'ED25519 PUBLIC KEY')],
    ['the prefix of X25519', pem.replace('K2Vw', 'K2Vu')],
    ['a byte order mark', `\ufeff${pem}`],
    ['a megabyte of blanks', ' '.repeat(1_000_000) + pem],
  ])('%s', (_what, text) => {
    expect(parsePublicKey(text)).toBeUndefined()
  })

  test.each(['rsa', 'ed448', 'x25519', 'ec'] as const)('a key of kind %s', (kind) => {
    const options = { modulusLength: 2048, namedCurve: 'P-256' }
    // The overloads of generateKeyPairSync ask for one kind at a time; these options serve all four.
    const { publicKey } = generateKeyPairSync(kind as 'ec', options)
    expect(parsePublicKey(String(publicKey.export({ type: 'spki', format: 'pem' })))).toBe(
      undefined,
    )
  })

  test.each([0, 31, 33, 44])('%i raw bytes', (length) => {
    expect(publicKeyFromRaw(new Uint8Array(length).fill(7))).toBeUndefined()
  })

  test.each([`${raw}=`, `${raw.slice(0, 42)}h`, raw.replace('_', '/'), raw.slice(1), ''])(
    'the base64url %s',
    (text) => {
      expect(publicKeyFromBase64Url(text)).toBeUndefined()
    },
  )

  test('as a strong point: bytes that are no point of the curve', () => {
    expect(isStrongPoint(new Uint8Array(32).fill(2))).toBe(false)
    expect(isStrongPoint(new Uint8Array(31))).toBe(false)
    expect(isStrongPoint(new Uint8Array(33))).toBe(false)
  })
})

describe('accepted', () => {
  test('the test vector of protocol.md', () => {
    const key = publicKeyFromBase64Url(raw)
    expect(key?.id).toBe('@f0ff50dacf109dea')
    expect(key?.fingerprint).toBe(toHex(sha256(utf8(pem))))
    expect(key?.pem).toBe(pem)
    expect(toBase64Url(key?.raw ?? new Uint8Array())).toBe(raw)
    expect(parsePublicKey(pem)).toEqual(key)
    expect(isStrongPoint(key?.raw ?? new Uint8Array())).toBe(true)
  })

  test('fresh keys of Node, spelled as Node spells them', () => {
    for (let i = 0; i < 50; i++) {
      const { publicKey } = generateKeyPairSync('ed25519')
      const text = String(publicKey.export({ type: 'spki', format: 'pem' }))
      const der = publicKey.export({ type: 'spki', format: 'der' })
      const key = parsePublicKey(text)
      expect(key?.pem).toBe(text)
      expect(toHex(key?.raw ?? new Uint8Array())).toBe(der.subarray(12).toString('hex'))
      expect(isStrongPoint(der.subarray(12))).toBe(true)
    }
  })

  test('the bytes are a copy', () => {
    const bytes = fromBase64Url(raw) ?? new Uint8Array()
    const key = publicKeyFromRaw(bytes)
    bytes.fill(0)
    expect(toBase64Url(key?.raw ?? new Uint8Array())).toBe(raw)
  })
})

describe('base64', () => {
  test.each(['=', 'A', 'AA', 'AA=', 'AA==\n', ' AA==', 'AB==', 'AA===', 'A_==', 'AAAA=', 'é'])(
    'the standard spelling %j is refused',
    (text) => {
      expect(fromBase64(text)).toBeUndefined()
    },
  )

  test.each(['=', 'A', 'AA=', 'AA==', 'AA\n', ' AA', 'AB', 'A/', 'A+', 'AAAAA', 'é'])(
    'the url spelling %j is refused',
    (text) => {
      expect(fromBase64Url(text)).toBeUndefined()
    },
  )

  test('bytes are spelled as Buffer spells them, and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        expect(toBase64(bytes)).toBe(buffer.toString('base64'))
        expect(toBase64Url(bytes)).toBe(buffer.toString('base64url'))
        expect(toHex(bytes)).toBe(buffer.toString('hex'))
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
      }),
    )
  })
})
