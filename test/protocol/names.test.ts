// Names and ids: what is refused as a name, and which names are one to a reader.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CHANNEL,
  ephemeralId,
  foldChannel,
  isEphemeralId,
  isPersistentId,
  isReservedName,
  NAME,
  skeleton,
} from '../../src/protocol/names.ts'

const name = fc.stringMatching(NAME)

describe('refused', () => {
  test.each(['', 'a b', 'a\n', 'é', '@a', '#a', 'a.b', 'a'.repeat(33)])('the name %j', (text) => {
    expect(NAME.test(text)).toBe(false)
  })

  test.each(['', '#', 'a', '##', '#a b', '#a\n', `#${'a'.repeat(32)}`])(
    'the channel %j',
    (text) => {
      expect(CHANNEL.test(text)).toBe(false)
    },
  )

  test.each(['admin', 'ADMIN', 'adrnin', 'adm1n', 'r00t', 'SerVer', '5erver', 'systern', 'a1l'])(
    'the reserved word %s',
    (word) => {
      expect(isReservedName(word)).toBe(true)
    },
  )

  test.each([
    '0123456789abcdef',
    '0123456789ABCDEF',
    'O123456789abcdef',
    'anon-',
    'anon_1',
    'An0n-x',
    `anon-${'0'.repeat(27)}`,
  ])('the name %s, which could be read as an id', (text) => {
    expect(isReservedName(text)).toBe(true)
  })

  test.each(['f0ff50dacf109dea', '@f0ff50dacf109de', '@F0ff50dacf109dea', '@f0ff50dacf109dea\n'])(
    '%j as a persistent id',
    (text) => {
      expect(isPersistentId(text)).toBe(false)
    },
  )

  test.each([
    `@anon-${'0'.repeat(31)}`,
    `@anon_${'0'.repeat(32)}`,
    `@anon-${'0'.repeat(32)}\n`,
    '@f0ff50dacf109dea',
  ])('%j as an ephemeral id', (text) => {
    expect(isEphemeralId(text)).toBe(false)
  })

  test.each([0, 8, 15, 17, 32])('an ephemeral id of %i bytes', (length) => {
    expect(() => ephemeralId(new Uint8Array(length))).toThrow(RangeError)
  })
})

describe('accepted', () => {
  test.each(['a', 'alice', 'Bob_2', '-', '7', 'a'.repeat(32)])('the name %s', (text) => {
    expect(NAME.test(text)).toBe(true)
    expect(isReservedName(text)).toBe(false)
  })

  test.each(['administrator', 'anonymous', 'server-2', 'hereby', '0123456789abcde', 'rooter'])(
    'the name %s, which only resembles a reserved one',
    (text) => {
      expect(isReservedName(text)).toBe(false)
    },
  )

  test('channels, compared without case', () => {
    expect(CHANNEL.test(`#${'a'.repeat(31)}`)).toBe(true)
    expect(foldChannel('#General_1')).toBe('#general_1')
  })

  test('the ids of both kinds', () => {
    expect(isPersistentId('@f0ff50dacf109dea')).toBe(true)
    const id = ephemeralId(Uint8Array.from({ length: 16 }, (_, i) => i * 17))
    expect(id).toBe('@anon-00112233445566778899aabbccddeeff')
    expect(isEphemeralId(id)).toBe(true)
  })
})

describe('skeletons', () => {
  test.each([
    ['Alice', 'a1ice', 'aIice', 'ALLCE'],
    ['rnodern', 'modem', 'MODERN', 'm0dem'],
    ['vvv', 'wv', 'vw', 'VVv'],
    ['rrn', 'rm', 'RRN', 'rRn'],
    ['bot_5', 'bot-5', 'B0T_s', 'bot-S'],
  ])('%s, %s, %s and %s are one name', (...names) => {
    expect(new Set(names.map(skeleton)).size).toBe(1)
  })

  test.each([
    ['alice', 'alicia'],
    ['bot-1', 'bot-2'],
    ['m', 'n'],
    ['w', 'v'],
    ['b', '8'],
  ])('%s and %s are two names', (one, other) => {
    expect(skeleton(one)).not.toBe(skeleton(other))
  })

  test('the skeleton of a skeleton is itself', () => {
    fc.assert(fc.property(name, (some) => skeleton(skeleton(some)) === skeleton(some)))
  })

  test('neither case nor the place of a look-alike in a name matters', () => {
    const pairs = [
      ['0', 'o'],
      ['1', 'l'],
      ['i', 'L'],
      ['I', '1'],
      ['m', 'rn'],
      ['w', 'VV'],
      ['5', 's'],
      ['-', '_'],
    ] as const
    fc.assert(
      fc.property(name, name, fc.constantFrom(...pairs), (before, after, [one, other]) => {
        expect(skeleton(before + one + after)).toBe(skeleton(before + other + after))
        expect(skeleton(before.toUpperCase())).toBe(skeleton(before.toLowerCase()))
      }),
    )
  })
})
