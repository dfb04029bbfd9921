// The storm guard for those who look after it: who may give roles, set bounds, read what was used, and fill budgets.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { type CoreDriver, coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { provesRefusals } from '../kit/refusals.ts'
import type { Town } from '../kit/town.ts'

const channel = '#general'
const operators = [keyPairOf('olga').public.id]

/** A node that was started with olga as its operator. */
async function house(town: Town<CoreDriver> | Promise<Town<CoreDriver>> = coreTown()) {
  const here = await town
  here.driver.note('CONFIGURED', { operators })
  const olga = await here.keyed('olga')
  const alice = await here.keyed('alice')
  const bob = await here.agent('bob')
  for (const actor of [olga, alice, bob]) await actor.join(channel)
  return { town: here, olga, alice, bob }
}

/** Asked by alice, who may not; or by olga, who may. */
const asked =
  (who: 'alice' | 'olga', fields: object) =>
  async (town: Town<CoreDriver>): Promise<{ who: Actor; fields: never }> => {
    const scene = await house(town)
    return { who: scene[who], fields: fields as never } // each story below pairs them
  }
const both = { agent: '@alice', channel }

provesRefusals('budgets', {
  'SET_ROLE NOT_OPERATOR': asked('alice', { agent: '@alice', role: 'human' }),
  'SET_ROLE AGENT_NOT_FOUND': asked('olga', { agent: '@nobody', role: 'human' }),
  'SET_ROLE NO_PUBKEY': asked('olga', { agent: '@bob', role: 'human' }),
  'SET_ROLE LIMIT_REACHED': async (town) => {
    const { olga } = await house(town)
    for (let nth = 0; nth < limits.roles; nth++) town.driver.world.roles.set(`@${nth}`, 'human')
    return { who: olga, fields: { agent: '@alice', role: 'human' } }
  },
  'RESET_BUDGET NOT_OPERATOR': asked('alice', { channel }),
  'RESET_BUDGET AGENT_NOT_FOUND': asked('olga', { agent: '@nobody' }),
  'RESET_BUDGET CHANNEL_NOT_FOUND': asked('olga', { channel: '#nowhere' }),
  'RESET_BUDGET INVALID_MSG': asked('olga', { agent: '@alice', thread: 'm1' }),
  'SET_LIMITS NOT_OPERATOR': asked('alice', { channel, wakes_per_day: 1 }),
  'SET_LIMITS AGENT_NOT_FOUND': asked('olga', { agent: '@nobody', wakes_per_day: 1 }),
  'SET_LIMITS CHANNEL_NOT_FOUND': asked('olga', { channel: '#nowhere', wakes_per_day: 1 }),
  'SET_LIMITS INVALID_MSG': asked('olga', both),
  'GET_USAGE NOT_OPERATOR': asked('alice', { agent: '@olga' }),
  'GET_USAGE AGENT_NOT_FOUND': asked('olga', { agent: '@nobody' }),
  'GET_USAGE CHANNEL_NOT_FOUND': asked('olga', { channel: '#nowhere' }),
  'GET_USAGE INVALID_MSG': asked('olga', both),
})

describe('roles', () => {
  test('an operator gives and takes them, and what they say shows them', async () => {
    const { olga, alice, bob } = await house()
    await olga.asks('SET_ROLE', { agent: alice.id, role: 'human' })
    await alice.says(channel, 'I am a human')
    expect(await bob.heard('MSG')).toMatchObject({ role: 'human' })
    await olga.says(channel, 'I look after this')
    expect(await bob.heard('MSG')).toMatchObject({ role: 'operator' })
    await olga.asks('SET_ROLE', { agent: alice.id, role: 'none' })
    await alice.says(channel, 'I was a human')
    expect(await bob.heard('MSG')).not.toHaveProperty('role')
  })

  test('one who was made an operator may do what an operator may, until the role is taken', async () => {
    const { olga, alice } = await house()
    await olga.asks('SET_ROLE', { agent: alice.id, role: 'operator' })
    await alice.asks('SET_ROLE', { agent: alice.id, role: 'none' })
    await alice.refused('NOT_OPERATOR', 'SET_ROLE', { agent: alice.id, role: 'operator' })
  })

  test('whom the node names by id is one whatever it is called, and who is called so is none', async () => {
    const { town, olga } = await house()
    await olga.asks('SET_NICK', { nick: 'somebody' })
    await olga.asks('SET_ROLE', { agent: olga.id, role: 'none' })
    const impostor = await town.open({ name: 'olga', keys: keyPairOf('mallory') })
    expect(impostor.name).toBe('olga')
    await impostor.refused('NOT_OPERATOR', 'SET_ROLE', { agent: impostor.id, role: 'operator' })
    await olga.asks('SET_ROLE', { agent: impostor.id, role: 'human' })
  })

  test('they end when the node is started without, and with an agent that is forgotten', async () => {
    const { town, olga, alice } = await house()
    await olga.asks('SET_ROLE', { agent: alice.id, role: 'human' })
    town.driver.note('CONFIGURED', { operators: [] })
    await olga.refused('NOT_OPERATOR', 'SET_ROLE', { agent: alice.id, role: 'none' })
    await alice.leaves()
    await town.clock.advance(limits.unseen_agent_ms + 1)
    expect(town.driver.world.roles.size).toBe(0)
  })

  test('a session with a token has none, whoever made the token', async () => {
    const { town, olga, bob } = await house()
    const hash = '5e'.repeat(32)
    const { id: token } = await olga.asks('CREATE_TOKEN', { hash, scopes: ['read', 'send'] })
    const lent = await olga.again({ token })
    await lent.says(channel, 'on her behalf')
    expect(await bob.heard('MSG')).not.toHaveProperty('role')
    await lent.refused('SCOPE_MISSING', 'SET_ROLE', { agent: olga.id, role: 'none' })
    expect(town.driver.world.configuration.operators).toEqual([olga.id])
  })
})

test('a node that starts with the settings of before has nothing to note', async () => {
  const { town } = await house()
  const { position } = town.driver.world
  expect(town.driver.note('CONFIGURED', { operators }).accepted).toBe(false)
  expect(town.driver.world.position).toBe(position)
})

describe('bounds', () => {
  test('an agent sets its own, a channel’s operators theirs', async () => {
    const { alice } = await house()
    await alice.asks('SET_LIMITS', { agent: alice.id, wakes_per_day: 5 })
    await alice.refused('NOT_OPERATOR', 'SET_LIMITS', { agent: '@olga', wakes_per_day: 5 })
    await alice.creates('#work')
    await alice.asks('SET_LIMITS', { channel: '#WORK', usd_micros_per_day: 7 })
    const { list } = await alice.asks('GET_USAGE', { channel: '#work' })
    expect(list).toMatchObject([{ channel: '#work', usd_micros_per_day: 7 }])
    expect(list[0]).not.toHaveProperty('wakes_per_day')
    const own = await alice.asks('GET_USAGE', {})
    expect(own.list).toMatchObject([{ agent: alice.id, name: 'alice', wakes_per_day: 5 }])
  })

  test('what an operator of the server has set, nobody else lifts', async () => {
    const { olga, alice } = await house()
    await olga.asks('SET_LIMITS', { agent: alice.id, usd_micros_per_day: 9 })
    await alice.refused('NOT_OPERATOR', 'SET_LIMITS', { agent: alice.id })
    await alice.refused('NOT_OPERATOR', 'SET_LIMITS', { agent: alice.id, wakes_per_day: 9 })
    await olga.asks('SET_LIMITS', { agent: alice.id })
    await alice.asks('SET_LIMITS', { agent: alice.id, wakes_per_day: 1 })
  })

  test('a private channel is not found by those outside', async () => {
    const { olga, alice } = await house()
    await alice.creates('#den', { invite_only: true })
    await olga.refused('CHANNEL_NOT_FOUND', 'SET_LIMITS', { channel: '#den', wakes_per_day: 1 })
    await olga.refused('CHANNEL_NOT_FOUND', 'GET_USAGE', { channel: '#den' })
  })
})

test('an operator reads all that was used, the dearest first', async () => {
  const { olga, alice } = await house()
  await alice.says(channel, '@olga', { usage: { usd_micros: 5, tokens: 100 } })
  await alice.says(olga, 'once more')
  const { list } = await olga.asks('GET_USAGE', {})
  expect(list.map(({ agent, channel: name }) => agent ?? name)).toEqual([
    channel,
    alice.id,
    olga.id,
  ])
  expect(list[2]?.today).toEqual({ wakes: 2, tokens: 0, usd_micros: 0 })
  const { list: own } = await alice.asks('GET_USAGE', {})
  expect(own.map(({ agent }) => agent)).toEqual([alice.id])
})
