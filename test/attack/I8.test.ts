// I8: A client sends its private key as "pubkey", and the server takes it.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { parsePublicKey } from '../../src/protocol/keys.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const secret = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const open = String(publicKey.export({ type: 'spki', format: 'pem' }))
const sealed = privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
})

test('Node itself makes a public key of a private one, so it must not be asked first', () => {
  expect(createPublicKey(secret).export({ type: 'spki', format: 'pem' })).toBe(open)
})

test.each([
  ['a private key', secret],
  ['a private key with CRLF', secret.replaceAll('\n', '\r\n')],
  ['a private key labelled as a public one', secret.replaceAll('PRIVATE', 'PUBLIC')],
  ['an encrypted private key', String(sealed)],
  ['a private key before its public key', secret + open],
  ['a private key behind its public key', open + secret],
  ['the body of a private key', secret.split('\n')[1] ?? ''],
])('%s is refused without an error that could repeat it', (_what, text) => {
  expect(parsePublicKey(text)).toBeUndefined()
})
