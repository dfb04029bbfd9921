// M7: Two contents with the same UTF-8 bytes (a lone surrogate, U+FFFD) share one signature.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/protocol/bytes.ts'
import { canonicalDocument } from '../../src/protocol/document.ts'
import { scanFrame } from '../../src/protocol/scan.ts'
import { hashText, messageBytes } from '../../src/protocol/signing.ts'
import { anon, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const escapeUnit = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`
const message = { server: 's', target: '#a', agent: '@a', cid: 'c', ts: 1, kind: 'text' }

describe.each([
  ['a lone high surrogate', '\ud800'],
  ['a lone low surrogate', '\udc00'],
  ['a reversed pair', '\ude00\ud83d'],
  ['a high surrogate at the end', 'abc\udbff'],
  ['a low surrogate between letters', 'a\udfffb'],
])('%s is refused', (_what, text) => {
  const escaped = Array.from({ length: text.length }, (_, i) =>
    escapeUnit(text.charCodeAt(i)),
  ).join('')

  test('in a frame', () => {
    expect(scanFrame(`{"content":"${text}"}`)).toMatch(/well-formed/)
    expect(scanFrame(`{"${text}":1}`)).toMatch(/well-formed/)
  })

  test('in a frame, escaped', () => {
    expect(scanFrame(`{"content":"${escaped}"}`)).toMatch(/well-formed/)
    expect(scanFrame(`{"${escaped.toUpperCase().replaceAll('U', 'u')}":1}`)).toMatch(/well-formed/)
  })

  test('where it would be signed', () => {
    expect(new TextEncoder().encode(text)).toEqual(
      new TextEncoder().encode(text.replace(/\p{Surrogate}/gu, '\ufffd')),
    )
    expect(() => utf8(text)).toThrow(RangeError)
    expect(() => hashText(text)).toThrow(RangeError)
    expect(() => messageBytes({ ...message, content: text })).toThrow(RangeError)
    expect(() => messageBytes({ ...message, content: '', extensions: { text } })).toThrow(TypeError)
    expect(() => canonicalDocument([text])).toThrow(/surrogate/)
  })
})

describe('NUL is refused', () => {
  test('in a frame', () => {
    expect(scanFrame('{"content":"a\\u0000b"}')).toMatch(/NUL/)
    expect(scanFrame('{"\\u0000":1}')).toMatch(/NUL/)
    expect(() => JSON.parse('{"content":"a\0b"}')).toThrow(SyntaxError)
  })

  test('where it would be signed', () => {
    expect(() => messageBytes({ ...message, content: 'a\0' })).toThrow(RangeError)
    expect(() => canonicalDocument({ a: '\0' })).toThrow(/NUL/)
    expect(() => canonicalDocument({ '\0': 'a' })).toThrow(/ASCII/)
  })
})

test('different contents that pass have different hashes', () => {
  const seen = new Map<string, string>()
  const units = fc.array(fc.constantFrom('a', '\ud800', '\udc00', '\ufffd', '\0'), { maxLength: 4 })
  fc.assert(
    fc.property(units, (chars) => {
      const text = chars.join('')
      if (scanFrame(JSON.stringify([text])) !== undefined) return
      const hash = hashText(text)
      expect(seen.get(hash) ?? text).toBe(text)
      seen.set(hash, text)
    }),
    { numRuns: 1_000 },
  )
})

test('a server takes neither into what others are told, in any field, raw or escaped', async () => {
  const server = await serve()
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  await one.settled()
  const bad = ['\\ud800', 'a\\udc00', '\\ude00\\ud83d', '\\u0000', 'a\\u0000b']
  for (const text of bad) {
    one.send(`{"type":"MSG","to":"#general","content":"${text}"}`)
    one.send(`{"type":"SET_PRESENCE","status":"busy","status_text":"${text}"}`)
    one.send(`{"type":"CREATE_CHANNEL","channel":"#new","topic":"${text}"}`)
    one.send(`{"type":"PING","ref":"${text}"}`)
    one.send(`{"type":"PING","${text}":1}`)
  }
  const told = await one.settled()
  expect(told.map(({ code }) => code)).toEqual(Array<string>(25).fill('INVALID_MSG'))
  expect(await other.settled()).toEqual([])
})

test('a server keeps U+FFFD, pairs and bidi as they came, and a signature over them stands', async () => {
  const keys = makeKeys()
  const peer = await keyed(await serve(), 'alice', keys)
  for (const content of [
    '\ufffd',
    'a\ufffdb',
    '\u{1f600}',
    '\u202eevil\u202c',
    '\ufeffx',
    'e\u0301',
  ]) {
    await peer.ask(signedMessage(keys, { to: peer.id, content }))
    expect(await peer.next('MSG')).toMatchObject({ content })
  }
  const message = signedMessage(keys, { to: peer.id, content: 'e\u0301' })
  expect(await peer.ask({ ...message, content: '\u00e9' })).toMatchObject({
    code: 'VERIFICATION_FAILED',
  })
})
