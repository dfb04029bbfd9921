// R8: Readers that do not read, so that what they should hear piles up in the server.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anon, hasty, serve } from '../wire/kit.ts'

const stalled = 40
const content = 'x'.repeat(50_000)
const mostMessages = 1_000

// The two seconds that whoever is cut has to read on and go do not pass, however busy the machine is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('each is cut with 4408 before it costs more than its share; a healthy one hears everything', async () => {
  const server = await serve(hasty)
  const [talker, healthy] = [await anon(server, 'alice'), await anon(server, 'bob')]
  const readers = []
  for (let at = 0; at < stalled; at++) readers.push(await anon(server, 'sleeper'))
  for (const peer of [talker, healthy, ...readers]) {
    await peer.ask({ type: 'JOIN', channel: '#general', replay: 0 })
  }
  for (const { ws } of readers) ws.pause()
  const cut = () => server.reports.filter(({ name }) => name === 'readers-cut').length
  const before = process.memoryUsage().rss

  let said = 0
  while (cut() < stalled && said < mostMessages) {
    await talker.ask({ type: 'MSG', to: '#general', content })
    said += 1
  }

  expect(cut()).toBe(stalled)
  // One shared copy of what waits, and some for the clients of this process: not one for each reader.
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024)
  for (const { ws } of readers) ws.resume()
  const codes = await Promise.all(readers.map(({ closed }) => closed))
  expect(codes.map(({ code }) => code)).toEqual(readers.map(() => 4408))
  expect((await healthy.settled('MSG')).length).toBe(said)
})
