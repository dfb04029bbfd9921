// The bytes that are signed: refusals, the test vector by three implementations, each purpose.
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import { sha256, toBase64, toBase64Url } from '../../src/protocol/bytes.ts'
import {
  challengeBytes,
  hashText,
  legacyLoginText,
  legacyMessageText,
  legacyVerifyText,
  loginBytes,
  messageBytes,
  parseLegacySignature,
  parseSignature,
  peerVerifyBytes,
  signingBytes,
} from '../../src/protocol/signing.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const signature =
  'EHiZ7v_IFqJMFDzEhPTC_mYkAAu5gvhnfy2Wbnx0mGzIw4kAo1nmMt6Rs8svoc9a0foipXTf94KU8mR3RCDOCg'
const vector = signingBytes('msg', [
  'chat.example',
  '#general',
  'ac1nkyiir2sw7m5alj4ayhycajyb4fqi4fr',
  'k1hoddgtqdbj6llr3q',
  '01JD8Z6W0V8J2K8QWJ7W2F9N3H',
  '1795518162123',
  'text',
  undefined,
  hashText('h\u00e9llo'),
  undefined,
  undefined,
])

const challenge = {
  server: 'chat.example',
  serverKey: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg',
  serverNonce: '00'.repeat(32),
  clientNonce: '11'.repeat(32),
  time: 1795518162123,
  versions: ['1', '0'],
}
const login = { ...challenge, agent: '@f0ff50dacf109dea' }
const message = {
  server: 'chat.example',
  target: '#general',
  agent: '@f0ff50dacf109dea',
  cid: '01JD8Z6W0V8J2K8QWJ7W2F9N3H',
  ts: 1795518162123,
  kind: 'text',
  content: 'h\u00e9llo',
}
const text = (bytes: Uint8Array) => {
  expect(bytes[0]).toBe(0xff)
  return Buffer.from(bytes.subarray(1)).toString('ascii')
}

describe('refused', () => {
  test.each(['', '-', 'a b', 'a\n', 'a\nb', 'é', '\x7f', '\0', 'a'.repeat(513)])(
    'the field %j',
    (field) => {
      expect(() => signingBytes('msg', ['a', field])).toThrow(RangeError)
    },
  )

  test.each(['', 'MSG', 'msg\n', 'a/b', 'a b'])('the purpose %j', (purpose) => {
    expect(() => signingBytes(purpose, [])).toThrow(RangeError)
  })

  test.each([Number.NaN, 1.5, -1, 1e21, Number.POSITIVE_INFINITY])('the time %d', (time) => {
    expect(() => challengeBytes({ ...challenge, time })).toThrow(RangeError)
    expect(() => loginBytes({ ...login, time })).toThrow(RangeError)
    expect(() => messageBytes({ ...message, ts: time })).toThrow(RangeError)
  })

  test.each([[[]], [['']], [['1,0']], [['1', 'a b']]])('the versions %j', (versions) => {
    expect(() => loginBytes({ ...login, versions })).toThrow(RangeError)
  })

  test('a message that answers "-"', () => {
    expect(() => messageBytes({ ...message, inReplyTo: '-' })).toThrow(/absent/)
  })

  test.each([
    ['padding', `${signature}==`],
    ['standard digits', signature.replaceAll('_', '/')],
    ['stray bits in the last digit', `${signature.slice(0, -1)}h`],
    ['a character too few', signature.slice(1)],
    ['a line feed at the end', `${signature.slice(1)}\n`],
    ['nothing', ''],
  ])('a signature with %s', (_what, spelled) => {
    expect(parseSignature(spelled)).toBeUndefined()
  })

  test.each([
    ['no padding', signature.replaceAll('_', '/')],
    ['url digits', `${signature}==`],
    ['65 bytes', toBase64(new Uint8Array(65))],
    ['66 bytes', toBase64(new Uint8Array(66))],
    ['stray bits in the last digit', `${signature.replaceAll('_', '/').slice(0, -1)}h==`],
  ])('an older signature with %s', (_what, spelled) => {
    expect(parseLegacySignature(spelled)).toBeUndefined()
  })
})

describe('the test vector of protocol.md', () => {
  test('has 189 bytes and its hash', () => {
    expect(vector.length).toBe(189)
    expect(toBase64Url(sha256(vector))).toBe('8SOBTgXqiRfpIBjacE_BWtEndXIMlxN_QhqnRAg4a-I')
    expect(hashText('h\u00e9llo')).toBe('PEhZHY0JikU49eAT389AbpSOrE0yd7EL9hTildYGgXk')
  })

  test('is signed alike by node:crypto', () => {
    const made = sign(null, vector, privateKey)
    expect(made.toString('base64url')).toBe(signature)
    const parsed = parseSignature(signature) ?? new Uint8Array()
    expect(verify(null, vector, createPublicKey(privateKey), parsed)).toBe(true)
    expect(parseLegacySignature(made.toString('base64'))).toEqual(parsed)
  })

  test('is signed alike by tweetnacl', () => {
    const { secretKey } = nacl.sign.keyPair.fromSeed(seed)
    expect(toBase64Url(nacl.sign.detached(vector, secretKey))).toBe(signature)
  })

  test('is signed alike by the openssl command line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentchat-signing-'))
    try {
      writeFileSync(join(folder, 'key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
      writeFileSync(join(folder, 'bytes'), vector)
      const options = ['-sign', '-rawin', '-inkey', 'key', '-in', 'bytes']
      const made = execFileSync('openssl', ['pkeyutl', ...options], { cwd: folder })
      expect(made.toString('base64url')).toBe(signature)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the fields of each purpose, in their order', () => {
  const versionsHash = hashText('1,0')
  const { server, serverKey, serverNonce, clientNonce } = challenge
  const offered = [server, serverKey, serverNonce, clientNonce]

  test('challenge', () => {
    const lines = ['agentchat/1/challenge', ...offered, '1795518162123', versionsHash]
    expect(text(challengeBytes(challenge))).toBe(lines.join('\n'))
  })

  test('login', () => {
    const rest = ['@f0ff50dacf109dea', '1795518162123', versionsHash]
    expect(text(loginBytes(login))).toBe(['agentchat/1/login', ...offered, ...rest].join('\n'))
  })

  test('msg, with and without what may be absent', () => {
    const { target, agent, cid } = message
    const head = ['agentchat/1/msg', server, target, agent, cid, '1795518162123', 'text']
    const content = hashText('h\u00e9llo')
    expect(text(messageBytes(message))).toBe([...head, '-', content, '-'].join('\n'))
    const extended = { ...message, inReplyTo: 'm1', extensions: { b: 1, a: 'x' } }
    const tail = ['m1', content, hashText('{"a":"x","b":1}')]
    expect(text(messageBytes(extended))).toBe([...head, ...tail].join('\n'))
  })

  test('peer-verify', () => {
    const fields = { server, requester: '@a', target: '@b', nonce: 'n' }
    expect(text(peerVerifyBytes(fields))).toBe('agentchat/1/peer-verify\nchat.example\n@a\n@b\nn')
  })

  test('the strings of version 0', () => {
    expect(legacyLoginText('n', 'c', 5)).toBe('AGENTCHAT_AUTH|n|c|5')
    const mixed = { ts: 5, content: 'a"b', to: '#x' }
    expect(legacyMessageText(mixed)).toBe('{"to":"#x","content":"a\\"b","ts":5}')
    expect(legacyVerifyText('n')).toBe('n')
  })
})
