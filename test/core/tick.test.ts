// The passing of time: what is due next, and that a TICK does what is due and nothing else.

import { expect, test } from 'vitest'
import { nextDue } from '../../src/core/tick.ts'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'

const nonce = '0f'.repeat(16)

test('nothing is due in a world where nothing waits', async () => {
  const town = await coreTown()
  await town.agent('alice')
  expect(nextDue(town.driver.world)).toBe(Infinity)
})

test('the next is the first of verifications, turns, empty channels and agents unseen', async () => {
  const town = await coreTown()
  const [alice, bob] = await town.agents('alice', 'bob')
  const carol = await town.keyed('carol')
  const { world } = town.driver
  const dueIn = () => Math.floor(nextDue(world) - town.clock.now())
  await carol.leaves()
  expect(dueIn()).toBe(limits.unseen_agent_ms)
  await alice.creates('#work')
  await alice.asks('LEAVE', { channel: '#work' })
  expect(dueIn()).toBe(limits.empty_channel_ms)
  await bob.join('#general')
  await bob.asks('RESPONDING_TO', { msg_id: 'm1', channel: '#general' })
  expect(dueIn()).toBe(limits.turn_lease_ms)
  await carol.again()
  await alice.asks('VERIFY_REQUEST', { target: '@carol', nonce })
  expect(dueIn()).toBe(limits.verification_ms)
  await town.clock.advance(limits.verification_ms + 1)
  expect(dueIn()).toBe(limits.turn_lease_ms - limits.verification_ms - 1)
  await town.clock.advance(limits.turn_lease_ms)
  expect(dueIn()).toBeGreaterThan(limits.turn_lease_ms)
  await town.clock.advance(limits.empty_channel_ms)
  expect(nextDue(world)).toBe(Infinity)
})

test('the soonest of all proposals is due, and has no TICK of its own', async () => {
  const town = await coreTown()
  const carol = await town.keyed('carol')
  const dave = await town.keyed('dave')
  await carol.proposes(dave, 'late', { expires: 70 })
  await carol.proposes(dave, 'soon', { expires: 60 })
  expect(nextDue(town.driver.world) - town.clock.now()).toBe(60_000)
  await dave.leaves()
  expect(nextDue(town.driver.world) - town.clock.now()).toBe(60_000)
  await town.clock.advance(60_000)
  expect(town.driver.entries.at(-1)?.type).toBe('PROPOSAL_DUE')
  expect(nextDue(town.driver.world) - town.clock.now()).toBe(10_000)
})

test('a TICK before anything is due changes nothing but the time and the position', async () => {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const carol = await town.keyed('carol')
  await alice.creates('#work')
  await alice.asks('RESPONDING_TO', { msg_id: 'm1', channel: '#work' })
  await alice.asks('VERIFY_REQUEST', { target: '@carol', nonce })
  await carol.leaves()
  await alice.asks('LEAVE', { channel: '#work' })
  await alice.heardSoFar()
  const { position: _position, now: _now, ...before } = JSON.parse(town.driver.frozen())
  expect(town.driver.note('TICK', {})).toEqual({ accepted: true, told: [] })
  const { position: _later, now: _then, ...after } = JSON.parse(town.driver.frozen())
  expect(after).toEqual(before)
})

test('what falls due together is done by one TICK, in the order in which it falls due', async () => {
  const town = await coreTown()
  const alice = await town.agent('alice')
  await town.keyed('bob')
  await town.keyed('carol')
  await alice.asks('VERIFY_REQUEST', { target: '@bob', nonce })
  await town.clock.advance(1)
  await alice.asks('VERIFY_REQUEST', { target: '@carol', nonce })
  const entries = town.driver.entries.length
  await town.clock.advance(limits.verification_ms + 1)
  expect(town.driver.entries.length).toBe(entries + 1)
  const failed = await alice.heardSoFar('VERIFY_FAILED')
  expect(failed.map(({ request_id }) => request_id)).toEqual(['v4', 'v5'])
})

test('agents unseen are forgotten oldest first, and those that came back are not', async () => {
  const town = await coreTown()
  const [first, second, third] = [
    await town.keyed('first'),
    await town.keyed('second'),
    await town.keyed('third'),
  ]
  const day = 86_400_000
  for (const actor of [first, second, third]) {
    await actor.leaves()
    await town.clock.advance(day)
  }
  const back = await second.again()
  const { agents } = town.driver.world
  await town.clock.advance(limits.unseen_agent_ms - 3 * day + 1)
  expect([...agents.keys()]).toEqual([second.id, third.id])
  await town.clock.advance(2 * day)
  expect([...agents.keys()]).toEqual([second.id])
  expect((await back.asks('PING', {})).type).toBe('PONG')
})
