// R7: Connections on which nobody ever says who it is, until there is no room for those who would.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anon, connect, makeKeys, serve } from '../wire/kit.ts'

const mute = 200

// The server looks once a second; a second passes when the test says so.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('whoever has not logged in after ten seconds is closed with 4401; who has stays', async () => {
  const real = performance.now.bind(performance)
  let ahead = 0
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead)
  const server = await serve({ maxConnections: String(mute + 3) })
  const bob = await anon(server, 'bob')
  const silent = await Promise.all(Array.from({ length: mute }, () => connect(server)))
  const halfway = await connect(server)
  await halfway.ask({ type: 'IDENTIFY', name: 'alice', pubkey: makeKeys().pem })
  const busy = await connect(server)
  await expect(connect(server)).rejects.toThrow('503')

  ahead = 5_000
  vi.advanceTimersByTime(1_000)
  const refused = { code: 'AUTH_REQUIRED' }
  for (const peer of [...silent, halfway, busy]) {
    expect(await peer.ask({ type: 'RESUME' })).toMatchObject(refused)
  }
  ahead = 10_001
  vi.advanceTimersByTime(1_000)
  const codes = await Promise.all([...silent, halfway, busy].map(({ closed }) => closed))
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([4401]))
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
  expect((await anon(server, 'carol')).welcome.type).toBe('WELCOME')
})
