// What answers cost: each budget runs dry, says when it heals, and heals just then; a human fills it at once.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'

const channel = '#general'
const plenty = { burst: 1_000, per_hour: 1_000 }
const roomy = { agent: plenty, pair: plenty, thread: plenty, depth: 1_000 }
const operators = [keyPairOf('olga').public.id]

/** A channel with these budgets, where olga looks after things. */
async function room(budgets: Partial<typeof roomy> = {}) {
  const town = await coreTown()
  town.driver.note('CONFIGURED', { operators, budgets: { ...roomy, ...budgets } })
  const olga = await town.keyed('olga')
  const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
  for (const actor of [olga, alice, bob, carol]) await actor.join(channel)
  return { town, olga, alice, bob, carol }
}

/** Two answer each other in turn, until one of them may not. @returns who, and how many answers there were */
async function exchange(one: Actor, other: Actor, place: (to: Actor) => string | Actor) {
  let last = (await one.says(place(other), 'hello')).msg_id
  for (let answers = 0; ; answers++) {
    const [by, to] = answers % 2 === 0 ? [other, one] : [one, other]
    const target = place(to)
    const fields = {
      to: typeof target === 'string' ? target : target.id,
      content: 'thank you',
      in_reply_to: last,
    }
    const answer = await by.tries('MSG', fields)
    if (answer.type === 'ERROR') return { refusal: answer, by, fields, answers }
    last = String(Reflect.get(answer, 'msg_id'))
  }
}

const inChannel = () => channel
const inPrivate = (to: Actor) => to

describe('a budget that is used up', () => {
  test.each([
    ['agent', inChannel, 6],
    ['pair', inChannel, 3],
    ['pair', inPrivate, 3],
    ['thread', inChannel, 3],
    ['thread', inPrivate, 3],
  ] as const)(
    'of the %s refuses, and heals to the millisecond it says',
    async (name, place, most) => {
      // 7 an hour does not divide an hour.
      const { town, alice, bob } = await room({ [name]: { burst: 3, per_hour: 7 } })
      const { refusal, by, fields, answers } = await exchange(alice, bob, place)
      expect(answers).toBe(most)
      const { retry_after_ms } = refusal
      expect(refusal).toMatchObject({ code: 'BUDGET_EXHAUSTED', budget: name, ask: operators })
      expect(Math.abs(Number(retry_after_ms) - 3_600_000 / 7)).toBeLessThan(2)
      town.driver.elapse(Number(retry_after_ms) - 1)
      await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
      town.driver.elapse(1)
      await by.asks('MSG', fields)
      await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
    },
  )

  test('of the depth heals with a pause', async () => {
    const { town, alice, bob } = await room({ depth: 3 })
    const { refusal, by, fields, answers } = await exchange(alice, bob, inChannel)
    expect(answers).toBe(3)
    expect(refusal).toMatchObject({ budget: 'depth', ask: operators })
    town.driver.elapse(Number(refusal.retry_after_ms) - 1)
    await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
    town.driver.elapse(1)
    await by.asks('MSG', fields)
  })

  test('never heals beyond its size', async () => {
    const { town, alice, bob } = await room({ pair: { burst: 3, per_hour: 3_600 } })
    await exchange(alice, bob, inPrivate)
    await town.clock.advance(86_400_000)
    expect((await exchange(alice, bob, inPrivate)).answers).toBe(3)
  })
})

describe('free of charge', () => {
  test('what begins a talk, what wakes nobody, and what one says after oneself', async () => {
    const { alice, bob } = await room({ agent: { burst: 1, per_hour: 1 } })
    for (let nth = 0; nth < 3; nth++) await alice.says(channel, 'more of mine')
    const root = await alice.says(channel, 'mine')
    await alice.says(channel, 'and on', { in_reply_to: root.msg_id })
    for (const in_reply_to of [undefined, root.msg_id, undefined]) {
      await bob.says(channel, 'for information', { in_reply_to, expects: 'none' })
    }
  })

  test('but not to say more than one is told: who goes on after its own words answers still', async () => {
    const { alice, bob } = await room({ pair: { burst: 2, per_hour: 1 } })
    await alice.says(channel, 'hello')
    for (const _time of [1, 2]) await bob.says(channel, 'hi')
    const { budget } = await bob.refused('BUDGET_EXHAUSTED', 'MSG', { to: channel, content: 'hi' })
    expect(budget).toBe('pair')
  })

  test('an answer after a pause, where none is named', async () => {
    const { town, alice, bob } = await room({ agent: { burst: 1, per_hour: 1 } })
    for (const by of [bob, alice, bob, alice]) {
      await town.clock.advance(limits.talk_pause_ms)
      await by.says(channel, 'a new day')
    }
    expect(town.driver.world.budgets.size).toBe(0)
  })

  test('everything where the storm guard is off', async () => {
    const { town, alice, bob } = await room({ depth: 1 })
    town.driver.note('CONFIGURED', { operators })
    let last = (await alice.says(channel, 'hello')).msg_id
    for (const by of [bob, alice, bob, alice]) {
      last = (await by.says(channel, 'thanks', { in_reply_to: last })).msg_id
    }
  })
})

describe('a human', () => {
  test('is answered at the cost of the thread alone', async () => {
    const { town, olga, bob } = await room({ agent: { burst: 1, per_hour: 1 } })
    for (let nth = 0; nth < 3; nth++) {
      const { msg_id } = await olga.says(channel, 'tell me')
      await bob.says(channel, 'so it is', { in_reply_to: msg_id })
    }
    expect([...town.driver.world.budgets.keys()].every((key) => key.startsWith('thread'))).toBe(
      true,
    )
  })

  test('resets the thread that it speaks in, and no other budget', async () => {
    const { olga, alice, bob } = await room({ thread: { burst: 2, per_hour: 1 } })
    const { by, fields } = await exchange(alice, bob, inChannel)
    await olga.says(channel, 'elsewhere')
    await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
    await olga.says(channel, 'go on', { in_reply_to: fields.in_reply_to })
    await by.asks('MSG', fields)
  })

  test('fills a thread, a channel or an agent without a word', async () => {
    const { olga, alice, bob } = await room({ thread: { burst: 2, per_hour: 1 } })
    const { by, fields } = await exchange(alice, bob, inChannel)
    const { message } = await by.asks('GET_MESSAGE', { msg_id: fields.in_reply_to })
    const thread = String(message?.thread)
    await olga.asks('RESET_BUDGET', { channel, thread: 'm1' })
    await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
    await olga.asks('RESET_BUDGET', { channel, thread })
    await by.asks('MSG', fields)
    await by.asks('MSG', fields)
    await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)
    await olga.asks('RESET_BUDGET', { channel })
    await by.asks('MSG', fields)
  })

  test('fills what an agent shares with all others', async () => {
    const tight = { burst: 2, per_hour: 1 }
    const { town, olga, alice, bob, carol } = await room({ agent: tight, pair: tight })
    await exchange(alice, bob, inChannel)
    await exchange(carol, bob, inPrivate)
    await olga.asks('RESET_BUDGET', { agent: bob.id })
    const keys = [...town.driver.world.budgets.keys()].filter((key) => !key.startsWith('thread'))
    expect(keys.filter((key) => key.includes(bob.id))).toEqual([])
    expect(keys).toContain(`agent ${alice.id}`)
  })

  test('is whom a refusal names: of the server first, at most three, none that is not known', async () => {
    const { town, olga, alice, bob } = await room({ pair: { burst: 1, per_hour: 1 } })
    const names = ['hanna', 'hugo', 'helen']
    for (const name of names) {
      const { id } = await town.keyed(name)
      await olga.asks('SET_ROLE', { agent: id, role: 'human' })
    }
    const { refusal } = await exchange(alice, bob, inChannel)
    expect(refusal.ask).toEqual(names.map((name) => keyPairOf(name).public.id))
    town.driver.note('CONFIGURED', { operators: [`@${'0'.repeat(16)}`], budgets: roomy })
  })
})

test('who made a channel fills its threads, and not the budgets of the agents in it', async () => {
  const tight = { burst: 2, per_hour: 1 }
  const { town, alice, bob } = await room({ thread: tight, pair: { burst: 3, per_hour: 1 } })
  const maker = await town.keyed('maker')
  await maker.creates('#work')
  for (const actor of [alice, bob]) await actor.join('#work')
  const { by, fields } = await exchange(alice, bob, () => '#work')
  await maker.asks('RESET_BUDGET', { channel: '#work' })
  await by.asks('MSG', fields)
  await maker.asks('RESET_BUDGET', { channel: '#work' })
  expect((await by.refused('BUDGET_EXHAUSTED', 'MSG', fields)).budget).toBe('pair')
})

test('a refused message has paid nothing, by whatever it was refused', async () => {
  const { town, alice, bob } = await room({ pair: { burst: 1, per_hour: 1 } })
  const root = await alice.says(channel, 'hello')
  const fields = { to: channel, content: 'hi', in_reply_to: root.msg_id }
  await bob.refused('CLAIM_LOST', 'MSG', { ...fields, fence: 1 })
  expect(town.driver.world.budgets.size).toBe(0)
  await bob.asks('MSG', fields)
})

test('of all budgets the one untouched for longest is taken for full', async () => {
  const { town, alice, bob } = await room()
  const { budgets } = town.driver.world
  for (let nth = 0; nth < limits.talks; nth++) budgets.set(`made ${nth}`, { left: 0, at: 0 })
  await alice.says(bob, 'hello')
  await bob.says(alice, 'hi')
  expect([budgets.size, budgets.has('made 2'), budgets.has('made 3')]).toEqual([
    limits.talks,
    false,
    true,
  ])
})
