// Snapshots: a thawed world is the same world, and behaves alike.

import { expect, test } from 'vitest'
import { execute } from '../../src/core/execute.ts'
import { freeze, thaw } from '../../src/core/snapshot.ts'
import { createWorld } from '../../src/core/world.ts'
import { coreTown } from '../kit/core.ts'
import { market } from '../kit/deals.ts'

/** A town in which every slice of the world holds something. */
async function livedIn() {
  const town = await coreTown()
  const [alice, bob] = await town.agents('alice', 'bob')
  const carol = await town.keyed('carol')
  const dave = await town.keyed('dave', { version: 'v0' })
  await alice.creates('#work', { invite_only: true, topic: 'work' })
  await alice.asks('INVITE', { channel: '#work', agent: '@carol' })
  await bob.creates('#empty')
  await bob.asks('LEAVE', { channel: '#empty' })
  await carol.join('#general')
  await carol.says('#general', 'one')
  await carol.says(alice, 'two')
  await carol.asks('RESPONDING_TO', { msg_id: 'm1', channel: '#general' })
  await bob.asks('VERIFY_REQUEST', { target: '@carol', nonce: '0f'.repeat(16) })
  await carol.asks('SET_PRESENCE', { status: 'busy', status_text: 'x' })
  await dave.again()
  const erin = await town.keyed('erin')
  await carol.proposes(erin, 'translate', { expires: 90 })
  await carol.step('WITHDRAW', await carol.proposes(erin, 'translate more'))
  await erin.join('#general')
  await erin.proposes('#general', 'an open offer')
  await erin.leaves()
  return { town, alice, carol }
}

test('the story fills every slice of the world', async () => {
  const { town } = await livedIn()
  const empty = Object.entries(town.driver.world).filter(
    ([, slice]) => typeof slice === 'object' && sizeOf(slice) === 0,
  )
  expect(empty.map(([name]) => name)).toEqual([])
})

function sizeOf(slice: object): number {
  return Array.isArray(slice) ? slice.length : Number(Reflect.get(slice, 'size'))
}

test('freezing what was thawed gives the same text, for the first world and for one lived in', async () => {
  const { town } = await livedIn()
  for (const text of [freeze(createWorld()), town.driver.frozen()]) {
    expect(freeze(thaw(text))).toBe(text)
  }
})

test('a thawed world shares nothing with the one that was frozen', async () => {
  const { town, carol } = await livedIn()
  const text = town.driver.frozen()
  const copy = thaw(text)
  await carol.says('#general', 'three')
  expect(freeze(copy)).toBe(text)
  expect(town.driver.frozen()).not.toBe(text)
})

test('a thawed world comes to the same outcomes, told to the same', async () => {
  const { town, alice, carol } = await livedIn()
  const from = town.driver.entries.length
  const copy = thaw(town.driver.frozen())
  await carol.join('#work')
  await alice.says('#work', 'welcome @carol')
  await carol.says('#work', 'thanks')
  await town.clock.advance(60_000)
  await carol.leaves()
  const later = town.driver.entries.slice(from)
  expect(later.length).toBe(5)
  for (const entry of later) expect(execute(copy, entry).accepted).toBe(true)
  expect(freeze(copy)).toBe(town.driver.frozen())
})

test('proposals go on after a restart as they would have gone on without', async () => {
  const { town, alice, bob } = await market()
  town.driver.escrow = { agent: bob.id, timeoutMs: 1_000 }
  const offer = await alice.proposes('#jobs', 'translate', { amount: '1' })
  town.driver.takeSnapshot()
  const held = await bob.step('ACCEPT', offer)
  const claimed = await bob.step('COMPLETE', await bob.step('FUNDED', held))
  await alice.step('DISPUTE', claimed, { reason: 'nothing came' })
  // The driver compares the texts of both worlds.
  await town.restart()
  town.driver.takeSnapshot()
  await town.restart()
  expect(town.driver.world.proposals.size).toBe(1)
})

test('a restart from a snapshot and the entries after it comes to the same world', async () => {
  const { town, carol } = await livedIn()
  town.driver.takeSnapshot()
  await carol.says('#general', 'after the snapshot')
  await carol.leaves()
  // The driver compares the world before with the one after, and closes what was open.
  await town.restart()
  expect(town.driver.world.sessions.size).toBe(0)
  const back = await carol.again()
  await back.says('#general', 'still a member')
})

test('a slice that an older text does not know yet starts as in the first world', () => {
  const { turns: _, proposalDues: _dues, ...older } = JSON.parse(freeze(createWorld()))
  const { turns, proposalDues } = thaw(JSON.stringify(older))
  expect([turns, proposalDues]).toEqual([new Map(), []])
})
