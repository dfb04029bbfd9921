// R13: A text is made so that a regular expression needs quadratic or exponential time on it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const SIZE = 65_536
/** A linear pattern needs about a millisecond, a quadratic one seconds, an exponential one ages. */
const LIMIT_MS = 250
const TRIES = 3

const ROOT = join(import.meta.dirname, '../../src')

/** Comments, strings, templates and, where a value may begin, regular expressions. */
const TOKEN =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]*|[\w$]+|\S/g

/** Finds the regular expressions in the text of a source file. */
function literalsIn(source: string): RegExp[] {
  const found: RegExp[] = []
  const token = new RegExp(TOKEN)
  let before = ''
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const [text] = match
    if (/^\/[/*]/.test(text)) continue
    if (text.startsWith('`') && text.length > 1) found.push(...literalsIn(text.slice(1, -1)))
    if (text.startsWith('/') && text.length > 1) {
      if (/^(|[(,=:[!&|?{};>+]|return|typeof|case|in|of)$/.test(before)) found.push(...read(text))
      else token.lastIndex = match.index + 1
    }
    before = text
  }
  return found
}

/** What looks like a pattern inside a template's text may be none. */
function read(literal: string): RegExp[] {
  const end = literal.lastIndexOf('/')
  try {
    return [new RegExp(literal.slice(1, end), literal.slice(end + 1).replace(/[gy]/g, ''))]
  } catch {
    return []
  }
}

/** Texts that a pattern almost matches: pieces of what it matches, repeated, with a wrong end. */
function attacksOn(pattern: RegExp): string[] {
  const pumps = new Set<string>()
  const pump = (head: string, piece: string) => pumps.add(JSON.stringify([head, piece]))
  for (const char of `aA0_-.#@ \t\n"\\/|:,=é\0${pattern.source.slice(0, 80)}`) pump('', char)
  for (const sample of samplesOf(pattern)) {
    for (let at = 0; at < Math.min(sample.length, 24); at++) {
      for (const length of [1, 2, 3]) pump(sample.slice(0, at), sample.slice(at, at + length))
    }
  }
  return [...pumps].map((told) => {
    const [head, piece] = JSON.parse(told)
    return `${head}${piece.repeat(Math.ceil(SIZE / piece.length))}\u0001`
  })
}

function samplesOf(pattern: RegExp): string[] {
  try {
    return fc.sample(fc.stringMatching(pattern), { numRuns: 3, seed: 13 })
  } catch {
    return []
  }
}

/** The first text on which a pattern takes too long, every time that it is tried. */
function slowInput(pattern: RegExp): string | undefined {
  return attacksOn(pattern).find((input) => {
    for (let i = 0; i < TRIES; i++) if (isQuick(pattern, input)) return false
    return true
  })
}

/** The time limit of a context also stops a pattern in the middle of its work. */
function isQuick(pattern: RegExp, input: string): boolean {
  try {
    runInNewContext('pattern.test(input)', { pattern, input }, { timeout: LIMIT_MS })
    return true
  } catch {
    return false
  }
}

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(join(ROOT, file), 'utf8') }))
const patterns = new Map(
  files.flatMap(({ file, source }) =>
    literalsIn(source).map((pattern) => [`${file}: ${pattern}`, pattern] as const),
  ),
)

describe('this test', () => {
  test.each([/^(a+)+$/, /(x|x)*y/, /\s+$/, /^[a-z]+[a-z0-9]+[0-9]+$/, /^#(\w+\s?)*$/])(
    'refuses %s',
    (pattern) => {
      expect(slowInput(pattern)).toBeDefined()
    },
  )

  test('finds patterns wherever they stand, and no others', () => {
    const source = `const a = /a/g, b = x.replace(/[/'"]/, '') // no /b/
      /* no /c/ */ const c = 1 / 2 / 3, d = '/d/', e = \`\${f(/e/u)} /\`
      if (/\\/f/.test(g)) return /g/i`
    const found = literalsIn(source).map(String)
    expect(found).toEqual(['/a/', '/[/\'"]/', '/e/u', '/\\/f/', '/g/i'])
  })

  test('finds the patterns of the protocol', () => {
    expect(files.length).toBeGreaterThan(5)
    expect([...patterns.values()].map(String)).toEqual(
      expect.arrayContaining(['/^@[0-9a-f]{16}$/', '/^[a-z-]{1,32}$/', '/[01i5_mw]/']),
    )
  })
})

test('no pattern is built where this test cannot read it', () => {
  const builders = files.filter(({ source }) => /\bRegExp\(/.test(source))
  expect(builders.map(({ file }) => file)).toEqual([])
})

test.each([...patterns.keys()])('no text of 64 KiB is slow for %s', (name) => {
  const pattern = patterns.get(name)
  expect(pattern && slowInput(pattern)?.slice(0, 80)).toBeUndefined()
})
