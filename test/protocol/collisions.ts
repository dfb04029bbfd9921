// Whether different inputs ever give the same signed bytes: a million pairs and more, compared all with all.

import fc from 'fast-check'
import { expect } from 'vitest'

// Each test meets at least this many different inputs, which is 10^6 pairs of them.
const DIFFERENT = 1_415
const numRuns = 12_000

/**
 * Asserts that inputs that are accepted give the same bytes if they are the same, and only then.
 *
 * @param told what is the same of inputs that are; their JSON when absent
 */
export function assertDifferent<T>(
  input: fc.Arbitrary<T>,
  build: (input: T) => Uint8Array,
  told: (input: T) => string = (some) => JSON.stringify(some),
): void {
  const inputs = new Map<string, string>()
  const spellings = new Map<string, string>()
  const property = fc.property(input, (some) => {
    const bytes = bytesOf(build, some)
    if (bytes === undefined) return
    const key = Buffer.from(bytes).toString('latin1')
    const meaning = told(some)
    expect(inputs.get(key) ?? meaning).toBe(meaning)
    expect(spellings.get(meaning) ?? key).toBe(key)
    inputs.set(key, meaning)
    spellings.set(meaning, key)
  })
  fc.assert(property, { numRuns })
  expect(inputs.size).toBeGreaterThanOrEqual(DIFFERENT)
}

function bytesOf<T>(build: (input: T) => Uint8Array, input: T): Uint8Array | undefined {
  try {
    return build(input)
  } catch (error) {
    if (!(error instanceof RangeError)) expect(error).toBeInstanceOf(TypeError)
    return undefined
  }
}
