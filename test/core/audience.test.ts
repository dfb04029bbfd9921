// Audiences: who hears a channel is kept at hand, and is right whoever comes and goes.

import { describe, expect, test } from 'vitest'
import { channelAudience, neighbours, otherMembers, sessionsOf } from '../../src/core/audience.ts'
import type { Agent, Channel, World } from '../../src/core/world.ts'
import { coreTown } from '../kit/core.ts'

/** The same, worked out anew from the members. */
function heardBy(world: World, channel: Channel): string[] {
  return [...channel.members.keys()].flatMap((id) => [...(world.agents.get(id)?.sessions ?? [])])
}

async function stage() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const bob = await town.keyed('bob')
  const { world } = town.driver
  const agent = (id: string): Agent => {
    const found = world.agents.get(id)
    if (!found) throw new Error(`${id} is not there.`)
    return found
  }
  const channel = (): Channel => {
    const found = world.channels.get('#general')
    if (!found) throw new Error('#general is not there.')
    return found
  }
  const hearing = () => [...channelAudience(world, channel())].sort()
  const expected = () => heardBy(world, channel()).sort()
  return { town, alice, bob, world, agent, channel, hearing, expected }
}

test('the audience of a channel is right after every coming and going', async () => {
  const { town, alice, bob, hearing, expected } = await stage()
  const sizes: number[] = []
  const check = () => {
    expect(hearing()).toEqual(expected())
    sizes.push(hearing().length)
  }
  check()
  await alice.join('#general')
  check()
  await bob.join('#general')
  check()
  const second = await bob.again()
  check()
  await second.leaves()
  check()
  await bob.leaves()
  check()
  const back = await bob.again()
  check()
  await back.asks('LEAVE', { channel: '#general' })
  check()
  await alice.leaves()
  check()
  const carol = await town.keyed('carol', { version: 'v0' })
  await carol.join('#general')
  check()
  await carol.again()
  check()
  expect(sizes).toEqual([0, 1, 2, 3, 2, 1, 2, 1, 0, 1, 1])
})

test('is the same list until somebody comes or goes, and never changes once made', async () => {
  const { alice, bob, world, channel } = await stage()
  await alice.join('#general')
  const before = channelAudience(world, channel())
  await alice.says('#general', 'hi')
  expect(channelAudience(world, channel())).toBe(before)
  await bob.join('#general')
  expect(before).toEqual([alice.session])
  expect(channelAudience(world, channel())).not.toBe(before)
})

describe('the others', () => {
  test('of a channel are all sessions but those of the agent', async () => {
    const { alice, bob, world, agent, channel } = await stage()
    await alice.join('#general')
    await bob.join('#general')
    await bob.again()
    expect(otherMembers(world, channel(), agent(bob.id))).toEqual([alice.session])
  })

  test('who share a channel are named once each, without the agent itself', async () => {
    const { town, alice, bob, world, agent } = await stage()
    const carol = await town.agent('carol')
    for (const channel of ['#general', '#agents']) {
      await alice.join(channel)
      await bob.join(channel)
    }
    await carol.join('#agents')
    expect([...neighbours(world, agent(alice.id))].sort()).toEqual([bob.session, carol.session])
  })

  test('of two that talk are the sessions of both, each once', async () => {
    const { alice, bob, agent } = await stage()
    const all = sessionsOf(agent(alice.id), agent(bob.id), agent(alice.id))
    expect(all).toEqual([alice.session, bob.session])
  })
})
