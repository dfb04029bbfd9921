// The delivery ladder: how far a message has come with each agent that it is for, and who is told of it.

import { describe, expect, test } from 'vitest'
import { isAwaited } from '../../src/core/receipts.ts'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { provesRefusals } from '../kit/refusals.ts'

const channel = '#general'

provesRefusals('receipts', {
  'LADDER MESSAGE_NOT_FOUND': async (town) => {
    const [alice, bob] = await town.agents('alice', 'bob')
    const { msg_id } = await alice.says(bob, 'mine')
    return { who: bob, fields: { msg_id } }
  },
})

/** Alice asks, bob answers or does not. */
async function pair() {
  const town = await coreTown()
  const alice = await town.keyed('alice')
  const bob = await town.keyed('bob')
  const rung = async (msg_id: string, of = bob) => {
    const { list } = await alice.asks('LADDER', { msg_id })
    return list[0]?.agents.find(({ id }) => id === of.id)
  }
  return { town, alice, bob, rung }
}

test('stored while the agent is away, delivered, read, claimed, answered: each told once', async () => {
  const { town, alice, bob, rung } = await pair()
  await bob.leaves()
  const { msg_id } = await alice.says(bob, 'there?', { expects: 'reply' })
  expect(await rung(msg_id)).toMatchObject({ state: 'stored', reason: 'AWAY', name: 'bob' })
  const back = await bob.again()
  expect(await rung(msg_id)).toMatchObject({ state: 'stored' })

  const { position } = await back.asks('RESUME', {})
  expect(isAwaited(town.driver.world, bob.id, position - 1)).toBe(false)
  expect(isAwaited(town.driver.world, bob.id, position)).toBe(true)
  town.driver.note('HEARD', { agent: bob.id, position })
  expect(isAwaited(town.driver.world, bob.id, position)).toBe(false)
  const told = { messages: [msg_id], agent: bob.id, agent_name: 'bob' }
  await alice.heard('RECEIPT', { ...told, state: 'delivered' })
  expect(await rung(msg_id)).toMatchObject({ state: 'delivered' })

  await back.asks('ACK', { position })
  await alice.heard('RECEIPT', { ...told, state: 'read' })
  const { fence } = await back.asks('CLAIM', { msg_id })
  await alice.heard('RECEIPT', { ...told, state: 'claimed' })
  const answer = await back.says(alice, 'yes', { in_reply_to: msg_id, fence })
  await alice.heard('RECEIPT', { ...told, state: 'answered', answer: answer.msg_id })
  expect(await rung(msg_id)).toMatchObject({ state: 'answered', answer: answer.msg_id })
  expect((await alice.asks('LADDER', { pending: true })).list).toEqual([])
  await alice.heardNothing('RECEIPT')
})

test('delivered at once where the agent is here; to a session for one errand nothing is delivered', async () => {
  const { alice, bob, rung } = await pair()
  expect(await rung((await alice.says(bob, 'one')).msg_id)).toMatchObject({ state: 'delivered' })
  await bob.leaves()
  await bob.again({ brief: true })
  expect(await rung((await alice.says(bob, 'two')).msg_id)).toMatchObject({ state: 'stored' })
})

test('an ACK over many messages is one receipt for each sender', async () => {
  const { town, alice, bob } = await pair()
  const carol = await town.keyed('carol')
  const one = await alice.says(bob, 'one')
  const two = await alice.says(bob, 'two')
  const three = await carol.says(bob, 'three')
  const last = await alice.says(bob, 'not yet')
  await bob.asks('ACK', { position: last.position - 1 })
  await alice.heard('RECEIPT', { messages: [one.msg_id, two.msg_id], state: 'read' })
  await carol.heard('RECEIPT', { messages: [three.msg_id], state: 'read' })
  await bob.asks('ACK', { position: last.position })
  await alice.heard('RECEIPT', { messages: [last.msg_id], state: 'read' })
  for (const sender of [alice, carol]) await sender.heardNothing('RECEIPT')
})

describe('why it went no further', () => {
  test('nobody answered in time: how far it had come', async () => {
    const { town, alice, bob, rung } = await pair()
    const { msg_id } = await alice.says(bob, 'soon?', { ttl_ms: 5_000 })
    const heard = await bob.heard('MSG')
    expect(Math.floor(heard.expires_at ?? 0)).toBe(town.clock.now() + 5_000)
    await town.clock.advance(4_999)
    await alice.heardNothing('RECEIPT')
    await town.clock.advance(2)
    await alice.heard('RECEIPT', { messages: [msg_id], state: 'expired', reason: 'DELIVERED' })
    await bob.answers(heard, 'late, but yes')
    expect(await rung(msg_id)).toMatchObject({ state: 'answered' })
  })

  test('an answer in time: nothing expires', async () => {
    const { town, alice, bob, rung } = await pair()
    const { msg_id } = await alice.says(bob, 'soon?', { ttl_ms: 5_000 })
    await bob.answers(await bob.heard('MSG'), 'yes')
    await alice.heardSoFar()
    await town.clock.advance(5_001)
    await alice.heardNothing('RECEIPT')
    expect(await rung(msg_id)).toMatchObject({ state: 'answered' })
    expect(town.driver.world.ladderDues).toEqual([])
  })

  test('a claim that comes too late does not begin it anew, and an answer still counts', async () => {
    const { town, alice, bob, rung } = await pair()
    const { msg_id } = await alice.says(bob, 'soon?', { ttl_ms: 5_000 })
    await town.clock.advance(5_001)
    await bob.asks('CLAIM', { msg_id })
    expect(await rung(msg_id)).toMatchObject({ state: 'expired' })
    await bob.says(alice, 'late, but yes', { in_reply_to: msg_id })
    expect(await rung(msg_id)).toMatchObject({ state: 'answered' })
  })

  test('a claim that runs out behind the end of the message does not revive it', async () => {
    const { town, alice, bob, rung } = await pair()
    const { msg_id } = await alice.says(bob, 'soon?', { ttl_ms: 5_000 })
    await bob.asks('CLAIM', { msg_id })
    await town.clock.advance(5_001)
    await town.clock.advance(limits.claim_lease_ms)
    expect(town.driver.world.claims.size).toBe(0)
    expect(await rung(msg_id)).toMatchObject({ state: 'expired', reason: 'CLAIMED' })
  })

  test('a remark of one that it was not for is no answer', async () => {
    const { town, alice, bob, rung } = await pair()
    const carol = await town.agent('carol')
    for (const actor of [alice, bob, carol]) await actor.join(channel)
    const { msg_id } = await alice.says(channel, '@bob?')
    await carol.answers(await carol.heard('MSG'), 'I am not he, but yes')
    expect(await rung(msg_id)).toMatchObject({ state: 'delivered' })
    expect(await rung(msg_id)).not.toHaveProperty('reason')
    expect(await rung(msg_id, carol)).toBeUndefined()
    await bob.asks('CLAIM', { msg_id })
  })

  test('another that it was for has answered', async () => {
    const { town, alice, bob, rung } = await pair()
    const carol = await town.agent('carol')
    for (const actor of [alice, bob, carol]) await actor.join(channel)
    const { msg_id } = await alice.says(channel, '@bob @carol?')
    await carol.answers(await carol.heard('MSG'), 'yes')
    expect(await rung(msg_id)).toMatchObject({ state: 'delivered', reason: 'BY_OTHER' })
    expect(await rung(msg_id, carol)).toMatchObject({ state: 'answered' })
  })

  test('to an open question anybody answers, but not beside a claim, and not with a mere remark', async () => {
    const { town, alice, bob, rung } = await pair()
    const carol = await town.agent('carol')
    for (const actor of [alice, bob, carol]) await actor.join(channel)
    const { msg_id } = await alice.says(channel, 'which port?', { expects: 'reply' })
    const question = await carol.heard('MSG')
    await carol.answers(question, 'good question', { expects: 'none' })
    const { fence } = await bob.asks('CLAIM', { msg_id })
    await carol.answers(question, '6668, I guess')
    expect(await rung(msg_id, carol)).toBeUndefined()
    await bob.says(channel, '6667', { in_reply_to: msg_id, fence })
    expect(await rung(msg_id)).toMatchObject({ state: 'answered' })
  })

  test('the agent is not known any more', async () => {
    const { town, alice, rung } = await pair()
    const carol = await town.agent('carol')
    const { msg_id } = await alice.says(carol, 'there?')
    await carol.leaves()
    expect(await rung(msg_id, carol)).toMatchObject({ reason: 'FORGOTTEN' })
  })
})

describe('receipts', () => {
  test('go to the sender alone, to its newer sessions, and have no position', async () => {
    const { town, alice, bob } = await pair()
    const second = await alice.again()
    await alice.asks('ALLOW_LEGACY', { allow: true })
    const older = await alice.again({ version: 'v0' })
    const eve = await town.agent('eve')
    for (const actor of [alice, bob, eve]) await actor.join(channel)
    const { position } = await alice.says(channel, '@bob @eve')
    for (const actor of [second, older, eve]) await actor.heardSoFar()
    await bob.asks('ACK', { position })
    for (const session of [alice, second]) {
      expect(await session.heard('RECEIPT', { state: 'read' })).not.toHaveProperty('position')
    }
    await older.heardNothing()
    await eve.heardNothing()
  })

  test('are not told to a session whose token does not permit to read', async () => {
    const { alice, bob } = await pair()
    const hash = '5e'.repeat(32)
    const { id: token } = await alice.asks('CREATE_TOKEN', { hash, scopes: ['send'] })
    const deaf = await alice.again({ token })
    const { position } = await deaf.says(bob, 'sent with a token')
    await deaf.heardSoFar()
    await bob.asks('ACK', { position })
    await alice.heard('RECEIPT', { state: 'read' })
    await deaf.heardNothing()
  })

  test('change nothing that history keeps', async () => {
    const { town, alice, bob } = await pair()
    const { msg_id, position } = await alice.says(bob, 'one')
    const { length } = town.driver.shelf.kept
    await bob.asks('ACK', { position })
    await bob.asks('CLAIM', { msg_id })
    await bob.asks('DECLINE', { msg_id })
    expect(town.driver.shelf.kept).toHaveLength(length)
  })
})

test('a question to a whole channel is pending until somebody answers, or its time is over', async () => {
  const { town, alice, bob } = await pair()
  for (const actor of [alice, bob]) await actor.join(channel)
  const one = await alice.says(channel, 'who?', { expects: 'reply', ttl_ms: 5_000 })
  const two = await alice.says(channel, 'what?', { expects: 'reply' })
  await alice.says(channel, 'for nobody')
  const pending = async () => {
    const { list } = await alice.asks('LADDER', { pending: true })
    return list.map(({ msg_id }) => msg_id)
  }
  expect(await pending()).toEqual([two.msg_id, one.msg_id])
  await bob.says(channel, 'me', { in_reply_to: two.msg_id })
  expect(await pending()).toEqual([one.msg_id])
  await town.clock.advance(5_001)
  expect(await pending()).toEqual([])
})

describe('the bounds', () => {
  test('of an agent its newest messages are followed; the list says what it leaves out', async () => {
    const { town, alice, bob } = await pair()
    const { driver } = town
    const first = await alice.says(bob, 'first')
    for (let nth = 0; nth < limits.ladders_per_agent; nth++) await alice.says(bob, 'x')
    const { ladders, trails } = driver.world
    expect(ladders.size).toBe(limits.ladders_per_agent)
    expect(trails.get(bob.id)?.addressed).toHaveLength(limits.ladders_per_agent)
    await alice.refused('MESSAGE_NOT_FOUND', 'LADDER', { msg_id: first.msg_id })
    const { list, left } = await alice.asks('LADDER', { limit: 3 })
    expect([list.length, left]).toEqual([3, limits.ladders_per_agent - 3])
    expect(list[0]?.position).toBe(driver.world.position)
  })

  test('of all the oldest goes, from its sender’s trail too', async () => {
    const { town, alice, bob } = await pair()
    const first = await alice.says(bob, 'first', { ttl_ms: 5_000 })
    const { ladders, ladderDues, trails } = town.driver.world
    const [one] = ladders.values()
    for (let nth = 0; nth < limits.ladders - 1; nth++) {
      if (one) ladders.set(-1 - nth, { ...one, position: -1 - nth, from: '@made' })
    }
    await bob.says(alice, 'the newest')
    expect(ladders.size).toBe(limits.ladders)
    expect([ladders.has(first.position), ladderDues]).toEqual([false, []])
    expect(trails.get(alice.id)?.sent).toEqual([])
  })

  test('of those that a message was not for only so many are followed', async () => {
    const { town, alice, rung } = await pair()
    await alice.join(channel)
    const { msg_id } = await alice.says(channel, 'who?', { expects: 'reply' })
    const names = Array.from({ length: limits.rungs + 1 }, (_, nth) => `idler-${nth}`)
    const idlers = await town.agents(...names)
    for (const idler of idlers) {
      await idler.join(channel)
      await idler.asks('DECLINE', { msg_id })
    }
    const { list } = await alice.asks('LADDER', { msg_id })
    expect(list[0]?.agents).toHaveLength(limits.rungs)
    expect(await rung(msg_id, idlers.at(-1))).toBeUndefined()
  })

  test('an agent that is forgotten takes its ladders along', async () => {
    const { town, bob } = await pair()
    const carol = await town.agent('carol')
    await carol.says(bob, 'one', { ttl_ms: 5_000 })
    await carol.leaves()
    const { ladders, ladderDues, trails } = town.driver.world
    expect([ladders.size, ladderDues.length, trails.has(carol.id)]).toEqual([0, 0, false])
  })
})
