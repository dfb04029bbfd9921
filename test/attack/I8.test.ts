// I8: A client sends its private key as "pubkey", and the server takes it.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { parsePublicKey } from '../../src/protocol/keys.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { filesOf } from '../wire/files.ts'
import { connect, serve } from '../wire/kit.ts'

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

test('a server refuses it, repeats it nowhere, and keeps it neither in its files nor in its log', async () => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const server = await serve({ durability: 'full', data })
  const peer = await connect(server)
  const body = secret.split('\n')[1] ?? ''
  const shapes = [
    { type: 'IDENTIFY', name: 'alice', pubkey: secret },
    { type: 'IDENTIFY', name: 'alice', pubkey: secret, v: 1, nonce: 'ab'.repeat(32) },
    { type: 'IDENTIFY', name: 'alice', pubkey: secret.replaceAll('PRIVATE', 'PUBLIC') },
    { type: 'IDENTIFY', name: 'alice', pubkey: open + secret },
    { type: 'IDENTIFY', name: 'alice', nonce: secret },
    { type: secret },
  ]
  for (const frame of shapes) {
    const answer = await peer.ask(frame)
    expect(answer.type).toBe('ERROR')
    expect(JSON.stringify(answer)).not.toContain(body.slice(0, 24))
  }
  await peer.leave()
  await server.stop()
  expect(JSON.stringify(server.reports)).not.toContain(body.slice(0, 24))
  const files = filesOf(data)
  expect(files.map(({ name }) => name)).toContain('log.db')
  for (const { bytes } of files) expect(bytes.includes(body.slice(0, 24))).toBe(false)
})
