// M5: A delimiter inside a field makes two different messages give the same signed bytes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loginBytes, messageBytes, signingBytes } from '../../src/protocol/signing.ts'

// Each test meets at least this many different inputs, which is 10^6 pairs of them.
const DIFFERENT = 1_415
const numRuns = 12_000

/** Short fields of what delimits: equal bytes, if there are any, are soon found among them. */
const field = fc
  .array(fc.constantFrom('a', '1', '-', '|', ',', '/', '\n', '\0', ' ', 'é'), { maxLength: 3 })
  .map((chars) => chars.join(''))
const clean = fc.constantFrom('a', '1', '-1', 'a-', '|', '||', 'a|', '|a', ',', '/', 'a/1', '--')
const mostlyClean = fc.oneof({ weight: 20, arbitrary: clean }, field)

/** Asserts that no two different inputs that are accepted give the same bytes. */
function assertDifferent<T>(input: fc.Arbitrary<T>, build: (input: T) => Uint8Array) {
  const seen = new Map<string, string>()
  const property = fc.property(input, (some) => {
    const key = Buffer.from(bytesOf(build, some) ?? []).toString('latin1')
    if (key === '') return
    const told = JSON.stringify(some)
    expect(seen.get(key) ?? told).toBe(told)
    seen.set(key, told)
  })
  fc.assert(property, { numRuns })
  expect(seen.size).toBeGreaterThanOrEqual(DIFFERENT)
}

function bytesOf<T>(build: (input: T) => Uint8Array, input: T): Uint8Array | undefined {
  try {
    return build(input)
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError)
    return undefined
  }
}

test('fields that spell the delimiter or absence are refused', () => {
  for (const bad of ['a\nb', '\n', '-', '', ' ']) {
    expect(() => signingBytes('msg', ['a', bad])).toThrow(RangeError)
  }
})

test('no two lists of fields give the same bytes', () => {
  const input = fc.record({
    purpose: fc.constantFrom('msg', 'msg-', 'login', 'm'),
    fields: fc.array(fc.option(mostlyClean, { nil: undefined }), { maxLength: 5 }),
  })
  assertDifferent(input, ({ purpose, fields }) => signingBytes(purpose, fields))
})

test('no two messages give the same bytes', () => {
  const input = fc.record(
    {
      server: mostlyClean,
      target: mostlyClean,
      agent: mostlyClean,
      cid: mostlyClean,
      ts: fc.constantFrom(0, 1, 11, 1.5, -1),
      kind: mostlyClean,
      inReplyTo: mostlyClean,
      content: field,
      extensions: fc.constantFrom({}, { a: '' }, { a: 1 }, { a: '1' }, { a: [1] }, { a: ['1'] }),
    },
    { requiredKeys: ['server', 'target', 'agent', 'cid', 'ts', 'kind', 'content'] },
  )
  assertDifferent(input, messageBytes)
})

test('no two logins give the same bytes', () => {
  const input = fc.record({
    server: clean,
    serverKey: clean,
    serverNonce: clean,
    clientNonce: clean,
    agent: mostlyClean,
    time: fc.constantFrom(0, 1, 11),
    versions: fc.array(fc.constantFrom('1', '0', '1,0', '10', '', ','), { maxLength: 2 }),
  })
  assertDifferent(input, loginBytes)
})
