// The end of a server: everybody is told, what was acknowledged is kept, and nobody can hold it up.

import { afterEach, expect, test, vi } from 'vitest'
import { anon, connect, hasty, serve } from './kit.ts'
import { framesIn, Raw, upgraded, upgradeRequest } from './raw.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('everybody is told to come back, logged in or not, and closed with 1012', async () => {
  const server = await serve()
  const peers = [await anon(server, 'alice'), await anon(server, 'bob'), await connect(server)]
  const stopped = server.stop()
  for (const peer of peers) {
    expect(await peer.next('SERVER_CLOSING')).toMatchObject({ retry_after_ms: expect.any(Number) })
    expect(await peer.closed).toMatchObject({ code: 1012 })
  }
  await stopped
  await server.stopped
  expect(server.reports.map(({ name }) => name)).toContain('server-stopped')
  await expect(connect(server)).rejects.toThrow(/ECONNREFUSED/)
})

test('a signal stops it, and to stop it twice is to stop it once', async () => {
  const controller = new AbortController()
  const server = await serve({}, { signal: controller.signal })
  controller.abort()
  await Promise.all([server.stopped, server.stop(), server.stop()])
  expect(server.reports.filter(({ name }) => name === 'server-stopped')).toHaveLength(1)
})

test('while somebody has yet to go, new connections are turned away with 503', async () => {
  const server = await serve()
  const mute = await upgraded(server.port)
  // The two seconds that it has to go do not pass.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const stopped = server.stop()
  const late = new Raw(server.port)
  late.write(upgradeRequest())
  expect(await late.status()).toBe(503)
  expect(await mute.closeCode()).toBe(1012)
  mute.socket.destroy()
  await stopped
})

test('what was sent before the end is answered, or was not done', async () => {
  const server = await serve(hasty)
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  for (let at = 0; at < 500; at++) {
    one.send({ type: 'MSG', to: '#general', content: `${at}`, ref: `m${at}` })
  }
  await one.next('SENT')
  await server.stop()
  await Promise.all([one.closed, other.closed])
  const positions = (frames: typeof one.heard, type: string) =>
    frames.filter((frame) => frame.type === type).map(({ position }) => position)
  const sent = positions(one.heard, 'SENT')
  expect(positions(other.heard, 'MSG').slice(1)).toEqual(sent)
  expect(positions(one.heard, 'MSG').slice(1)).toEqual(sent)
})

test('a request that does not come to its end does not hold it up', async () => {
  const server = await serve()
  const slow = new Raw(server.port)
  slow.write('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  const quick = new Raw(server.port)
  quick.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(await quick.status()).toBe(200)
  await server.stop()
  await slow.ended
})

test('nor does a client that was turned away and keeps its end open', async () => {
  const server = await serve()
  const raw = new Raw(server.port)
  raw.write(upgradeRequest({ Host: 'evil.example' }))
  expect(await raw.status()).toBe(403)
  await raw.ended
  await server.stop()
})

test('nor one that reads nothing', async () => {
  const server = await serve(hasty)
  const mute = await upgraded(server.port)
  mute.socket.pause()
  const talker = await anon(server, 'alice')
  await talker.ask({ type: 'PING' })
  await server.stop()
  expect(framesIn(mute.read)).toEqual([])
})
