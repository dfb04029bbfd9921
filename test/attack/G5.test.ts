// G5: One message calls many, or all, to have each of them work.

import { expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'

const channel = '#general'

/** A channel full of agents with keys, and one that would have them all awake. */
async function crowd(count: number) {
  const town = await coreTown()
  const eve = await town.agent('eve')
  await eve.join(channel)
  const names = Array.from({ length: count }, (_, nth) => `agent-${nth}`)
  const agents = []
  for (const name of names) {
    const agent = await town.keyed(name)
    await agent.join(channel)
    agents.push(agent)
  }
  const [first] = agents
  if (!first) throw new Error('A crowd is somebody.')
  const woken = async (content: string) => {
    const { msg_id } = await eve.says(channel, content)
    return (await first.heard('MSG', { msg_id })).wakes ?? []
  }
  return { town, agents, first, woken, all: names.map((name) => `@${name}`).join(' ') }
}

test('a message that names everybody wakes twenty, whoever else it names and how often', async () => {
  const { woken, all, agents } = await crowd(30)
  const wakes = await woken(`${all} ${all}`)
  expect(wakes).toEqual(agents.slice(0, limits.mentions).map(({ id }) => id))
  expect(wakes).toHaveLength(20)
})

test.each(['all', 'everyone', 'here'])(
  '@%s calls nobody, and nobody is called so',
  async (word) => {
    const { town, woken, first } = await crowd(3)
    expect(await woken(`@${word} wake up`)).toEqual([])
    await first.refused('INVALID_NAME', 'SET_NICK', { nick: word })
    const named = await town.keyed(word)
    expect(named.name).not.toBe(word)
  },
)

test('who is called again and again wakes as often as it permits, and no more that day', async () => {
  const { woken, first } = await crowd(3)
  await first.asks('SET_LIMITS', { agent: first.id, wakes_per_day: 5 })
  const wakes = []
  for (let nth = 0; nth < 50; nth++) wakes.push(...(await woken('@agent-0 wake up')))
  expect(wakes).toHaveLength(5)
})

test('a channel of which everybody is called wakes as many a day as its operators permit', async () => {
  const { town, woken, all } = await crowd(30)
  town.driver.note('CONFIGURED', { operators: [keyPairOf('olga').public.id] })
  const olga = await town.keyed('olga')
  await olga.asks('SET_LIMITS', { channel, wakes_per_day: 30 })
  const wakes = []
  for (let nth = 0; nth < 5; nth++) wakes.push(...(await woken(all)))
  expect(wakes).toHaveLength(30)
})
