// Signed documents: what canonical JSON refuses here, and the one spelling of the rest.
import { describe, expect, test } from 'vitest'
import { canonicalDocument } from '../../src/protocol/document.ts'

describe('refused', () => {
  test.each([
    ['null', { a: null }, /null/],
    ['undefined', { a: undefined }, /undefined/],
    ['a hole', new Array(1), /undefined/],
    ['a function', { toJSON: () => 1 }, /function/],
    ['a symbol', [Symbol.iterator], /symbol/],
    ['a big integer', [1n], /bigint/],
    ['a date', [new Date(0)], /plain objects/],
    ['a map', new Map(), /plain objects/],
    ['a key beyond ASCII', { é: 1 }, /ASCII/],
    ['an empty key', { '': 1 }, /ASCII/],
    ['a key __proto__', JSON.parse('{"__proto__":1}'), /prototype/],
    ['nesting of 9', JSON.parse(`${'['.repeat(9)}${']'.repeat(9)}`), /8 levels/],
    ['more than 16 KiB', 'é'.repeat(8_192), /16 KiB/],
  ])('a document with %s', (_what, value, reason) => {
    expect(() => canonicalDocument(value)).toThrow(TypeError)
    expect(() => canonicalDocument(value)).toThrow(reason)
  })
})

test('a document is spelled in one way (RFC 8785)', () => {
  const value = { b: [true, { d: 'é\n', c: 0 }], a: -5, B: {}, '10': [], '9': '1.50' }
  const spelled = '{"10":[],"9":"1.50","B":{},"a":-5,"b":[true,{"c":0,"d":"é\\n"}]}'
  expect(canonicalDocument(value)).toBe(spelled)
  expect(canonicalDocument(JSON.parse(spelled))).toBe(spelled)
  expect(canonicalDocument(JSON.parse(`${'['.repeat(8)}${']'.repeat(8)}`))).toBe('[[[[[[[[]]]]]]]]')
  expect(canonicalDocument('é'.repeat(8_191)).length).toBe(8_193)
})
