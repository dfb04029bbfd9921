// What is loaded to start: nothing for the version, and only what a command needs.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'agentchat-start-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

/** Runs the executable where only some of its files and packages exist: it fails if it needs others. */
function runWith(files: readonly string[], packages: readonly string[], args: readonly string[]) {
  for (const file of ['package.json', ...files]) {
    cpSync(join(root, file), join(place, file), { recursive: true })
  }
  for (const name of packages) {
    const path = join(place, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), path)
  }
  const env = { PATH: process.env.PATH, HOME: place }
  const argv = [join(place, 'bin', 'agentchat.js'), ...args]
  return spawnSync(process.execPath, argv, { env, encoding: 'utf8' })
}

describe('starting', () => {
  it('needs two small files for --version', () => {
    const files = ['bin', 'dist/cli/main.js', 'dist/version.js']
    for (const flag of ['--version', '-V']) {
      const { stdout, stderr, status } = runWith(files, [], [flag])
      expect(stderr).toBe('')
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
      expect(status).toBe(0)
    }
  })

  it('needs only commander to understand a command line', () => {
    const { stderr, status } = runWith(['bin', 'dist'], ['commander'], ['help', 'exit-codes'])
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('needs neither zod, pino, hono nor SQLite to talk', () => {
    const hashes = ['@noble/hashes', '@scure/base', 'canonicalize']
    const args = ['--server', 'ws://127.0.0.1:1', 'send', '#general', 'hi']
    const { stderr, status } = runWith(['bin', 'dist'], ['commander', 'ws', ...hashes], args)
    expect(stderr).toMatch(/^Cannot reach the server/)
    expect(status).toBe(3)
  })

  it.each([
    ['to deal', ['proposals'], /^A proposal needs an identity/],
    ['to check a receipt', ['verify', join(root, 'package.json')], /^It is no receipt/],
  ])('needs no more %s', (_what, args, says) => {
    const hashes = ['@noble/hashes', '@scure/base', 'canonicalize']
    const { stderr, status } = runWith(['bin', 'dist'], ['commander', 'ws', ...hashes], args)
    expect(stderr).toMatch(says)
    expect(status).toBe(5)
  })
})
