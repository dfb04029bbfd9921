// The library as others import it: in a process of its own, in a bundle for browsers, and what it drags in.

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { withTemporaryDirectory } from '../kit/directory.ts'
import { hasty, serve } from '../wire/kit.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Everything that the library needs, in one file. */
async function bundle(platform: 'browser' | 'node'): Promise<{ text: string; meta: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'dist/index.js')],
    platform,
    bundle: true,
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
    external: platform === 'node' ? ['ws'] : [],
  })
  return { text: outputFiles[0]?.text ?? '', meta: metafile }
}

let browser: Awaited<ReturnType<typeof bundle>>

beforeAll(async () => {
  browser = await bundle('browser')
})

test('a bundle for browsers has nothing of Node in it, and is small', () => {
  const inputs = Object.keys(browser.meta.inputs)
  expect(inputs.filter((path) => /-node\.js$|node_modules\/ws\//.test(path))).toEqual([])
  const imported = Object.values(browser.meta.outputs).flatMap(({ imports }) => imports)
  expect(imported).toEqual([])
  expect(browser.text).not.toMatch(/["']node:/)
  expect(browser.text).not.toMatch(/\bBuffer\b|\bprocess\./)
  expect(browser.text.length).toBeLessThan(200_000)
})

test('neither there nor in Node does the library load the schemas', async () => {
  const node = await bundle('node')
  for (const { meta } of [browser, node]) {
    const heavy = /node_modules\/zod\/|protocol\/(frames|declare|fields|messages|session)\.js$/
    expect(Object.keys(meta.inputs).filter((path) => heavy.test(path))).toEqual([])
  }
})

/** Runs a module in a process that must end by itself. */
async function runModule(text: string, args: readonly string[]): Promise<string> {
  return withTemporaryDirectory(async (directory) => {
    const file = join(directory, 'main.mjs')
    await writeFile(file, text)
    const { stdout, stderr } = await run(process.execPath, [file, ...args], { timeout: 15_000 })
    expect(stderr).toBe('')
    return stdout
  })
}

/** A conversation with oneself that uses keys, names and signatures. */
const conversation = `
  const [server] = process.argv.slice(2)
  const chat = await AgentChat.connect({ server, identity: createIdentity('alice') })
  await chat.join('#general')
  const messages = chat.messages({ own: true })
  await chat.send('#general', 'hello')
  await chat.dm('alice', 'hello again')
  for (const text of ['hello', 'hello again']) {
    const { value } = await messages.next()
    const { status } = verifyMessage(value, chat)
    console.log(value.content === text, status, chat.serverKey)
  }
  await chat.close()
`

test('a process ends by itself when its connection is closed', async () => {
  const server = await serve(hasty)
  const index = join(root, 'dist/index.js')
  const imports = `import { AgentChat, createIdentity, verifyMessage } from ${JSON.stringify(index)}`
  const said = await runModule(`${imports}\n${conversation}`, [server.url])
  expect(said).toBe(`true signed ${server.key}\n`.repeat(2))
})

test('what is bundled for browsers talks and signs, with the WebSocket it finds there', async () => {
  const server = await serve(hasty)
  const ws = createRequire(import.meta.url)
    .resolve('ws')
    .replace(/index\.js$/, 'wrapper.mjs')
  const world = `import { WebSocket } from ${JSON.stringify(ws)}\nglobalThis.WebSocket = WebSocket\n`
  const said = await runModule(`${world}${browser.text}\n${conversation}`, [server.url])
  expect(said).toBe(`true signed ${server.key}\n`.repeat(2))
})

test('where there are no files, asking for one says so', async () => {
  const ask = `
    const failures = [
      loadIdentity('a'),
      saveIdentity('a', createIdentity('alice')),
      fileKnownServers('a').get('ws://a'),
      fileKnownServers('a').set('ws://a', 'key'),
    ]
    for (const { reason } of await Promise.allSettled(failures)) console.log(reason.message)
  `
  const sentence = 'There are no files here; keep identities and known servers elsewhere.\n'
  expect(await runModule(`${browser.text}\n${ask}`, [])).toBe(sentence.repeat(4))
})

test('its types are those of the one entry', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  expect(exports['.'].types).toBe('./dist/index.d.ts')
})
