// R2: Deeply nested JSON costs time to parse and makes later code throw on its stack.
import { expect, test, vi } from 'vitest'
import { canonicalDocument } from '../../src/protocol/document.ts'
import { scanFrame } from '../../src/protocol/scan.ts'

const nested = (depth: number, open: string, close: string) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`

test.each([
  ['arrays', '[', ']'],
  ['objects', '{"a":', '}'],
  ['arrays with siblings', '[0,"[",', ']'],
  ['objects with an escaped key', '{"\\u0061" :\n', '}'],
])('depth 33 of %s is refused, depth 32 is fine', (_what, open, close) => {
  JSON.parse(nested(32, open, close))
  expect(scanFrame(nested(32, open, close))).toBeUndefined()
  expect(scanFrame(nested(33, open, close))).toMatch(/at most 32 levels/)
})

test.each([
  ['closed arrays', nested(500_000, '[', ']')],
  ['open arrays', '['.repeat(500_000)],
  ['open objects', '{"a":'.repeat(500_000)],
  ['both in turn', nested(250_000, '[{"a":', '}]')],
  ['what begins behind a long string', `["${'x'.repeat(1_000_000)}",${nested(500_000, '[', ']')}]`],
])('a depth of 500,000 (%s) is refused without a parse', (_what, text) => {
  const parse = vi.spyOn(JSON, 'parse')
  const begin = performance.now()
  expect(scanFrame(text)).toMatch(/at most 32 levels/)
  // The scan stops at the 33rd level, after a millisecond; the rest is for a machine that is busy.
  expect(performance.now() - begin).toBeLessThan(500)
  expect(parse).not.toHaveBeenCalled()
  parse.mockRestore()
})

test('brackets in strings and closed siblings do not count', () => {
  expect(scanFrame(JSON.stringify({ content: '[{'.repeat(1_000) }))).toBeUndefined()
  expect(scanFrame(`[${'[[]],'.repeat(1_000)}0]`)).toBeUndefined()
})

test('a signed document of depth 9 is refused, depth 8 is fine, 500,000 does not overflow', () => {
  expect(canonicalDocument(JSON.parse(nested(8, '[', ']')))).toBe(nested(8, '[', ']'))
  expect(() => canonicalDocument(JSON.parse(nested(9, '[', ']')))).toThrow(/8 levels/)
  let deep: unknown = 1
  for (let i = 0; i < 500_000; i++) deep = { a: deep }
  expect(() => canonicalDocument(deep)).toThrow(/8 levels/)
})
