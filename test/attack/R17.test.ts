// R17: Things are made and left, again and again, until what is forgotten to be taken away has filled the memory.

import { expect, test } from 'vitest'
import { execute } from '../../src/core/execute.ts'
import { freeze } from '../../src/core/snapshot.ts'
import { nextDue } from '../../src/core/tick.ts'
import { createWorld, type World } from '../../src/core/world.ts'
import { limits } from '../../src/protocol/limits.ts'
import { anon, hasty, serve } from '../wire/kit.ts'

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
  expect(sizes(hand.world)).toEqual(before)
  expect(freeze(hand.world).length).toBeLessThan(2_000)
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
