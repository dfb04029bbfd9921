// Signed documents (terms, cards, policies): the one spelling of each, or a clear refusal.
import canonicalize from 'canonicalize'
import { isWellFormed, utf8 } from './bytes.ts'
import { limits } from './limits.ts'
import { isForbiddenKey } from './scan.ts'

/** How deep arrays and objects nest in a document. */
export const MAX_DEPTH = 8
const KEY = /^[\x20-\x7e]+$/

/**
 * Spells a document as canonical JSON (RFC 8785), so that its hash can be signed.
 *
 * The document is restricted to what every language reads alike: printable ASCII keys, whole
 * numbers within 2^53 - 1 and never -0 (decimals are strings), no null, well-formed strings
 * without NUL, plain objects and arrays nested at most 8 deep, at most 16 KiB.
 *
 * @param value the parsed document
 * @throws TypeError that says which of these rules the value breaks
 */
export function canonicalDocument(value: unknown): string {
  check(value, 0)
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('A document must be JSON.')
  if (utf8(text).length > limits.document_bytes)
    throw new TypeError('A document has at most 16 KiB.')
  return text
}

/** Spells any JSON canonically (RFC 8785). Agents sign documents only; servers seal frames that were checked as such. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('What is no JSON has no canonical spelling.')
  return text
}

/** Whether a value nests at most so many arrays and objects; looks no deeper than that. */
export function nestsAtMost(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((one) => nestsAtMost(one, levels - 1))
}

/** @param depth how many arrays and objects lie around the value */
function check(value: unknown, depth: number): void {
  if (typeof value === 'boolean') return
  if (typeof value === 'string') checkString(value)
  else if (typeof value === 'number') checkNumber(value)
  else if (value === null) throw new TypeError('A document holds no null: leave the field out.')
  else if (typeof value !== 'object') throw new TypeError(`A document holds no ${typeof value}.`)
  else if (depth === MAX_DEPTH) throw new TypeError('A document nests at most 8 levels deep.')
  else if (Array.isArray(value)) for (const item of value) check(item, depth + 1)
  else checkObject(value, depth)
}

function checkString(text: string): void {
  if (!isWellFormed(text)) throw new TypeError('A document holds no lone surrogate.')
  if (text.includes('\0')) throw new TypeError('A document holds no NUL (U+0000).')
}

function checkNumber(number: number): void {
  if (!Number.isSafeInteger(number) || Object.is(number, -0)) {
    throw new TypeError(
      'A document holds whole numbers within 2^53 - 1 and no -0: write decimals as strings.',
    )
  }
}

function checkObject(object: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('A document holds plain objects only.')
  }
  for (const [key, value] of Object.entries(object)) {
    if (!KEY.test(key)) throw new TypeError('Keys of a document are printable ASCII.')
    if (isForbiddenKey(key)) throw new TypeError('A document has no key that names a prototype.')
    check(value, depth + 1)
  }
}
