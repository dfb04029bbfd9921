// One pass over a frame's text before JSON.parse: refuses what a parsed value can no longer show.
import { isWellFormed } from './bytes.ts'
import { limits } from './limits.ts'

/** Up to this many keys a walk over a short list is cheaper than a Set. */
const FEW_KEYS = 16

const TOO_DEEP = `Nest arrays and objects at most ${limits.nesting} levels deep.`
const TOO_MANY_KEYS = `Give an object at most ${limits.keys_per_object} keys.`
const REPEATED_KEY = 'Give each key of an object only once.'
const FORBIDDEN_KEY = 'Use no key named __proto__, constructor or prototype.'
const LONE_SURROGATE = 'Send well-formed Unicode: a surrogate must be one of a pair.'
const NUL = 'Send no NUL (U+0000) in a string.'

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const LETTER_U = 0x75

/** The keys met so far in one open object: a list while they are few, a Set from then on. */
interface Keys {
  readonly few: string[]
  many: Set<string> | undefined
}

/**
 * Judges the text of one frame before it is parsed, in one linear pass.
 *
 * Whatever JSON.parse accepts is judged exactly; other text may pass, for JSON.parse refuses it.
 * Refused: nesting over 32, a repeated key (compared as decoded), keys that reach an object's
 * prototype, more than 256 keys in an object, lone surrogates and NUL, also when escaped.
 *
 * @param text the frame as it came; any string, of any length
 * @returns the reason for a refusal, one sentence that names no part of the text; undefined if fine
 */
export function scanFrame(text: string): string | undefined {
  if (!isWellFormed(text)) return LONE_SURROGATE
  const outer: (Keys | undefined)[] = []
  let keys: Keys | undefined
  let start = 0
  let end = 0
  let backslash = nextEscape(text, 0)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      if (backslash < i) backslash = nextEscape(text, i)
      const closing = closeString(text, i, backslash)
      if (typeof closing === 'string') return closing
      start = i
      end = closing
      i = closing
    } else if (code === COLON && keys !== undefined) {
      const reason = addKey(keys, readKey(text, start, end, backslash))
      if (reason !== undefined) return reason
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (outer.push(keys) > limits.nesting) return TOO_DEEP
      keys = code === OPEN_OBJECT ? { few: [], many: undefined } : undefined
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      keys = outer.pop()
    }
  }
  return undefined
}

/**
 * Tells whether a key reaches an object's prototype in careless code.
 *
 * @param key a decoded key
 */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}

/** Where the next backslash is; the length when there is none. */
function nextEscape(text: string, from: number): number {
  const at = text.indexOf('\\', from)
  return at < 0 ? text.length : at
}

/** Where a string's closing quote is, the length when it has none, or the reason for a refusal. */
function closeString(text: string, quote: number, backslash: number): number | string {
  const end = text.indexOf('"', quote + 1)
  if (end < 0) return text.length
  return backslash < end ? walkString(text, quote + 1) : end
}

/** Walks a string that has escapes to its closing quote, or to the reason for a refusal. */
function walkString(text: string, from: number): number | string {
  let i = from
  while (i < text.length) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i
    if (code !== BACKSLASH) i++
    else if (text.charCodeAt(i + 1) !== LETTER_U) i += 2
    else if (text.startsWith('0000', i + 2)) return NUL
    else if (!isSurrogate(text, i + 2)) i += 6
    else if (isEscapedPair(text, i)) i += 12
    else return LONE_SURROGATE
  }
  return i
}

/** Tells by the first two of four hex digits whether they spell U+D800 to U+DFFF. */
function isSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) | 0x20) === 0x64 && !isDigitBelow8(text.charCodeAt(at + 1))
}

function isDigitBelow8(code: number): boolean {
  return code >= 0x30 && code <= 0x37
}

/** Tells whether a high surrogate's escape at `at` is followed by the escape of a low one. */
function isEscapedPair(text: string, at: number): boolean {
  return (
    isHighDigit(text.charCodeAt(at + 3)) &&
    text.charCodeAt(at + 6) === BACKSLASH &&
    text.charCodeAt(at + 7) === LETTER_U &&
    isSurrogate(text, at + 8) &&
    !isHighDigit(text.charCodeAt(at + 9))
  )
}

/** 8, 9, a, b after a d: U+D800 to U+DBFF, the first half of a pair. */
function isHighDigit(code: number): boolean {
  const lower = code | 0x20
  return lower === 0x38 || lower === 0x39 || lower === 0x61 || lower === 0x62
}

/** Reads a key between its quotes; a wrong escape is left as it is, for JSON.parse refuses it. */
function readKey(text: string, start: number, end: number, backslash: number): string {
  if (backslash > end) return text.slice(start + 1, end)
  const quoted = text.slice(start, end + 1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}

function addKey(keys: Keys, key: string): string | undefined {
  const { few, many } = keys
  if (isForbiddenKey(key)) return FORBIDDEN_KEY
  if (many === undefined) {
    if (few.includes(key)) return REPEATED_KEY
    few.push(key)
    if (few.length === FEW_KEYS) keys.many = new Set(few)
    return undefined
  }
  if (many.has(key)) return REPEATED_KEY
  many.add(key)
  return many.size > limits.keys_per_object ? TOO_MANY_KEYS : undefined
}
