// The files of the project, and its code as trees: what it imports, how long it is, which words it uses.

import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const root = fileURLToPath(new URL('../..', import.meta.url))
const untracked = /^(node_modules|dist|coverage|\.git)(\/|$)|\.tgz$/

/** A node of the tree, by the names of ESTree. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface Code {
  /** From the root of the project, with slashes. */
  readonly path: string
  readonly text: string
  readonly nodes: readonly Node[]
  readonly comments: readonly string[]
}

/** The paths of all files that belong to the project. */
export function trackedFiles(directory = ''): string[] {
  return readdirSync(posix.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(directory, entry.name)
    if (untracked.test(path)) return []
    return entry.isDirectory() ? trackedFiles(path) : [path]
  })
}

export function read(path: string): string {
  return readFileSync(posix.join(root, path), 'utf8')
}

/** Parses all code below a directory. */
export function codeIn(directory: string): Code[] {
  return trackedFiles(directory)
    .filter((path) => /\.[tj]s$/.test(path))
    .map((path) => {
      const text = read(path)
      const { program, comments } = parseSync(path, text)
      return { path, text, nodes: nodesIn(program), comments: comments.map(({ value }) => value) }
    })
}

function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(nodesIn)
  return 'type' in value ? [value as Node, ...below] : below // what has a type in a tree is a node
}

/** The names of the modules that a file imports: in whatever way, or only when it is loaded itself. */
export function importsOf({ nodes }: Code, when: 'ever' | 'at once' = 'ever'): string[] {
  return nodes.flatMap(({ type, source }) => {
    if (!/Import|Export/.test(type) || !isNode(source)) return []
    if (type === 'ImportExpression' && when === 'at once') return []
    return typeof source.value === 'string' ? [source.value] : []
  })
}

/** The file of this project that an import means; undefined for modules of others. */
export function fileOf(from: string, name: string): string | undefined {
  const alias = imports[name]
  if (alias !== undefined)
    return posix.normalize(typeof alias === 'string' ? alias : alias['agentchat-source'])
  return name.startsWith('.') ? posix.join(posix.dirname(from), name) : undefined
}

const { imports } = JSON.parse(read('package.json')) as {
  imports: Record<string, string | { 'agentchat-source': string }>
}

/** How many lines a node goes over. */
export function linesOf({ text }: Code, { start, end }: Node): number {
  return text.slice(start, end).split('\n').length
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** Whether the node is this name. */
export function isCalled(name: string, value: unknown): boolean {
  return isNode(value) && value.type === 'Identifier' && value.name === name
}
