// Channels: who may make, find, enter and leave them, and what becomes of invites.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { provesRefusals } from '../kit/refusals.ts'
import { fillWorld } from '../kit/worlds.ts'

provesRefusals('channels', {
  'CREATE_CHANNEL CHANNEL_EXISTS': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#GENERAL' } }
  },
  'CREATE_CHANNEL LIMIT_REACHED': async (town) => {
    const who = await town.agent('alice')
    for (let made = 0; made < limits.channels_owned; made++) await who.creates(`#c${made}`)
    return { who, fields: { channel: '#one-more' } }
  },
  'JOIN CHANNEL_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#nowhere' } }
  },
  'JOIN NOT_INVITED': async (town) => {
    const [alice, who] = await town.agents('alice', 'bob')
    await alice.creates('#work', { invite_only: true })
    return { who, fields: { channel: '#work' } }
  },
  'JOIN LIMIT_REACHED': async (town) => {
    const who = await town.agent('alice')
    fillWorld(town.driver.world).channels(limits.channels_per_agent, [who.id])
    return { who, fields: { channel: '#general' } }
  },
  'LEAVE CHANNEL_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#nowhere' } }
  },
  'LEAVE NOT_INVITED': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#general' } }
  },
  'INVITE CHANNEL_NOT_FOUND': async (town) => {
    const [who, bob] = await town.agents('alice', 'bob')
    return { who, fields: { channel: '#nowhere', agent: bob.id } }
  },
  'INVITE NOT_INVITED': async (town) => {
    const [alice, who] = await town.agents('alice', 'bob')
    await alice.creates('#work', { invite_only: true })
    return { who, fields: { channel: '#work', agent: who.id } }
  },
  'INVITE AGENT_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    await who.creates('#work')
    return { who, fields: { channel: '#work', agent: '@nobody' } }
  },
  'INVITE LIMIT_REACHED': async (town) => {
    const [who, bob] = await town.agents('alice', 'bob')
    await who.creates('#work')
    fillWorld(town.driver.world).invites(limits.open_invites, { channel: '#work', from: who.id })
    return { who, fields: { channel: '#work', agent: bob.id } }
  },
  'UNINVITE CHANNEL_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#nowhere', agent: who.id } }
  },
  'UNINVITE NOT_INVITED': async (town) => {
    const [alice, who, carol] = await town.agents('alice', 'bob', 'carol')
    await alice.creates('#work')
    await who.join('#work')
    await alice.asks('INVITE', { channel: '#work', agent: carol.id })
    return { who, fields: { channel: '#work', agent: carol.id } }
  },
  'UNINVITE AGENT_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    await who.creates('#work')
    return { who, fields: { channel: '#work', agent: '@nobody' } }
  },
  'LIST_AGENTS CHANNEL_NOT_FOUND': async (town) => {
    const [alice, who] = await town.agents('alice', 'bob')
    await alice.creates('#work', { invite_only: true })
    return { who, fields: { channel: '#work' } }
  },
})

describe('making a channel', () => {
  test('the maker is its first member and its operator', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const made = await alice.creates('#Work', { topic: 'work' })
    expect(made).toMatchObject({ channel: '#Work', total: 1, agents: [{ id: alice.id }] })
    expect(town.driver.world.channels.get('#work')?.operators).toEqual(new Set([alice.id]))
    const { list } = await alice.asks('LIST_CHANNELS', {})
    expect(list).toContainEqual({
      name: '#Work',
      agents: 1,
      topic: 'work',
      invite_only: false,
      joined: true,
    })
  })

  test('the four first channels are there from the start, and are nobody’s', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const { list, total } = await alice.asks('LIST_CHANNELS', {})
    expect(list.map(({ name }) => name)).toEqual(['#general', '#agents', '#discovery', '#bounties'])
    expect(total).toBe(4)
    expect([...town.driver.world.channels.values()].every(({ owner }) => owner === undefined)).toBe(
      true,
    )
  })

  test('a private channel is listed to its members alone', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.creates('#secret', { invite_only: true })
    await alice.asks('INVITE', { channel: '#secret', agent: bob.id })
    const names = async (actor: typeof bob) =>
      (await actor.asks('LIST_CHANNELS', {})).list.map(({ name }) => name)
    expect(await names(alice)).toContain('#secret')
    expect(await names(bob)).not.toContain('#secret')
  })
})

describe('coming and going', () => {
  test('the others hear once that somebody joined, and the newcomer who is there', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.join('#general')
    const joined = await bob.join('#GENERAL')
    expect(joined).toMatchObject({ channel: '#general', total: 2 })
    expect(joined.agents.map(({ name }) => name)).toEqual(['alice', 'bob'])
    const news = await alice.heard('AGENT_JOINED')
    expect(news).toMatchObject({ channel: '#general', agent: bob.id, position: joined.position })
    await alice.heardNothing()
    await bob.heardNothing()
  })

  test('joining again tells nobody, takes no position, and names no place that is yet to come', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.join('#general')
    await bob.join('#general')
    await alice.heard('AGENT_JOINED')
    const before = town.driver.frozen()
    const again = await bob.join('#general')
    expect(town.driver.frozen()).toBe(before)
    expect(again.position).toBe(town.driver.world.position)
    await alice.heardNothing()
  })

  test('who leaves hears LEFT, the others AGENT_LEFT, and then no more of each other', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.join('#general')
    await bob.join('#general')
    await alice.heardSoFar()
    await bob.asks('LEAVE', { channel: '#General' })
    expect(await alice.heard('AGENT_LEFT')).toMatchObject({ channel: '#general', agent: bob.id })
    await alice.says('#general', 'gone?')
    await bob.heardNothing()
    expect((await alice.asks('LIST_AGENTS', { channel: '#general' })).total).toBe(1)
  })

  test('a newcomer hears the newest messages, as many as it asks for', async () => {
    const town = await coreTown()
    const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
    await alice.join('#general')
    for (const word of ['one', 'two', 'three']) await alice.says('#general', word)
    const heardBy = async (actor: typeof bob) =>
      (await actor.heardSoFar('MSG')).map(({ content, replay }) => [content, replay])
    await bob.join('#general', { replay: 2 })
    expect(await heardBy(bob)).toEqual([
      ['two', true],
      ['three', true],
    ])
    await carol.join('#general', { replay: 0 })
    expect(await heardBy(carol)).toEqual([])
    await carol.join('#general')
    expect(await heardBy(carol)).toHaveLength(3)
  })

  test('a newcomer that does not say how many hears as many as the limit', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.join('#general')
    for (let said = 0; said <= limits.join_replay; said++) await alice.says('#general', `${said}`)
    await bob.join('#general')
    const heard = await bob.heardSoFar('MSG')
    expect([heard.length, heard[0]?.content]).toEqual([limits.join_replay, '1'])
  })

  test('agents that shared a channel are told of each other’s end', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.join('#general')
    await bob.join('#general')
    await alice.heardSoFar()
    await bob.leaves()
    await alice.heard('AGENT_LEFT', { agent: bob.id })
    await alice.heardNothing()
  })
})
