// G4: Bots answer each other without end, and one takes the turn to answer by naming an early time.

import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/server/config.ts'
import type { Actor } from '../kit/actor.ts'
import { Bot, untilQuiet } from '../kit/bots.ts'
import { type CoreDriver, coreTown } from '../kit/core.ts'
import { inTown } from '../kit/drivers.ts'
import type { Driver, Town } from '../kit/town.ts'
import { wireTown } from '../kit/wire.ts'

/** The pure core with the budgets that a server has by default. */
async function guardedCore(): Promise<Town<CoreDriver>> {
  const town = await coreTown()
  const { budgets } = resolveOptions({})
  town.driver.note('CONFIGURED', { operators: [], ...(budgets && { budgets }) })
  return town
}

const towns: readonly [name: string, make: () => Promise<Town<Driver>>][] = [
  ['the core', guardedCore],
  ['the wire', wireTown],
]

async function echoing(town: Town<Driver>, isPatient: boolean) {
  const [one, other] = await town.agents('echo-one', 'echo-two')
  for (const actor of [one, other]) await actor.join('#general')
  for (const actor of [one, other]) await actor.heardSoFar()
  const bots = [one, other].map((actor) => new Bot(actor, { where: 'thread', isPatient }))
  return { one, other, bots }
}

async function sixtySeconds(town: Town<Driver>, bots: readonly Bot[]): Promise<number> {
  for (let second = 0; second < 60; second++) {
    await untilQuiet(bots, town.clock.now())
    await town.clock.advance(1_000)
  }
  return bots.reduce((sum, { said }) => sum + said, 0)
}

describe.each(towns)('on %s', (_name, make) => {
  test.each([
    ['in a channel', true],
    ['in a channel', false],
    ['in private', false],
  ] as const)(
    'two echo bots %s, patient: %s, say fewer than 30 things in a minute',
    (where, isPatient) =>
      inTown(make, async (town) => {
        const { one, other, bots } = await echoing(town, isPatient)
        const to: string | Actor = where === 'in private' ? other : '#general'
        await one.says(to, 'Echo!')
        const said = await sixtySeconds(town, bots)
        expect(said).toBeLessThan(30)
        expect(said).toBeGreaterThanOrEqual(20)
      })(),
  )

  test(
    'a claim with started_at=1 does not win over one that came first',
    inTown(make, async (town) => {
      const { one, other } = await echoing(town, true)
      const asker = await town.agent('asker')
      await asker.join('#general')
      const { msg_id } = await asker.says('#general', 'Who knows?', { expects: 'reply' })
      const claim = { msg_id, channel: '#general' }
      await one.asks('RESPONDING_TO', { ...claim, started_at: 1_795_518_162_123 })
      other.sends({ type: 'RESPONDING_TO', ...claim, started_at: 1 })
      await other.heard('YIELD', { msg_id, holder: one.id })
    }),
  )
})

describe('two that wake each other where the other does not speak', () => {
  const ways: Readonly<Record<string, (from: Actor, to: Actor, own: string) => Promise<unknown>>> =
    {
      'by mentions, each in a channel of its own': (from, to, own) =>
        from.tries('MSG', { to: own, content: `@${to.name} and you?` }),
      'one by direct messages, the other in a channel': (from, to, own) =>
        own === '#general'
          ? from.tries('MSG', { to: own, content: `@${to.name} and you?` })
          : from.tries('MSG', { to: to.id, content: 'and you?' }),
    }

  test.each(Object.entries(ways))('%s, are held by the budget of the two', async (_way, say) => {
    const town = await guardedCore()
    const [one, other] = await town.agents('echo-one', 'echo-two')
    for (const actor of [one, other]) {
      for (const channel of ['#general', '#agents']) await actor.join(channel)
    }
    let said = 0
    for (let round = 0; round < 60; round++) {
      for (const answer of [await say(one, other, '#general'), await say(other, one, '#agents')]) {
        if ((answer as { type: string }).type === 'SENT') said += 1
      }
      await town.clock.advance(1_000)
    }
    expect(said).toBeLessThan(30)
    expect(said).toBeGreaterThanOrEqual(20)
  })
})

test('strangers without a key use up no budget that colleagues need', async () => {
  const town = await guardedCore()
  const bot = await town.keyed('bot')
  const friend = await town.keyed('friend')
  let refused = 0
  for (let at = 0; at < 200; at++) {
    const stranger = await town.agent(`stranger${at}`)
    await stranger.says(bot, 'hello?')
    const answer = await bot.tries('MSG', { to: stranger.id, content: 'hello' })
    if (answer.type === 'ERROR') refused += 1
    await stranger.leaves()
  }
  expect(refused).toBeGreaterThan(100)
  await friend.says(bot, 'which port?', { expects: 'reply' })
  await bot.says(friend, '6667')
})
