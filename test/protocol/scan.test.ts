// The scan before JSON.parse: what it refuses, and that it judges exactly what JSON.parse accepts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWellFormed } from '../../src/protocol/bytes.ts'
import { scanFrame } from '../../src/protocol/scan.ts'

const keysOf = (count: number) =>
  `{${Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')}}`

describe('refused', () => {
  test.each([
    ['nesting of 33 arrays', `${'['.repeat(33)}${']'.repeat(33)}`, /32 levels/],
    ['nesting of 33 objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, /32 levels/],
    ['a repeated key', '{"a":1,"a":2}', /only once/],
    ['a repeated key, spelled with an escape', '{"a":1,"\\u0061":2}', /only once/],
    ['a repeated key after nested objects', '{"a":{"a":1},"b":[{"a":2}],"a":3}', /only once/],
    ['a repeated empty key', '{"":1,"":2}', /only once/],
    ['a repeat of the 16th key', `${keysOf(16).slice(0, -1)},"k15":1}`, /only once/],
    ['a repeat of the first of 17 keys', `${keysOf(17).slice(0, -1)},"k0":1}`, /only once/],
    ['257 keys in an object', keysOf(257), /256 keys/],
    ['the key __proto__', '{"a":{"__proto__":{}}}', /__proto__/],
    ['the key constructor', '{"constructor":1}', /constructor/],
    ['the key prototype', '{"prototype" \n\t\r:1}', /prototype/],
    ['the key __proto__, escaped', '{"\\u005f_proto_\\u005F":1}', /__proto__/],
    ['a lone surrogate', '["\ud800"]', /well-formed/],
    ['an escaped high surrogate alone', '["\\ud83d"]', /well-formed/],
    ['an escaped low surrogate alone', '["\\uDE00"]', /well-formed/],
    ['two escaped high surrogates', '["\\ud83d\\uD83D"]', /well-formed/],
    ['a high surrogate before what is no escape', '["\\ud83dxude00"]', /well-formed/],
    ['a half escaped pair', '["\\ud83d\ude00"]', /well-formed/],
    ['a high surrogate before another escape', '["\\ud83d\\n\\ude00"]', /well-formed/],
    ['a lone surrogate in a key', '{"\\udfff":1}', /well-formed/],
    ['NUL', '["a\\u0000"]', /NUL/],
    ['NUL after an escaped backslash', '["\\\\\\u0000"]', /NUL/],
  ])('%s', (_what, text, reason) => {
    expect(scanFrame(text)).toMatch(reason)
  })
})

describe('not refused', () => {
  test.each([
    ['nesting of 32', `${'[{"a":'.repeat(16)}1${'}]'.repeat(16)}`],
    ['many siblings of one depth', `[${'[],{},'.repeat(100)}1]`],
    ['256 keys in an object', keysOf(256)],
    ['one key in sibling objects', '[{"a":1},{"a":{"a":2}}]'],
    ['values that are equal to keys', '{"a":"a","b":["a","b","__proto__"]}'],
    ['keys inside a string', '["{\\"a\\":1,\\"a\\":2}", "{", "[[[["]'],
    ['keys that differ in case', '{"a":1,"A":2,"__PROTO__":3}'],
    ['a surrogate pair', '["\ud83d\ude00"]'],
    ['an escaped surrogate pair', '["\\ud83d\\uDE00\\uDBFF\\udfff"]'],
    ['a backslash before what looks like an escape', '["\\\\ud800", "\\\\u0000", "\\\\"]'],
    ['the escapes beside the surrogates', '["\\ud7ff\\ue000\\u0001\\u00e9"]'],
    ['no object at all', ' null '],
  ])('%s', (_what, text) => {
    JSON.parse(text)
    expect(scanFrame(text)).toBeUndefined()
  })
})

/** A text of JSON, with what a reader of its meaning would say of it. */
interface Sample {
  readonly text: string
  readonly depth: number
  readonly good: boolean
}

const leaf = (text: string, good = true): Sample => ({ text, depth: 0, good })
const space = fc.constantFrom('', '', ' ', '\n\t')
const hex = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`

/** One UTF-16 unit, as it is or escaped; a surrogate must find its other half in the same form. */
const unit = fc.tuple(
  fc.constantFrom('a', 'b', '"', '\\', '\n', '\0', '\ud83d', '\ude00', 'é', '_', ':', '{', ']'),
  fc.boolean(),
)
const string = fc.array(unit, { maxLength: 5 }).map((units) => {
  const value = units.map(([char]) => char).join('')
  const text = units.map(([char, escaped]) => {
    if (char === '\n') return escaped ? hex(10) : '\\n'
    if (escaped || char === '\0') return hex(char.charCodeAt(0))
    return char === '"' || char === '\\' ? `\\${char}` : char
  })
  const quoted = `"${text.join('')}"`
  const sameForm = units.every(
    ([char, escaped], i) => char !== '\ud83d' || units[i + 1]?.[1] === escaped,
  )
  return { value, ...leaf(quoted, isWellFormed(value) && sameForm && !value.includes('\0')) }
})
const key = fc.oneof(
  { weight: 9, arbitrary: string },
  fc.constantFrom('__proto__', 'prototype').map((value) => ({
    value,
    ...leaf(`"${value.replace('p', hex(0x70))}"`, false),
  })),
)

const scalar = fc.constantFrom('0', '-1.5e3', 'true', 'false', 'null').map((text) => leaf(text))
const { value: json } = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 1, arbitrary: fc.oneof(scalar, string) },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }).chain(array) },
    {
      weight: 4,
      arbitrary: fc.array(fc.tuple(key, tie('value')), { maxLength: 24 }).chain(object),
    },
  ),
}))

const join = (parts: readonly Sample[]) => ({
  depth: 1 + Math.max(0, ...parts.map((part) => part.depth)),
  good: parts.every((part) => part.good),
})
function array(items: readonly Sample[]) {
  return space.map((gap) => ({
    ...join(items),
    text: `[${gap}${items.map((item) => item.text).join(`${gap},`)}]`,
  }))
}
function object(entries: readonly (readonly [Sample & { value: string }, Sample])[]) {
  const unique = new Set(entries.map(([name]) => name.value)).size === entries.length
  return space.map((gap) => {
    const { depth, good } = join(entries.flat())
    const members = entries.map(([name, value]) => `${gap}${name.text}${gap}:${gap}${value.text}`)
    return { text: `{${members.join(',')}${gap}}`, depth, good: good && unique }
  })
}

describe('properties', () => {
  test('JSON is refused exactly when it breaks a rule', () => {
    let bad = 0
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 33 }), ({ text, depth, good }, around) => {
        const deep = `${'['.repeat(around)}${text}${']'.repeat(around)}`
        JSON.parse(deep)
        const fine = good && depth + around <= 32
        expect(scanFrame(deep) === undefined, deep).toBe(fine)
        if (!fine) bad++
      }),
      { numRuns: 5_000 },
    )
    expect(bad).toBeGreaterThan(500)
    expect(bad).toBeLessThan(4_900)
  })

  test('what JSON.stringify writes of plain data passes', () => {
    const plain = fc.jsonValue({ maxDepth: 6 }).filter((value) => {
      const text = JSON.stringify(value)
      return !/\\u0000|\\ud[89a-f]|__proto__|constructor|prototype/.test(text)
    })
    fc.assert(fc.property(plain, (value) => scanFrame(JSON.stringify(value)) === undefined))
  })

  test('no text makes it throw', () => {
    const scrap = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '\\u', '\\ud8', 'a', ' ')
    const text = fc.oneof(
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      fc.array(scrap, { maxLength: 60 }).map((scraps) => scraps.join('')),
    )
    fc.assert(
      fc.property(text, (some) => ['string', 'undefined'].includes(typeof scanFrame(some))),
      { numRuns: 20_000 },
    )
  })
})
