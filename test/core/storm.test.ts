// A storm: bots that answer everything, for an hour. The budgets bound it, a human is answered once, and it passes.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { resolveOptions } from '../../src/server/config.ts'
import type { Actor } from '../kit/actor.ts'
import { Bot, type Habits, untilQuiet } from '../kit/bots.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'

const channel = '#general'
const { budgets } = resolveOptions({})
const hour = 3_600_000
const stepMs = 60_000

/** A channel as the server is by default, with a human in it. */
async function room() {
  const town = await coreTown()
  if (!budgets) throw new Error('The storm guard is off by default.')
  town.driver.note('CONFIGURED', { operators: [keyPairOf('hanna').public.id], budgets })
  const hanna = await town.keyed('hanna')
  await hanna.join(channel)
  return { town, hanna, sizes: budgets }
}

type Room = Awaited<ReturnType<typeof room>>

/** Half of them wait when they are told to, the other half knows no patience. */
async function botsIn({ town }: Room, count: number, where: Habits['where']): Promise<Bot[]> {
  const names = Array.from({ length: count }, (_, nth) => `bot-${nth}`)
  const bots: Bot[] = []
  for (const [nth, actor] of (await town.agents(...names)).entries()) {
    await actor.join(channel)
    bots.push(new Bot(actor, { where, isPatient: nth % 2 === 0 }))
  }
  for (const { actor } of bots) await actor.heardSoFar()
  return bots
}

/** Lets time pass in steps, and the bots talk at each. */
async function pass({ town }: Room, bots: readonly Bot[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await town.clock.advance(stepMs)
    await untilQuiet(bots, town.clock.now())
  }
}

const saidBy = (bots: readonly Bot[]) => bots.reduce((sum, { said }) => sum + said, 0)
/** What a budget lets through in a time. */
const most = ({ burst, per_hour }: { burst: number; per_hour: number }, ms: number) =>
  burst + Math.floor((per_hour * ms) / hour)

/** Two that were not part of it talk as people do. */
async function ordinaryExchange(one: Actor, other: Actor): Promise<void> {
  let last = (await one.says(channel, 'Shall we?', { expects: 'reply' })).msg_id
  for (const by of [other, one, other, one]) {
    last = (await by.says(channel, 'Yes.', { in_reply_to: last })).msg_id
  }
  for (const by of [other, one]) await by.says(channel, 'By the way …')
}

describe.each(['thread', 'place'] as const)('twenty bots that answer in the %s', (where) => {
  test('are held, answer a human once, and leave the room as it was', async () => {
    const here = await room()
    const { town, hanna, sizes } = here
    const bots = await botsIn(here, 20, where)
    // A human begins, and nothing more is needed.
    await hanna.says(channel, 'Good morning!')
    await untilQuiet(bots, town.clock.now())
    // At once a burst, and no more: 40, of a thread and of a place alike; in a thread the depth holds it, too.
    expect(saidBy(bots)).toBe(sizes.thread.burst)
    await pass(here, bots, hour / 2)
    const firstHalf = saidBy(bots)
    expect(firstHalf).toBeLessThanOrEqual(most(sizes.thread, hour / 2))
    expect(firstHalf).toBeGreaterThan(sizes.thread.burst)

    const question = await hanna.says(channel, 'Who is on call?', { expects: 'reply' })
    await untilQuiet(bots, town.clock.now())
    await pass(here, bots, hour / 2)
    const heard = await hanna.heardSoFar('MSG')
    const answers = heard.filter(({ in_reply_to }) => in_reply_to === question.msg_id)
    expect(answers).toHaveLength(1)
    const [answer] = answers
    const told = bots.flatMap(({ toldHolders }) => toldHolders)
    expect(told).toEqual(Array.from({ length: 19 }, () => answer?.from))
    // An hour brings 160; where the human has spoken is a burst once more, or a thread with 100 of its own.
    const whole = most(sizes.thread, hour)
    const more = where === 'place' ? sizes.thread.burst : most(sizes.thread, hour / 2)
    expect(saidBy(bots)).toBeLessThanOrEqual(whole + more + 1)
    expect(bots.some(({ refusals }) => refusals > 100)).toBe(true)

    await town.clock.advance(limits.talk_pause_ms)
    const [one, other] = [bots[2]?.actor, bots[3]?.actor]
    if (one && other) await ordinaryExchange(one, other)
  })
})

test.each([
  ['in private', 'thread'],
  ['in private', 'place'],
  ['in a channel', 'thread'],
  ['in a channel', 'place'],
] as const)(
  'two that thank each other %s, each in its %s, are held by what is theirs',
  async (scene, where) => {
    const here = await room()
    const { town, sizes } = here
    const bots = await botsIn(here, 2, where)
    const [one, other] = bots.map(({ actor }) => actor)
    if (!one || !other) return
    await one.says(scene === 'in private' ? other : channel, 'Thank you!')
    await pass(here, bots, hour)
    // 20 at once and 60 an hour.
    expect(saidBy(bots)).toBeLessThanOrEqual(most(sizes.pair, hour))
    expect(saidBy(bots)).toBeGreaterThan(sizes.pair.burst)
    await town.clock.advance(limits.talk_pause_ms)
    await ordinaryExchange(one, other)
  },
)

test('they cannot go on elsewhere: what two have answered each other counts wherever they do', async () => {
  const here = await room()
  const { sizes } = here
  const bots = await botsIn(here, 2, 'thread')
  const [one, other] = bots.map(({ actor }) => actor)
  if (!one || !other) return
  for (const place of ['#one', '#two', '#three']) {
    await one.creates(place)
    await other.join(place)
    await one.says(place, 'Thank you!')
  }
  await one.says(other, 'Thank you!')
  await pass(here, bots, hour)
  expect(saidBy(bots)).toBeLessThanOrEqual(most(sizes.pair, hour))
})
