// Retention: what is over the bounds of the operator is forgotten, and whoever asks for it is told so.

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { anon, type Frame, type Given, hasty, keyed, makeKeys, type Served, serve } from './kit.ts'

const dayMs = 86_400_000
const bob = makeKeys()

// The server looks once a minute; a minute passes when the test says so.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

async function serveOn(durability: string, given: Given, now: () => number): Promise<Served> {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  return serve({ ...hasty, durability, data, ...given }, { now })
}

/** Somebody says so much to #general and to bob, and is gone. */
async function says(server: Served, from: number, count: number): Promise<void> {
  const guest = await anon(server, 'guest')
  await guest.ask({ type: 'JOIN', channel: '#general' })
  for (let at = from; at < from + count; at++) {
    await guest.ask({ type: 'MSG', to: '#general', content: `${at}` })
    await guest.ask({ type: 'MSG', to: '@bob', content: `to bob ${at}` })
  }
  await guest.leave()
}

async function aMinutePasses(server: Served): Promise<number> {
  vi.advanceTimersByTime(60_000)
  const { details } = await server.reported('retention-done')
  return Number(details?.position)
}

/** What bob can still read: the history of #general, and what RESUME brings. */
async function readable(server: Served) {
  const peer = await keyed(server, 'bob', bob)
  await peer.ask({ type: 'JOIN', channel: '#general', replay: 0 })
  const history = await peer.ask({ type: 'HISTORY', target: '#general', after: 0 })
  await peer.settled()
  const resumed = await peer.ask({ type: 'RESUME', after: 0 })
  const direct = (await peer.settled('MSG')).map(({ content }) => content)
  await peer.leave()
  const said = (history.messages as Frame[]).map(({ content }) => content)
  return { history, said, resumed, direct }
}

test.each(['memory', 'normal'])('by count, with --durability %s', async (durability) => {
  const server = await serveOn(durability, { retainCount: '20' }, Date.now)
  await (await keyed(server, 'bob', bob)).leave()
  await says(server, 0, 30)
  const forgotten = await aMinutePasses(server)
  const { history, said, resumed, direct } = await readable(server)
  expect(said.length).toBeGreaterThan(5)
  expect(said.length).toBeLessThanOrEqual(10)
  expect(said).toEqual(Array.from({ length: said.length }, (_, at) => `${30 - said.length + at}`))
  expect(direct.at(-1)).toBe('to bob 29')
  expect(direct.length).toBeLessThanOrEqual(10)
  expect([history.forgotten, resumed.forgotten]).toEqual([forgotten, forgotten])
})

test.each(['memory', 'normal'])('by age, with --durability %s', async (durability) => {
  let aheadMs = 0
  const server = await serveOn(durability, { retainAge: '2' }, () => Date.now() + aheadMs)
  await (await keyed(server, 'bob', bob)).leave()
  await says(server, 0, 3)
  aheadMs += 1.5 * dayMs
  await says(server, 3, 3)
  aheadMs += dayMs
  const forgotten = await aMinutePasses(server)
  const { history, said, direct } = await readable(server)
  expect(said).toEqual(['3', '4', '5'])
  expect(direct).toEqual(['to bob 3', 'to bob 4', 'to bob 5'])
  expect(history.forgotten).toBe(forgotten)
})

test('without the options nothing is ever forgotten', async () => {
  let aheadMs = 0
  const server = await serveOn('normal', {}, () => Date.now() + aheadMs)
  await (await keyed(server, 'bob', bob)).leave()
  await says(server, 0, 3)
  aheadMs += 60 * dayMs
  vi.advanceTimersByTime(600_000)
  const { history, said } = await readable(server)
  expect(said).toEqual(['0', '1', '2'])
  expect(history).not.toHaveProperty('forgotten')
})
