// The package as it is published: its tarball alone, installed in an empty folder without any scripts.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageVersion } from '../src/version.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const megabyte = 1e6
const run = promisify(execFile)

let folder: string
let contents: string[]
let server: ChildProcess | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agentchat-package-'))
  // Without scripts: they would build again, under the feet of the tests beside this one.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [packed] = JSON.parse((await run('npm', pack, { cwd: root })).stdout)
  contents = packed.files.map(({ path }: { path: string }) => path)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const quick = ['--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
  await run('npm', ['install', '--prefix', folder, ...quick, join(folder, packed.filename)])
}, 240_000)

afterAll(() => {
  server?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('it holds what runs, its types and the reference, and nothing else', () => {
  const wanted =
    /^(package\.json|README\.md|LICENSE|bin\/agentchat\.js|dist\/.+\.(js|d\.ts)|src\/protocol\/REFERENCE\.md|skills\/agentchat\/SKILL\.md)$/
  expect(contents.filter((path) => !wanted.test(path))).toEqual([])
  expect(contents).toEqual(expect.arrayContaining(['LICENSE', 'src/protocol/REFERENCE.md']))
  expect(contents.filter((path) => /dist\/.*(reference|option-table)/.test(path))).toEqual([])
})

test('all that is installed is under 60 MB', () => {
  const size = sizeOf(join(folder, 'node_modules')) / megabyte
  process.stdout.write(`installed with all run-time packages: ${size.toFixed(1)} MB\n`)
  expect(size).toBeLessThan(60)
})

test('the executable serves and sends', async () => {
  expect((await agentchat('--version')).trim()).toBe(packageVersion)
  const { url, ended } = await serve()
  const sent = await agentchat('send', '#general', 'hello', '--server', url)
  expect(JSON.parse(sent)).toMatchObject({ type: 'SENT' })
  server?.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('the library can be imported, and has its types', async () => {
  const script = "import { AgentChat } from 'agentchat'; console.log(typeof AgentChat.connect)"
  const { stdout } = await run(process.execPath, ['-e', script, '--input-type=module'], {
    cwd: folder,
  })
  expect(stdout.trim()).toBe('function')

  const use = `import { AgentChat } from 'agentchat'
    // @ts-expect-error: a class is no number; if it were 'any', this comment would be an error.
    export const wrong: number = AgentChat
    export const chat = AgentChat.connect({ server: 'ws://localhost:6667', name: 'alice' })
    void chat.then(({ name, position }) => [name.length, position.toFixed()])\n`
  writeFileSync(join(folder, 'use.ts'), use)
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023']
  await run(process.execPath, [compiler, ...strict, 'use.ts'], { cwd: folder }).catch(
    ({ stdout }) => expect.fail(stdout),
  )
})

/** Runs the installed executable to its end. */
async function agentchat(...args: string[]): Promise<string> {
  return (await run(join(folder, 'node_modules/.bin/agentchat'), args, { env: ownHome() })).stdout
}

async function serve(): Promise<{ url: string; ended: Promise<unknown[]> }> {
  const bin = join(folder, 'node_modules/.bin/agentchat')
  server = spawn(bin, ['serve', '--port', '0'], {
    env: ownHome(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  if (server.stdout === null) throw new Error('no output')
  for await (const line of createInterface(server.stdout)) {
    return { url: JSON.parse(line).url, ended }
  }
  throw new Error(`The server ended: ${await ended}`)
}

function ownHome(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: folder, AGENTCHAT_HOME: join(folder, 'home') }
}

function sizeOf(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
