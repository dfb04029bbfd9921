// W1: A web page that its visitor opens talks to the server on the visitor's machine.

import { get } from 'node:http'
import { expect, test } from 'vitest'
import { ask, holder } from '../doors/http-kit.ts'
import { connect, type Given, type Served, serve } from '../wire/kit.ts'

/** The status of an upgrade request with these headers: 101, or that of the refusal. */
async function upgrade(server: Served, headers: Record<string, string>): Promise<number> {
  try {
    await connect(server, { headers })
    return 101
  } catch (failure) {
    return Number(/turned away with (\d+)/.exec(String(failure))?.[1])
  }
}

/** The status of /health under this name. */
function health({ port }: Served, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(
      { port, host: '127.0.0.1', path: '/health', headers: { host } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
    request.on('error', reject)
  })
}

test.each([
  'http://evil.example',
  'https://evil.example',
  'null',
  'http://localhost',
  'http://127.0.0.1:1',
  'file://',
  '',
])('a page of the origin %j may not connect', async (origin) => {
  expect(await upgrade(await serve(), { origin })).toBe(403)
})

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '[evil]'])(
  'a name that somebody had resolved to here is not ours: %s',
  async (name) => {
    const server = await serve()
    const host = `${name}:${server.port}`
    expect(await upgrade(server, { host })).toBe(403)
    expect(await upgrade(server, { host, origin: `http://${host}` })).toBe(403)
    expect(await health(server, host)).toBeGreaterThanOrEqual(400)
  },
)

test.each<[string, Given]>([
  ['localhost', {}],
  ['LOCALHOST', {}],
  ['127.0.0.1', {}],
  ['[::1]', {}],
  ['chat.example', { name: 'chat.example' }],
  ['other.example', { allowHosts: 'third.example, other.example' }],
])('an agent, which names no origin, connects to %s', async (name, given) => {
  const server = await serve(given)
  const host = `${name}:${server.port}`
  expect(await upgrade(server, { host })).toBe(101)
  expect(await health(server, host)).toBe(200)
})

test('a page of the server itself, and of the origins that are allowed, may connect', async () => {
  const server = await serve({ allowOrigins: 'https://console.example' })
  const host = `localhost:${server.port}`
  expect(await upgrade(server, { host, origin: `http://${host}` })).toBe(101)
  expect(await upgrade(server, { host, origin: 'https://console.example' })).toBe(101)
  expect(await upgrade(server, { host, origin: 'https://console.example.evil' })).toBe(403)
})

/** The status of a request with a good token under this name, which a visitor's page could send. */
function withToken({ port }: Served, token: string, [path, host]: readonly [string, string]) {
  const headers = { host, Authorization: `Bearer ${token}` }
  return new Promise<number | undefined>((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path, headers, agent: false }, (answer) => {
      answer.destroy()
      resolve(answer.statusCode)
    })
    request.on('error', reject)
  })
}

const paths = ['/v1/inbox', '/v1/events', '/v1/sent', '/mcp', '/skill.md']

test.each(['http://evil.example', 'null', 'http://localhost', ''])(
  'a page of the origin %j gets nothing by HTTP, not even with a good token',
  async (origin) => {
    const server = await serve()
    const { chat, token } = await holder(server, 'alice')
    for (const path of paths) {
      const answer = await ask(server, token, path, { headers: { origin } })
      expect([path, answer.status]).toEqual([path, 403])
      expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    }
    const preflight = await ask(server, undefined, '/v1/messages', {
      method: 'OPTIONS',
      headers: { origin, 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    for (const path of ['/v1/messages', '/mcp']) {
      const body = { to: '#general', content: 'forged' }
      expect((await ask(server, token, path, { body, headers: { origin } })).status).toBe(403)
    }
    expect((await chat.history('#general')).messages).toEqual([])
  },
)

test('a name that somebody had resolved to here gets nothing by HTTP', async () => {
  const server = await serve()
  const { token } = await holder(server, 'alice')
  for (const path of paths) {
    expect(await withToken(server, token, [path, `evil.example:${server.port}`])).toBe(403)
  }
  expect(await withToken(server, token, ['/v1/sent', `localhost:${server.port}`])).toBe(200)
})

test('only a page of an origin that is allowed may read what is answered; no cookie counts', async () => {
  const origin = 'https://console.example'
  const server = await serve({ allowOrigins: origin })
  const { token } = await holder(server, 'alice')
  const answer = await ask(server, token, '/v1/sent', { headers: { origin } })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  expect(answer.headers.get('vary')).toContain('Origin')
  expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
  const preflight = await ask(server, undefined, '/v1/messages', {
    method: 'OPTIONS',
    headers: { origin },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  const cookie = { cookie: `token=${token}; Authorization=Bearer ${token}` }
  expect((await ask(server, undefined, '/v1/sent', { headers: cookie })).status).toBe(401)
})
