// What a client of MCP would start for us, read from its configuration.

import type { Launch, McpClient } from './mcp-clients.ts'

type Json = Readonly<Record<string, unknown>>

/** @returns undefined when there is no entry of ours, or none that we can read */
export function launchIn({ format, path }: McpClient, text: string): Launch | undefined {
  const entry = format === 'json' ? jsonAt(text, path) : tomlAt(text, path)
  if (!isObject(entry)) return undefined
  const { command, args = [], env, environment } = entry
  const words = [command, args].flat()
  const [program, ...rest] = words
  if (typeof program !== 'string' || !words.every((word) => typeof word === 'string'))
    return undefined
  return { command: program, args: rest as string[], env: texts(env ?? environment ?? {}) } // just checked
}

function jsonAt(text: string, path: readonly string[]): unknown {
  try {
    const inner = (place: unknown, key: string) => (isObject(place) ? place[key] : undefined)
    return path.reduce<unknown>(inner, JSON.parse(text))
  } catch {
    return undefined // with comments, such as some clients allow
  }
}

/** Of a table with one value a line, as we write it. */
function tomlAt(text: string, path: readonly string[]): unknown {
  const lines = text.split(/\r?\n/)
  const first = lines.indexOf(`[${path.join('.')}]`)
  if (first < 0) return undefined
  const rest = lines.slice(first + 1)
  const end = rest.findIndex((line) => line.startsWith('['))
  const pairs = rest.slice(0, end < 0 ? undefined : end).flatMap((line) => {
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, readValue(String(value))] as const]
  })
  return Object.fromEntries(pairs)
}

/** Texts and lists are spelled as in JSON; of inline tables only the sign of equality differs. */
function readValue(value: string): unknown {
  try {
    return JSON.parse(value.replace(/([{,] *)([\w-]+) = /g, '$1"$2": '))
  } catch {
    return undefined
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(entries.map(([key, text]) => [key, String(text)]))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
