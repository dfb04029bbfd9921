// M8: A number that implementations read differently stands in a signed document.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDocument } from '../../src/protocol/document.ts'
import { messageBytes } from '../../src/protocol/signing.ts'

const message = { server: 's', target: '#a', agent: '@a', cid: 'c', kind: 'text', content: '' }

describe('refused in a signed document', () => {
  test.each([
    '0.1',
    '1e-7',
    '-0',
    '-0.0',
    '0.30000000000000004',
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e21',
  ])('the number %s', (spelled) => {
    for (const text of [spelled, `[${spelled}]`, `{"a":{"b":[0,${spelled}]}}`]) {
      expect(() => canonicalDocument(JSON.parse(text))).toThrow(/whole numbers/)
    }
    const extensions = { amount: JSON.parse(spelled) }
    expect(() => messageBytes({ ...message, ts: 0, extensions })).toThrow(TypeError)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE])('the number %d', (number) => {
    expect(() => canonicalDocument(number)).toThrow(/whole numbers/)
  })

  test('big integers', () => {
    expect(() => canonicalDocument({ a: 1n })).toThrow(/bigint/)
  })
})

test.each([-1, 0.5, 2 ** 53, Number.NaN])('%d is refused as a signed time', (ts) => {
  expect(() => messageBytes({ ...message, ts })).toThrow(RangeError)
})

test('accepted: whole numbers to 2^53 - 1, and decimals as strings', () => {
  const value = [0, 1, -1, 9007199254740991, -9007199254740991, '0.1', '1e400']
  const text = '[0,1,-1,9007199254740991,-9007199254740991,"0.1","1e400"]'
  expect(canonicalDocument(value)).toBe(text)
  expect(canonicalDocument(JSON.parse('[1.0,1e3,10E-1]'))).toBe('[1,1000,1]')
})

test('what is accepted reads back as it was, digit by digit', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.double()), (number) => {
      if (Number.isSafeInteger(number) && !Object.is(number, -0)) {
        expect(canonicalDocument([number])).toBe(`[${BigInt(number)}]`)
      } else {
        expect(() => canonicalDocument([number])).toThrow(TypeError)
      }
    }),
  )
})
