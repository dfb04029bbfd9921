// What the port says over plain HTTP.

import { expect, test } from 'vitest'
import { protocolSchema } from '../../src/protocol/schema.ts'
import { packageVersion } from '../../src/version.ts'
import { anon, keyed, makeKeys, type Served, serve } from './kit.ts'
import { acceptOf, Raw, upgradeRequest } from './raw.ts'

const get = (server: Served, path: string, init: RequestInit = {}) =>
  fetch(`${server.url.replace('ws', 'http')}${path}`, init)

async function answerTo(server: Served, request: string): Promise<number> {
  const raw = new Raw(server.port)
  raw.write(request)
  return raw.status()
}

test('everything else is not here', async () => {
  const server = await serve()
  for (const path of ['/', '/admin', '/health/', '/HEALTH', '/..%2fserver.key', '//health']) {
    const answer = await get(server, path)
    expect([path, answer.status]).toEqual([path, 404])
    expect(await answer.json()).toEqual({ error: expect.stringContaining('/protocol.json') })
  }
  expect((await get(server, '/health', { method: 'POST', body: 'x' })).status).toBe(404)
})

test.each([
  ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ['a Host that is none', 'GET /health HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
  ['a Host of brackets', 'GET /health HTTP/1.1\r\nHost: [\r\n\r\n', 400],
  ['a strange method', 'BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ['no HTTP at all', '{"type":"PING"}\r\n\r\n', 400],
  [
    '17 KiB of headers',
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
    431,
  ],
  ['an upgrade to something else', upgradeRequest({ Upgrade: 'h2c' }), 400],
  ['an upgrade without a key', upgradeRequest({ 'Sec-WebSocket-Key': null }), 400],
  ['an upgrade of an old version', upgradeRequest({ 'Sec-WebSocket-Version': '12' }), 400],
])('a request with %s is refused, and the server goes on', async (_what, request, status) => {
  const server = await serve()
  expect(await answerTo(server, request)).toBe(status)
  expect((await get(server, '/health')).status).toBe(200)
})

test('/health says how it is, how many are there, and no name', async () => {
  const server = await serve({ name: 'chat.example' })
  const agent = await keyed(server, 'alice', makeKeys())
  await anon(server, 'bob')
  await agent.ask({ type: 'CREATE_CHANNEL', channel: '#secret', invite_only: true })
  const answer = await get(server, '/health')
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const text = await answer.text()
  expect(JSON.parse(text)).toEqual({
    status: 'healthy',
    server: 'chat.example',
    version: packageVersion,
    uptime_seconds: expect.any(Number),
    started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    agents: { connected: 2, with_identity: 1 },
    channels: { total: 5, public: 4 },
    proposals: { total: 0, open: 0 },
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
  })
  expect(text).not.toMatch(/alice|bob|secret/)
})

test('the uptime is never negative, whatever the clock of the machine does', async () => {
  const server = await serve({}, { now: () => Date.now() + 86_400_000 })
  const { uptime_seconds } = JSON.parse(await (await get(server, '/health')).text())
  expect(uptime_seconds).toBeGreaterThanOrEqual(0)
})

test('/protocol.json is the protocol', async () => {
  const server = await serve()
  const schema = await (await get(server, '/protocol.json')).json()
  expect(schema).toEqual(JSON.parse(JSON.stringify(protocolSchema())))
  expect(schema).toMatchObject({ asks: { MSG: { kind: 'command' } }, limits: { mentions: 20 } })
})

test('the upgrade is that of RFC 6455, without extensions', async () => {
  const server = await serve()
  const raw = new Raw(server.port)
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  raw.write(upgradeRequest({ 'Sec-WebSocket-Key': key, Host: `LOCALHOST:${server.port}` }))
  expect(await raw.status()).toBe(101)
  expect(raw.read.toString('latin1')).toContain(`Sec-WebSocket-Accept: ${acceptOf(key)}`)
  expect(raw.read.toString('latin1')).not.toMatch(/extensions/i)
})
