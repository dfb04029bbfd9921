// Nobody but `agentchat mcp` and the route `/mcp` loads the SDK of MCP: everything else starts where it is missing.

import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Home } from '../cli/kit.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const home = new Home()
const bin = join(home.path, 'package', 'bin', 'agentchat.js')
const missing = '@modelcontextprotocol'

/** The package with all that it depends on, but for the SDK. */
beforeAll(() => {
  const place = join(home.path, 'package')
  for (const file of ['package.json', 'bin', 'dist', 'node_modules/.package-lock.json']) {
    mkdirSync(dirname(join(place, file)), { recursive: true })
    cpSync(join(root, file), join(place, file), { recursive: true })
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === missing || name.startsWith('.')) continue
    symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name))
  }
})
afterAll(() => home.close())

it('serves, sends and reads without it', async () => {
  const node = (args: readonly string[], env = {}) =>
    home.spawn([process.execPath, bin, ...args], { env })
  const serving = node(['serve', '--port', '0', '--data', 'server'])
  const { url } = await serving.line(({ type }) => type === 'LISTENING')
  const env = { AGENTCHAT_SERVER: String(url), AGENTCHAT_DAEMON: 'off' }
  expect(await node(['identity', 'new', 'me']).ended).toMatchObject({ code: 0 })
  expect(await node(['join', '#general'], env).ended).toMatchObject({ code: 0 })
  expect(await node(['send', '#general', 'hi'], env).ended).toMatchObject({ code: 0, stderr: '' })
  expect(await node(['unread', '--budget', '500'], env).ended).toMatchObject({ code: 0 })
  expect(await node(['mcp', 'install', '--client', 'cursor', '--print'], env).ended).toMatchObject({
    code: 0,
  })
  // It is really missing.
  const { code, stderr } = await node(['mcp'], env).ended
  expect(code).not.toBe(0)
  expect(stderr).toContain(missing)
})
