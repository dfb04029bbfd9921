// Adding one entry to a client's configuration: the rest of it stays as it is, and a different entry is left alone.

import { isDeepStrictEqual } from 'node:util'

/** What would become of a configuration. `conflict`: there is another entry of this name. */
export type Merged =
  | { readonly change: 'add'; readonly text: string }
  | { readonly change: 'none' }
  | { readonly change: 'conflict'; readonly present: string }
  /** It is not written as we can read it. */
  | { readonly change: 'unreadable'; readonly reason: string }

/** @param text of the file; undefined when there is none */
export type Merge = (text: string | undefined, path: readonly string[], entry: object) => Merged

export const merges: Readonly<Record<'json' | 'toml', Merge>> = { json: mergeJson, toml: mergeToml }

function mergeJson(text: string | undefined, path: readonly string[], entry: object): Merged {
  const root = readObject(text)
  if (root === undefined) return { change: 'unreadable', reason: 'It is no plain JSON object.' }
  const outer = path.slice(0, -1)
  const name = path.at(-1) ?? ''
  let place = root
  for (const key of outer) {
    const inner = Object.hasOwn(place, key) ? place[key] : {}
    if (!isObject(inner)) return { change: 'unreadable', reason: `Its "${key}" is no object.` }
    place[key] = inner
    place = inner
  }
  if (!Object.hasOwn(place, name)) {
    place[name] = entry
    const end = text === undefined || text.endsWith('\n') ? '\n' : ''
    return { change: 'add', text: `${JSON.stringify(root, undefined, indentOf(text))}${end}` }
  }
  const present = place[name]
  if (isDeepStrictEqual(present, JSON.parse(JSON.stringify(entry)))) return { change: 'none' }
  return { change: 'conflict', present: JSON.stringify(present, undefined, 2) }
}

type Json = Record<string, unknown>

function readObject(text: string | undefined): Json | undefined {
  if (text === undefined || text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // with comments, such as some clients allow; writing it anew would lose them
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How a file is indented, from its first indented line. */
function indentOf(text: string | undefined): string {
  return /\n([ \t]+)\S/.exec(text ?? '')?.[1] ?? '  '
}

/** A table is added at the end. Whatever else there is of our name, in any spelling, is taken for another entry. */
function mergeToml(text: string | undefined, path: readonly string[], entry: object): Merged {
  const block = tomlTable(path, entry)
  const lines = (text ?? '').split(/\r?\n/)
  const isOurs = (line: string) => isAbout(line, path)
  const first = lines.findIndex(isOurs)
  const [outer = ''] = path
  if (first < 0) {
    if (lines.some((line) => !isHeader(line) && keysIn(line).join('.') === outer)) {
      return { change: 'unreadable', reason: `Its "${outer}" is written in one line.` }
    }
    const before = text === undefined || text.trim() === '' ? '' : `${text.trimEnd()}\n\n`
    return { change: 'add', text: `${before}${block}` }
  }
  const rest = lines.slice(first + 1)
  const end = rest.findIndex((line) => /^\s*\[/.test(line) && !isOurs(line))
  const present = [lines[first], ...rest.slice(0, end < 0 ? undefined : end)].join('\n').trim()
  return present === block.trim() ? { change: 'none' } : { change: 'conflict', present }
}

/** Whether a line opens our table or one below it, or sets it by dotted keys, or our name inside the outer table. */
function isAbout(line: string, [outer, name]: readonly string[]): boolean {
  const [first, second] = keysIn(line)
  if (first === outer && second === name) return true
  return !isHeader(line) && first === name
}

function isHeader(line: string): boolean {
  return line.trimStart().startsWith('[')
}

/** The keys that a line names, parted by dots, whatever they are quoted with; none for a line without any. */
function keysIn(line: string): string[] {
  const end = isHeader(line) ? line.indexOf(']') : line.indexOf('=')
  if (end < 0) return []
  const named = line.slice(0, end).split('[').join('')
  return named.split('.').map((key) => key.trim().replace(/^["']|["']$/g, ''))
}

function tomlTable(path: readonly string[], entry: object): string {
  const values = Object.entries(entry).map(([key, value]) => `${key} = ${tomlValue(value)}`)
  return `[${path.join('.')}]\n${values.join('\n')}\n`
}

/** Texts are spelled as in JSON, which TOML reads the same. */
function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const pairs = Object.entries(value).map(([key, inner]) => `${key} = ${tomlValue(inner)}`)
  return `{ ${pairs.join(', ')} }`
}
