// What a person would have to remember: the order of the house, held by reading its files.

import { expect, test } from 'vitest'
import { features } from '../src/protocol/frames.ts'
import { withOptionTable } from '../src/server/option-table.ts'
import {
  type Code,
  codeIn,
  fileOf,
  importsOf,
  isCalled,
  linesOf,
  type Node,
  read,
  trackedFiles,
} from './tidy/code.ts'

const src = codeIn('src')
const shipped = [...src, ...codeIn('bin')]
const all = [
  ...shipped,
  ...codeIn('bench'),
  ...codeIn('examples'),
  ...codeIn('scripts'),
  ...codeIn('test'),
]

interface Shelf {
  /** What it may import of src besides itself: folders and files. */
  readonly knows: readonly string[]
  /** The packages that it may import; all that is below them counts. */
  readonly packages: readonly string[]
  readonly usesNode: boolean
}

const shelves: Readonly<Record<string, Shelf>> = {
  protocol: {
    knows: [],
    packages: ['zod', 'canonicalize', '@noble', '@scure/base'],
    usesNode: false,
  },
  core: { knows: ['protocol'], packages: [], usesNode: false },
  log: { knows: ['protocol', 'core/entry.ts', 'version.ts'], packages: [], usesNode: true },
  client: {
    knows: ['protocol', 'version.ts'],
    packages: ['ws', 'tweetnacl'],
    usesNode: true,
  },
  doors: { knows: ['protocol', 'client', 'version.ts'], packages: [], usesNode: true },
  'doors/mcp': {
    knows: ['doors', 'protocol', 'client', 'version.ts'],
    packages: ['@modelcontextprotocol/server', 'zod'],
    usesNode: true,
  },
  'doors/http': {
    knows: ['doors', 'protocol', 'client', 'version.ts'],
    packages: ['hono'],
    usesNode: true,
  },
  server: {
    knows: ['protocol', 'core', 'log', 'client', 'doors', 'version.ts'],
    packages: ['ws', 'hono', '@hono/node-server', 'pino'],
    usesNode: true,
  },
  cli: {
    knows: [
      'protocol',
      'client',
      'doors',
      'server',
      'log/export.ts',
      'log/errors.ts',
      'version.ts',
    ],
    packages: ['commander'],
    usesNode: true,
  },
  'index.ts': { knows: ['client', 'protocol', 'version.ts'], packages: [], usesNode: false },
  'version.ts': { knows: [], packages: [], usesNode: true },
}

test('every file imports only what its folder may know', () => {
  const strays = src.flatMap((code) =>
    importsOf(code)
      .filter((name) => !mayImport(code.path, name))
      .map((name) => `${code.path} imports ${name}`),
  )
  expect(strays).toEqual([])
})

function mayImport(path: string, name: string): boolean {
  // The narrowest shelf that it stands on.
  const own = Object.keys(shelves).findLast((name) => isBelow(`src/${name}`, path))
  const shelf = own === undefined ? undefined : shelves[own]
  if (own === undefined || shelf === undefined) return false
  const file = fileOf(path, name)
  if (file !== undefined)
    return [own, ...shelf.knows].some((known) => isBelow(`src/${known}`, file))
  if (name.startsWith('node:')) return shelf.usesNode
  return shelf.packages.some((known) => isBelow(known, name))
}

function isBelow(place: string, path: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

test('the client needs Node only in the files that are named after it', () => {
  const strays = src
    .filter(({ path }) => path.startsWith('src/client/') && !path.endsWith('-node.ts'))
    .filter((code) => importsOf(code).some((name) => name.startsWith('node:') || name === 'ws'))
  expect(strays.map(({ path }) => path)).toEqual([])
})

test('imports go round in no circle, not even those of types alone', () => {
  // What is loaded only when it is wanted, such as a command, may look back at what loads it.
  const known = new Map(
    src.map((code) => [
      code.path,
      importsOf(code, 'at once').flatMap((name) => fileOf(code.path, name) ?? []),
    ]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
    if (done.has(path) || way.includes(path)) return
    for (const next of known.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of known.keys()) visit(path, [])
  expect(circles).toEqual([])
})

test('no file is over 300 lines', () => {
  const long = all.filter(({ text }) => text.trimEnd().split('\n').length > 300)
  expect(long.map(({ path }) => path)).toEqual([])
})

test('no function is over 60 lines', () => {
  const isFunction = ({ type, body }: Node) => /Function/.test(type) && body != null
  const long = shipped.flatMap((code) =>
    code.nodes
      .filter((node) => isFunction(node) && linesOf(code, node) > 60)
      .map((node) => `${code.path}: ${code.text.slice(node.start).split('\n')[0]}`),
  )
  expect(long).toEqual([])
})

test('every file opens with a sentence of what it is for', () => {
  const silent = all.filter(({ path, text }) => {
    return !path.startsWith('bin/') && !/^\/\/ \S.*[.?]\n/.test(text)
  })
  expect(silent.map(({ path }) => path)).toEqual([])
})

test('the core has no clock, no chance, no timers, no waiting and no process', () => {
  const words = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'Promise']
  expect(
    finds('src/core', (node) => {
      const isRandom = isCalled('Math', node.object) && isCalled('random', node.property)
      const waits = node.type === 'AwaitExpression' || node.async === true
      return isRandom || waits || words.some((word) => isCalled(word, node))
    }),
  ).toEqual([])
})

test('the environment is read in one place', () => {
  const found = finds(
    'src',
    (node) => isCalled('process', node.object) && isCalled('env', node.property),
  )
  expect(found.filter((place) => !place.startsWith('src/cli/environment.ts'))).toEqual([])
})

test('only the command line writes to the console', () => {
  const found = finds('src', (node) => isCalled('console', node))
  expect(found.filter((place) => !place.startsWith('src/cli/'))).toEqual([])
})

test('no default export, enum, namespace, decorator, any, inheritance or barrel', () => {
  const types = [
    'ExportDefaultDeclaration',
    'TSEnumDeclaration',
    'TSModuleDeclaration',
    'Decorator',
    'TSAnyKeyword',
  ]
  const found = all.flatMap((code) =>
    findsIn(code, (node) => {
      const inherits = node.superClass != null && !isCalled('Error', node.superClass)
      const isBarrel = node.type === 'ExportAllDeclaration'
      return types.includes(node.type) || inherits || isBarrel
    }),
  )
  expect(found).toEqual([])
})

test('no comment puts work off or silences the compiler', () => {
  const excuse = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)/
  const found = all.filter(({ comments }) => comments.some((comment) => excuse.test(comment)))
  expect(found.map(({ path }) => path)).toEqual([])
})

test('a feature has the same name on each shelf, and its handlers have a test', () => {
  const files = new Set(trackedFiles())
  const wanted = Object.keys(features).flatMap((name) => [
    `src/protocol/${name}.ts`,
    `src/core/${name}.ts`,
    `test/core/${name}.test.ts`,
  ])
  expect(wanted.filter((path) => !files.has(path))).toEqual([])
})

test('every attack that is in scope has a test that tries it', () => {
  const ids = `I1 I2 I3 I4 I5 I7 I8 I9 I10 I11 I15 M1 M2 M3 M4 M5 M6 M7 M8 M9 M12 M13 M14 G1
    G2 G3 G4 G5 G6 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R13 R15 R16 R17 W1 W4 O1 O2 O5`.split(/\s+/)
  const tried = new Set(trackedFiles('test/attack'))
  expect(ids.filter((id) => !tried.has(`test/attack/${id}.test.ts`))).toEqual([])
})

test('no file names the machine it was made on, or where its packages were fetched', () => {
  const places = /(^|[\s"'`(=:])\/(work|root)\/|"resolved"\s*:|https?:\/\/[^\s/"']*registry/m
  expect(trackedFiles().filter((path) => places.test(read(path)))).toEqual([])
})

test("the README's table of options is that of the code", () => {
  const page = read('README.md')
  expect(withOptionTable(page) === page, 'README.md is stale: npm run generate').toBe(true)
})

function finds(directory: string, isMeant: (node: Node) => boolean): string[] {
  return src
    .filter(({ path }) => isBelow(directory, path))
    .flatMap((code) => findsIn(code, isMeant))
}

/** Where in a file there are such nodes: the path and the line. */
function findsIn(code: Code, isMeant: (node: Node) => boolean): string[] {
  return code.nodes
    .filter(isMeant)
    .map(({ start }) => `${code.path}:${code.text.slice(0, start).split('\n').length}`)
}
