// The README does what it says: its shell lines and its program are run as they stand there.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, Home, startServer } from './cli/kit.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${root}/README.md`, 'utf8')
const home = new Home()
let url = ''

beforeAll(async () => {
  url = (await startServer(home)).url
})
afterAll(() => home.close())

/** The fenced blocks of a language that are marked to be run, in order. */
function blocks(language: string): string[] {
  const [, ...rest] = readme.split(`\`\`\`${language} test\n`)
  return rest.map((text) => text.slice(0, text.indexOf('\n```')))
}

/** Runs a program in the home of the test, and gives what it printed. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const { PATH = '' } = process.env
  const env = { PATH, HOME: home.path, AGENTCHAT_HOME: home.path, AGENTCHAT_SERVER: url }
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  child.stdout.on('data', (data) => {
    printed += data
  })
  let complaints = ''
  child.stderr.on('data', (data) => {
    complaints += data
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code, `${args.join(' ')}\n${printed}\n${complaints}`).toBe(0)
  return printed
}

test('the shell lines work, one block after the other', async () => {
  const npx = `npx() { shift; "${process.execPath}" "${bin}" "$@"; }; set -e`
  const printed: string[] = []
  for (const block of blocks('sh')) printed.push(await run('bash', ['-c', `${npx}\n${block}`]))

  expect(printed.length).toBeGreaterThan(3)
  expect(printed[0]).toContain('"content":"hello"')
  expect(printed.join('')).toContain('the build is green')
  expect(printed.join('')).toContain('"type":"VERIFIED"')
})

test('the program of the client library runs', async () => {
  const [program = ''] = blocks('js')
  const here = program.replace('ws://127.0.0.1:6667', url)

  const printed = await run(process.execPath, ['--input-type=module', '-e', here])

  expect(printed).toMatch(/^watcher: who is there\?\nstored at \d+, heard by 1 connections\n$/)
})
