// I7: One key is spelled in many ways to get many ids and so evade a ban.
import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import {
  parsePublicKey,
  publicKeyFromBase64Url,
  publicKeyFromRaw,
} from '../../src/protocol/keys.ts'
import { anon, idOf, keyedV0, makeKeys, serve } from '../wire/kit.ts'

const raw = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'
const bytes = Buffer.from(raw, 'base64url')
const wrap = (der: Buffer, label = 'PUBLIC KEY') =>
  `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes])
const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const nullParameters = Buffer.from('302c300706032b65700500032100', 'hex')
const pem = wrap(spki)
const id = '@f0ff50dacf109dea'

describe('a spelling that is forgiven gives the one id', () => {
  test.each([
    ['as Node exports it', pem],
    ['CRLF', pem.replaceAll('\n', '\r\n')],
    ['no newline at the end', pem.trimEnd()],
    ['newlines at the end', `${pem}\n\r\n`],
    ['blanks around it', ` \t\n${pem} \n`],
  ])('%s', (_what, text) => {
    expect(createPublicKey(text).asymmetricKeyType).toBe('ed25519')
    expect(parsePublicKey(text)?.id).toBe(id)
    expect(parsePublicKey(text)?.pem).toBe(pem)
  })
})

describe('any other spelling of the key is refused', () => {
  test.each([
    ['text before it', `hello\n${pem}`],
    ['text behind it', `${pem}hello\n`],
    ['its private key', wrap(pkcs8, 'PRIVATE KEY')],
    ['a wrapped body', pem.replace('MCow', 'MC\now')],
    ['blanks in the body', pem.replace('MCow', 'MC ow')],
    ['a blank line before the body', pem.replace('\n', '\n\n')],
    ['a body without padding', pem.replace('=', '')],
    ['stray bits in the body', pem.replace('bg=', 'bh=')],
    ['an algorithm with NULL', wrap(Buffer.concat([nullParameters, bytes]))],
    ['a byte behind the DER', wrap(Buffer.concat([spki, Buffer.from([0])]))],
    ['a length in long form', wrap(Buffer.concat([Buffer.from([0x30, 0x81]), spki.subarray(1)]))],
    ['the key behind another', wrap(Buffer.from(spki).fill(9, 12)) + pem],
  ])('%s', (_what, text) => {
    expect(parsePublicKey(text)).toBeUndefined()
  })
})

test('raw bytes and base64url give the same id as PEM', () => {
  expect(publicKeyFromRaw(bytes)?.id).toBe(id)
  expect(publicKeyFromBase64Url(raw)?.id).toBe(id)
  expect(toBase64Url(parsePublicKey(pem)?.raw ?? bytes.subarray(1))).toBe(raw)
})

test.each(['h', 'i', 'j'])('base64url that ends in %s is refused', (digit) => {
  const text = raw.slice(0, -1) + digit
  expect(Buffer.from(text, 'base64url')).toEqual(bytes)
  expect(publicKeyFromBase64Url(text)).toBeUndefined()
})

test('on a server it is one agent or nobody, however it is spelled', async () => {
  const server = await serve()
  const keys = makeKeys()
  const spellings = [
    keys.pem,
    keys.pem.replaceAll('\n', '\r\n'),
    keys.pem.trimEnd(),
    `\n ${keys.pem}\n`,
    `x\n${keys.pem}`,
    `${keys.pem}x`,
    keys.pem.repeat(2),
    keys.secretPem,
    keys.pem.replace('=', ''),
  ]
  const ids: unknown[] = []
  for (const text of spellings) {
    const peer = await keyedV0(server, 'alice', { ...keys, pem: text })
    ids.push(peer.welcome.agent_id ?? peer.welcome.code)
  }
  const wrong = Array<string>(5).fill('INVALID_MSG')
  expect(ids).toEqual([...Array<string>(4).fill(idOf(keys)), ...wrong])
  const { pubkey } = await (await anon(server, 'bob')).ask({ type: 'WHOIS', agent: idOf(keys) })
  expect(pubkey).toBe(keys.pem)
})
