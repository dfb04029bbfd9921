// What is used: whom messages wake, what bounds that, and what agents report to have spent.

import { describe, expect, test } from 'vitest'
import type { Actor } from '../kit/actor.ts'
import { coreTown } from '../kit/core.ts'

const channel = '#general'
const dayMs = 86_400_000

async function room() {
  const town = await coreTown()
  const alice = await town.keyed('alice')
  const bob = await town.keyed('bob')
  const carol = await town.agent('carol')
  await alice.creates('#work')
  for (const actor of [alice, bob, carol]) {
    await actor.join('#work')
    await actor.join(channel)
  }
  return { town, alice, bob, carol }
}

/** What the other hears of a message: whom it wakes, and whom it does not. */
async function wakesOf(by: Actor, other: Actor, [to, content, fields]: Parameters<Actor['says']>) {
  const { msg_id, recipients } = await by.says(to, content, fields)
  const { wakes = [], unwoken = [] } = await other.heard('MSG', { msg_id })
  return { wakes, unwoken, recipients, msg_id }
}

describe('a message wakes', () => {
  test('the mentioned, whom it answers, the other in a conversation, and never its sender', async () => {
    const { alice, bob, carol } = await room()
    const one = await wakesOf(alice, bob, [channel, '@bob and @alice'])
    expect(one.wakes).toEqual([bob.id])
    const two = await wakesOf(bob, alice, [channel, 'yes', { in_reply_to: one.msg_id }])
    expect(two.wakes).toEqual([alice.id])
    expect((await wakesOf(bob, carol, [carol, 'hello'])).wakes).toEqual([carol.id])
    expect((await wakesOf(bob, alice, [channel, 'nobody'])).wakes).toEqual([])
  })

  test('nobody, when nothing is expected of it', async () => {
    const { alice, bob } = await room()
    for (const to of [channel, bob.id]) {
      const quiet = await wakesOf(alice, bob, [to, '@bob', { expects: 'none' }])
      expect([quiet.wakes, quiet.unwoken]).toEqual([[], []])
      expect(quiet.recipients.map(({ id }) => id)).toEqual([bob.id])
    }
    const { list } = await bob.asks('GET_USAGE', {})
    expect(list[0]?.today.wakes).toBe(0)
  })
})

describe('bounds', () => {
  test('an agent is woken so often a day, the sender is told, and the next day begins anew', async () => {
    const { town, alice, bob } = await room()
    await bob.asks('SET_LIMITS', { agent: bob.id, wakes_per_day: 2 })
    for (const _time of [1, 2]) {
      expect((await wakesOf(alice, bob, [bob, 'wake'])).wakes).toEqual([bob.id])
    }
    const third = await wakesOf(alice, bob, [channel, '@bob'])
    expect([third.wakes, third.unwoken]).toEqual([[], [{ agent: bob.id, why: 'WAKE_LIMIT' }]])
    expect(third.recipients).toMatchObject([{ id: bob.id, unwoken: 'WAKE_LIMIT' }])
    const { list } = await alice.asks('LADDER', { msg_id: third.msg_id })
    expect(list[0]?.agents).toMatchObject([{ id: bob.id, reason: 'WAKE_LIMIT' }])
    const untilMidnight = dayMs - (town.clock.now() % dayMs)
    await town.clock.advance(untilMidnight - 1)
    expect((await wakesOf(alice, bob, [bob, 'late'])).wakes).toEqual([])
    await town.clock.advance(1)
    expect((await wakesOf(alice, bob, [bob, 'morning'])).wakes).toEqual([bob.id])
    const { list: used } = await bob.asks('GET_USAGE', {})
    expect(used).toMatchObject([{ today: { wakes: 1 }, total: { wakes: 3 } }])
  })

  test('a channel wakes so many a day, within one message too', async () => {
    const { alice, bob, carol } = await room()
    await alice.asks('SET_LIMITS', { channel: '#work', wakes_per_day: 1 })
    const both = await wakesOf(alice, bob, ['#work', '@bob @carol'])
    expect(both.wakes).toEqual([bob.id])
    expect(both.unwoken).toEqual([{ agent: carol.id, why: 'WAKE_LIMIT' }])
    expect((await wakesOf(alice, bob, [channel, '@bob'])).wakes).toEqual([bob.id])
  })

  test('what agents report to have spent stops wakes, of an agent and of a channel', async () => {
    const { alice, bob } = await room()
    await bob.asks('SET_LIMITS', { agent: bob.id, usd_micros_per_day: 10 })
    await alice.asks('SET_LIMITS', { channel: '#work', usd_micros_per_day: 30 })
    await bob.says('#work', 'half', { usage: { usd_micros: 9 } })
    expect((await wakesOf(alice, bob, ['#work', '@bob'])).wakes).toEqual([bob.id])
    await bob.says('#work', 'done', { usage: { usd_micros: 1, tokens: 5 } })
    const { unwoken } = await wakesOf(alice, bob, ['#work', '@bob'])
    expect(unwoken).toEqual([{ agent: bob.id, why: 'SPENDING_LIMIT' }])
    expect((await wakesOf(bob, alice, ['#work', '@alice'])).wakes).toEqual([alice.id])
    await alice.says('#work', 'dear', { usage: { usd_micros: 20 } })
    expect((await wakesOf(bob, alice, ['#work', '@alice'])).wakes).toEqual([])
    const { list } = await alice.asks('GET_USAGE', { channel: '#work' })
    expect(list).toMatchObject([{ today: { wakes: 2, tokens: 5, usd_micros: 30 } }])
  })

  test('they do not hold for what a human says', async () => {
    const { town, alice, bob } = await room()
    town.driver.note('CONFIGURED', { operators: [alice.id] })
    await bob.asks('SET_LIMITS', { agent: bob.id, wakes_per_day: 0 })
    expect((await wakesOf(alice, bob, [channel, '@bob'])).wakes).toEqual([bob.id])
  })
})

test('what is reported is heard as reported, and however high, it stays a number', async () => {
  const { alice, bob } = await room()
  const usage = { tokens: 1e12, usd_micros: 1e12 }
  await alice.says(channel, 'dear', { usage })
  expect(await bob.heard('MSG')).toMatchObject({ reported: usage })
  const before = await alice.asks('GET_USAGE', {})
  expect(before.list[0]?.total).toMatchObject({ tokens: 1e12 })
})

test('nothing is kept of an agent without a key, and nothing of one that is forgotten', async () => {
  const { town, alice, bob, carol } = await room()
  await alice.says(carol, 'hello', { usage: { tokens: 5 } })
  await carol.says(bob, 'hello', { usage: { tokens: 5 } })
  const { usage } = town.driver.world
  expect([...usage.keys()].sort()).toEqual([alice.id, bob.id].sort())
  await bob.asks('SET_LIMITS', { agent: bob.id, wakes_per_day: 5 })
  for (const actor of [alice, bob]) await actor.leaves()
  await town.clock.advance(91 * dayMs)
  expect([usage.size, town.driver.world.caps.size]).toEqual([0, 0])
})
