// Haste: how much an agent may send, what it is told when it goes on, and how it heals.

import { afterEach, expect, test, vi } from 'vitest'
import { anon, keyed, makeKeys, type Peer, serve, signedMessage } from './kit.ts'

afterEach(() => vi.restoreAllMocks())

const message = { type: 'MSG', to: '#general', content: 'x' }

/** Moves the clock that buckets are filled by. */
function movable(): (ms: number) => void {
  const real = performance.now.bind(performance)
  let ahead = 0
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead)
  return (ms) => {
    ahead += ms
  }
}

async function codes(peer: Peer, count: number): Promise<unknown[]> {
  const answers = Array.from({ length: count }, () => peer.ask(message))
  return (await Promise.all(answers)).map(({ code, type }) => code ?? type)
}

const sent = (count: number) => Array<string>(count).fill('SENT')

test('ten at once pass, the eleventh is told when to come again, and then it passes', async () => {
  const pass = movable()
  const peer = await anon(await serve(), 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  expect(await codes(peer, 10)).toEqual(sent(10))
  const error = await peer.ask(message)
  expect(error).toMatchObject({ type: 'ERROR', code: 'RATE_LIMITED' })
  const wait = Number(error.retry_after_ms)
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(1_000)
  pass(wait)
  expect(await codes(peer, 2)).toEqual(['SENT', 'RATE_LIMITED'])
  pass(3_000)
  expect(await codes(peer, 4)).toEqual([...sent(3), 'RATE_LIMITED'])
  expect((await peer.settled('MSG')).length).toBe(14)
})

test('--rate and --burst say how much', async () => {
  const pass = movable()
  const peer = await anon(await serve({ rate: '4', burst: '3' }), 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  expect(await codes(peer, 4)).toEqual([...sent(3), 'RATE_LIMITED'])
  pass(500)
  expect(await codes(peer, 3)).toEqual([...sent(2), 'RATE_LIMITED'])
})

test('all connections of one agent share its bucket', async () => {
  const server = await serve()
  const keys = makeKeys()
  const peers = [await keyed(server, 'alice', keys), await keyed(server, 'alice', keys)]
  await peers[0]?.ask({ type: 'JOIN', channel: '#general' })
  const told = peers.flatMap((peer) =>
    Array.from({ length: 8 }, () =>
      peer.ask(signedMessage(keys, { to: '#general', content: 'x' })),
    ),
  )
  const types = (await Promise.all(told)).map(({ code, type }) => code ?? type)
  expect(types.filter((type) => type === 'SENT')).toHaveLength(10)
  expect(types.filter((type) => type === 'RATE_LIMITED')).toHaveLength(6)
})

test('haste of one is not felt by another', async () => {
  const server = await serve()
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  for (let at = 0; at < 60; at++) one.send(message)
  await one.settled()
  expect(await codes(other, 10)).toEqual(sent(10))
})

test('requests that are no messages have a larger bucket of their own', async () => {
  const peer = await anon(await serve(), 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  expect(await codes(peer, 11)).toEqual([...sent(10), 'RATE_LIMITED'])
  const lists = Array.from({ length: 60 }, () => peer.ask({ type: 'LIST_CHANNELS' }))
  const types = (await Promise.all(lists)).map(({ type }) => type)
  expect(types.filter((type) => type === 'CHANNELS').length).toBeGreaterThanOrEqual(45)
  expect(types).toContain('ERROR')
})
