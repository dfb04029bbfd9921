// W1: A web page that its visitor opens talks to the server on the visitor's machine.

import { get } from 'node:http'
import { expect, test } from 'vitest'
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
