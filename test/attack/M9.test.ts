// M9: Duplicate keys or __proto__ in a frame mean one thing to the checker and another to the user.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDocument } from '../../src/protocol/document.ts'
import { scanFrame } from '../../src/protocol/scan.ts'
import { anon, serve } from '../wire/kit.ts'

const escapeAll = (key: string) =>
  Array.from(key, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

describe('refused', () => {
  test.each([
    '{"to":"#a","to":"#b"}',
    '{"to":"#a","content":"x","\\u0074o":"#b"}',
    '{"type":"MSG","a":{"b":1,"c":[{}],"b":2}}',
    '[{"a":1},{"a":1,"a":1}]',
    '{"a":1 , "b":2 ,\n"a"\t:3}',
    '{"\\"":1,"\\u0022":2}',
    '{"\\/":1,"/":2}',
    '{"\\n":1,"\\u000A":2}',
    '{"é":1,"\\u00E9":2}',
    '{"😀":1,"\\ud83d\\uDE00":2}',
  ])('the duplicate key in %s', (text) => {
    JSON.parse(text)
    expect(scanFrame(text)).toMatch(/only once/)
  })

  describe.each(['__proto__', 'constructor', 'prototype'])('the key %s', (key) => {
    test.each([
      ['as it is', `{"${key}":{"admin":true}}`],
      ['in an inner object', `{"a":[{"${key}":null}]}`],
      ['behind blanks', `{ "${key}" \r\n :1}`],
      ['escaped', `{"${escapeAll(key)}":1}`],
      ['escaped in part', `{"${escapeAll(key.slice(0, 1))}${key.slice(1)}":1}`],
      ['as the last of many', `{${manyKeys(40)},"${key}":1}`],
    ])('%s', (_how, text) => {
      JSON.parse(text)
      expect(scanFrame(text)).toMatch(/__proto__, constructor or prototype/)
    })

    test('in a signed document', () => {
      expect(() => canonicalDocument(JSON.parse(`{"${key}":1}`))).toThrow(TypeError)
    })
  })

  test('any key that comes twice, however it is escaped and whatever lies between', () => {
    const key = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
    fc.assert(
      fc.property(key, fc.nat(60), fc.boolean(), (name, between, escaped) => {
        const again = escaped ? `"${escapeAll(name)}"` : JSON.stringify(name)
        const text = `{${JSON.stringify(name)}:1,${manyKeys(between)},${again}:2}`
        JSON.parse(text)
        expect(scanFrame(text)).toBeDefined()
      }),
    )
  })
})

test('accepted: those words as values, in other case or as part of a key', () => {
  const text = '{"a":"__proto__","b":["constructor"],"Prototype":1,"__proto":2,"constructors":3}'
  expect(scanFrame(text)).toBeUndefined()
})

function manyKeys(count: number): string {
  return Array.from({ length: count + 1 }, (_, i) => `"key ${i}":{"a":"b"}`).join(',')
}

test('a server answers such a frame with one ERROR, and its own objects stay as they are', async () => {
  const server = await serve()
  const peer = await anon(server, 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  const frames = [
    '{"type":"MSG","to":"#general","to":"#agents","content":"x"}',
    '{"type":"MSG","to":"#general","content":"x","\\u0074ype":"PING"}',
    '{"type":"MSG","to":"#general","content":"x","__proto__":{"sig":"x","admin":true}}',
    '{"type":"MSG","to":"#general","content":"x","\\u005f_proto__":{"admin":true}}',
    '{"type":"MSG","to":"#general","content":"x","constructor":{"prototype":{"admin":true}}}',
    '{"type":"PING","a":{"prototype":1}}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":"toString","to":"#general"}',
  ]
  for (const frame of frames) {
    JSON.parse(frame)
    peer.send(frame)
    expect(await peer.settled()).toMatchObject([{ type: 'ERROR', code: 'INVALID_MSG' }])
  }
  expect(Reflect.get({}, 'admin')).toBeUndefined()
  const channels = ['#__proto__', '#constructor', '#prototype', '#toString', '#hasOwnProperty']
  for (const channel of channels) {
    expect(await peer.ask({ type: 'JOIN', channel })).toMatchObject({ code: 'CHANNEL_NOT_FOUND' })
    expect(await peer.ask({ type: 'CREATE_CHANNEL', channel })).toMatchObject({ channel })
    expect(await peer.ask({ type: 'MSG', to: channel, content: 'x' })).toMatchObject({
      type: 'SENT',
    })
  }
  const odd = await anon(server, '__proto__')
  expect(odd.welcome).toMatchObject({ name: '__proto__' })
  await peer.ask({ type: 'MSG', to: '@__proto__', content: 'to you' })
  expect(await odd.next('MSG')).toMatchObject({ content: 'to you' })
})
