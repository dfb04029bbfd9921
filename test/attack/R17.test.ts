// R17: Things are made and left, again and again, until what is forgotten to be taken away has filled the memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import { execute } from '../../src/core/execute.ts'
import { freeze } from '../../src/core/snapshot.ts'
import { nextDue } from '../../src/core/tick.ts'
import { createWorld, type World } from '../../src/core/world.ts'
import { limits } from '../../src/protocol/limits.ts'
import { Admission } from '../../src/server/inbound/admission.ts'
import { Guard } from '../../src/server/inbound/guard.ts'
import { Outbox } from '../../src/server/outbound/outbox.ts'
import { anon, connect, hasty, serve } from '../wire/kit.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

afterEach(() => vi.restoreAllMocks())

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Executes entries on a world, one after the other. */
class Hand {
  readonly world: World = createWorld()
  now = 1_000

  do(type: string, session: string | null, fields: object = {}): void {
    this.now += 1
    const position = this.world.position + 1
    execute(this.world, { type, session, fields: { ...fields }, now: this.now, position })
  }

  enter(id: string, key?: string): void {
    const agent = key ? `@${key.slice(0, 16)}` : `@anon-${id.padStart(32, '0')}`
    const opening = { session: id, agent, name: `n${id}`, version: 'v1', brief: false, server: 's' }
    this.do('SESSION_OPENED', id, key ? { ...opening, key } : opening)
  }

  /** Lets everything expire that can. */
  expire(): void {
    while (nextDue(this.world) < Infinity) {
      this.now = Math.max(this.now, nextDue(this.world))
      this.do('TICK', null)
    }
  }
}

/** How many things of each kind there are. */
function sizes(world: World): Record<string, number> {
  return Object.fromEntries(
    Object.entries(world).flatMap(([name, slice]) =>
      slice instanceof Map || slice instanceof Set ? [[name, slice.size]] : [],
    ),
  )
}

test('agents without a key leave nothing behind, however often they come', () => {
  const hand = new Hand()
  const before = sizes(hand.world)
  for (let at = 0; at < 3_000; at++) {
    const id = String(at)
    hand.enter(id)
    hand.do('JOIN', id, { channel: '#general' })
    hand.do('CREATE_CHANNEL', id, { channel: `#c${at}`, invite_only: true })
    hand.do('MSG', id, { to: '#general', content: 'x', cid: `c${at}` })
    hand.do('RESPONDING_TO', id, { channel: '#general', msg_id: `m${at}` })
    hand.do('SESSION_CLOSED', null, { session: id })
  }
  expect(hand.world.emptyChannels.size).toBeLessThanOrEqual(limits.empty_channels)
  hand.expire()
  // What is newest in #general, and in what begins no thread there, stays known.
  expect(sizes(hand.world)).toEqual({ ...before, talks: 2 })
  expect(freeze(hand.world).length).toBeLessThan(3_000)
})

test('agents with a key are forgotten when nobody has seen them for long', () => {
  const hand = new Hand()
  for (let at = 0; at < 500; at++) {
    hand.enter(`s${at}`, at.toString(16).padStart(16, '0').padEnd(43, 'A'))
    hand.do('JOIN', `s${at}`, { channel: '#general' })
    hand.do('SESSION_CLOSED', null, { session: `s${at}` })
  }
  expect(hand.world.agents.size).toBe(500)
  hand.expire()
  expect(sizes(hand.world)).toMatchObject({
    agents: 0,
    names: 0,
    called: 0,
    unseen: 0,
    sessions: 0,
  })
  expect(hand.world.channels.get('#general')?.members.size).toBe(0)
})

test('connections that come and go leave nothing in the health of the server', async () => {
  const server = await serve(hasty)
  for (let round = 0; round < 20; round++) {
    const peers = await Promise.all(Array.from({ length: 25 }, () => anon(server, 'guest')))
    await Promise.all(peers.map((peer) => peer.ask({ type: 'JOIN', channel: '#general' })))
    await Promise.all(peers.map((peer) => peer.leave()))
  }
  const last = await anon(server, 'last')
  await last.ask({ type: 'JOIN', channel: '#general' })
  expect(await last.ask({ type: 'LIST_AGENTS', channel: '#general' })).toMatchObject({ total: 1 })
  const answer = await fetch(`http://127.0.0.1:${server.port}/health`)
  expect(await answer.json()).toMatchObject({ agents: { connected: 1 } })
})

test('connections that come and go leave nothing in the server, and its heap as it was', async () => {
  const spies = [
    vi.spyOn(Guard.prototype, 'connection'),
    vi.spyOn(Admission.prototype, 'enter'),
    vi.spyOn(Outbox.prototype, 'open'),
  ]
  const server = await serve({ ...hasty, behindProxy: 'true' })
  const headers = { 'X-Forwarded-For': '203.0.113.7' }
  const comeAndGo = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const peer = await connect(server, at % 2 === 0 ? {} : { headers })
      await peer.ask({ type: 'IDENTIFY', name: 'guest' })
      await peer.ask({ type: 'CREATE_CHANNEL', channel: '#made', topic: 'x'.repeat(500) })
      await peer.ask({ type: 'JOIN', channel: '#general' })
      await peer.ask({ type: 'MSG', to: '#general', content: 'x'.repeat(1_000) })
      await peer.leave()
    }
  }
  await comeAndGo(30)
  const before = heapBytes()
  await comeAndGo(30)
  expect(heapBytes() - before).toBeLessThan(3_000_000)
  // What the spied methods were called on: one of each kind, for there is one server.
  const [guard, admission, outbox] = spies.map((spy) => spy.mock.contexts[0]) as [
    Guard,
    Admission,
    Outbox,
  ]
  guard.sweep(performance.now() + 600_000)
  const buckets = ['agents', 'channels', 'addresses'].map((name) => Reflect.get(guard, name))
  const maps = [
    ...buckets.map((each) => Reflect.get(each, 'buckets')),
    Reflect.get(admission, 'open'),
  ]
  expect(maps.map(({ size }) => size)).toEqual([0, 0, 0, 0])
  expect(Reflect.get(admission, 'total')).toBe(0)
  expect([...outbox.all()]).toEqual([])
})
