// Snapshots: a thawed world is the same world, and behaves alike.

import { expect, test } from 'vitest'
import { execute } from '../../src/core/execute.ts'
import { freeze, thaw } from '../../src/core/snapshot.ts'
import { createWorld } from '../../src/core/world.ts'
import type { Actor } from '../kit/actor.ts'
import { type CoreDriver, coreTown } from '../kit/core.ts'
import { market } from '../kit/deals.ts'
import type { Town } from '../kit/town.ts'

const some = { burst: 9, per_hour: 9 }

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
  const hash = '5e'.repeat(32)
  const expires_at = town.clock.now() + 60_000
  const { id: token } = await carol.asks('CREATE_TOKEN', { hash, scopes: ['send'], expires_at })
  await town.keyed('carol', { token })
  const erin = await town.keyed('erin')
  await carol.proposes(erin, 'translate', { expires: 90 })
  await carol.step('WITHDRAW', await carol.proposes(erin, 'translate more'))
  await erin.join('#general')
  await erin.proposes('#general', 'an open offer')
  await erin.leaves()
  await stormy(town, { alice, bob, carol })
  return { town, alice, bob, carol }
}

/** The storm guard and the ladders hold something, too. */
async function stormy(
  town: Town<CoreDriver>,
  { alice, bob, carol }: { alice: Actor; bob: Actor; carol: Actor },
) {
  const olga = await town.keyed('olga')
  const budgets = { agent: some, pair: some, thread: some, depth: 9 }
  town.driver.note('CONFIGURED', { operators: [olga.id], budgets })
  await olga.asks('SET_ROLE', { agent: '@carol', role: 'human' })
  await olga.asks('SET_LIMITS', { agent: '@carol', wakes_per_day: 9 })
  const asked = await alice.says(bob, 'soon?', { ttl_ms: 30_000, usage: { tokens: 5 } })
  await bob.asks('CLAIM', { msg_id: asked.msg_id })
  await olga.says(bob, 'and this?', { expects: 'reply' })
  await bob.says(alice, 'yes', { in_reply_to: asked.msg_id })
  const words = Array.from({ length: 20 }, (_, nth) => `word${nth}`)
  const dora = await town.keyed('dora')
  await dora.join('#general')
  await dora.says('#general', words.join(' '))
  await olga.says(carol, 'wake up')
  await olga.asks('QUARANTINE', { gists: ['0.1.2.3'] })
}

test('the story fills every slice of the world', async () => {
  const { town } = await livedIn()
  const empty = Object.entries(town.driver.world).filter(
    ([, slice]) => typeof slice === 'object' && sizeOf(slice) === 0,
  )
  expect(empty.map(([name]) => name)).toEqual([])
})

function sizeOf(slice: object): number {
  if (Array.isArray(slice)) return slice.length
  return Number(Reflect.get(slice, 'size') ?? Object.keys(slice).length)
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
  const { claims: _, proposalDues: _dues, ...older } = JSON.parse(freeze(createWorld()))
  const { claims, proposalDues } = thaw(JSON.stringify(older))
  expect([claims, proposalDues]).toEqual([new Map(), []])
})

test('a slice that no world has any more is left behind', () => {
  const older = { ...JSON.parse(freeze(createWorld())), turns: { $map: [['#general/0 m1', {}]] } }
  expect(freeze(thaw(JSON.stringify(older)))).toBe(freeze(createWorld()))
})

test('a world of an older version goes on: its agents and sessions know nothing of what came later', async () => {
  const { town, alice, bob, carol } = await livedIn()
  const known = ['position', 'now', 'sessions', 'agents', 'names', 'called', 'channels']
  const older = JSON.parse(town.driver.frozen(), (key, value) => {
    if (key === 'deaf' || key === 'token') return undefined
    return value
  })
  const kept = [...known, 'emptyChannels', 'conversations', 'verifications', 'unseen']
  const world = thaw(JSON.stringify(Object.fromEntries(kept.map((name) => [name, older[name]]))))
  const now = () => world.now + 1
  const perform = (session: string, type: string, fields: object) => {
    const draft = { type, session, fields: { ...fields }, now: now() }
    return execute(world, { ...draft, position: world.position + 1 })
  }
  const budgets = { agent: some, pair: some, thread: some, depth: 9 }
  const configured = { type: 'CONFIGURED', session: null, fields: { operators: [], budgets } }
  expect(execute(world, { ...configured, now: now(), position: world.position + 1 }).accepted).toBe(
    true,
  )
  const asked = perform(alice.session, 'MSG', { to: bob.id, content: 'one', expects: 'reply' })
  expect(asked.told.map(({ audience }) => audience)).toContainEqual([bob.session, alice.session])
  const msg_id = `m${world.position}`
  const found = { stream: [alice.id, bob.id].sort().join(' ') }
  expect(perform(bob.session, 'CLAIM', { msg_id, found }).accepted).toBe(true)
  const parent = { thread: msg_id, depth: 0 }
  const answer = { to: alice.id, content: 'two', in_reply_to: msg_id, parent }
  expect(perform(bob.session, 'MSG', answer).accepted).toBe(true)
  expect(perform(carol.session, 'ACK', { position: world.position }).accepted).toBe(true)
  expect(freeze(thaw(freeze(world)))).toBe(freeze(world))
})
