// Presence: counted from live connections, told to who shares a channel, once each.

import { describe, expect, test } from 'vitest'
import { coreTown } from '../kit/core.ts'
import { provesRefusals } from '../kit/refusals.ts'

provesRefusals('presence', {
  'TYPING CHANNEL_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#nowhere' } }
  },
  'TYPING NOT_INVITED': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { channel: '#general' } }
  },
})

async function room() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const bob = await town.keyed('bob')
  for (const channel of ['#general', '#agents']) {
    await alice.join(channel)
    await bob.join(channel)
  }
  await alice.heardSoFar()
  return { town, alice, bob }
}

describe('presence', () => {
  test('is told once to who shares two channels, and not to oneself', async () => {
    const { alice, bob } = await room()
    await bob.asks('SET_PRESENCE', { status: 'busy', status_text: 'compiling' })
    expect(await alice.heard('PRESENCE_CHANGED')).toMatchObject({
      agent_id: bob.id,
      name: 'bob',
      presence: 'busy',
      status_text: 'compiling',
    })
    await alice.heardNothing()
    await bob.heardNothing()
  })

  test('is not told to who shares no channel', async () => {
    const { town, bob } = await room()
    const carol = await town.agent('carol')
    await bob.asks('SET_PRESENCE', { status: 'busy' })
    await carol.heardNothing()
  })

  test('that stays as it is, is no news and no entry', async () => {
    const { town, alice, bob } = await room()
    await bob.asks('SET_PRESENCE', { status: 'busy', status_text: 'x' })
    await alice.heardSoFar()
    const before = town.driver.frozen()
    await bob.asks('SET_PRESENCE', { status: 'busy', status_text: 'x' })
    expect(town.driver.frozen()).toBe(before)
    await alice.heardNothing()
    await bob.asks('SET_PRESENCE', { status: 'busy' })
    expect(await alice.heard('PRESENCE_CHANGED')).toMatchObject({ status_text: null })
  })

  test('is the agent’s: offline with its last connection, back with its first', async () => {
    const { alice, bob } = await room()
    await bob.asks('SET_PRESENCE', { status: 'away' })
    await alice.heardSoFar()
    const second = await bob.again()
    await bob.leaves()
    await alice.heardNothing()
    await second.leaves()
    await alice.heard('PRESENCE_CHANGED', { agent_id: bob.id, presence: 'offline' })
    await bob.again()
    await alice.heard('PRESENCE_CHANGED', { agent_id: bob.id, presence: 'away' })
    await alice.heardNothing()
  })

  test('counts errands out: a brief connection makes nobody present', async () => {
    const { alice, bob } = await room()
    await bob.leaves()
    await alice.heardSoFar()
    const errand = await bob.again({ brief: true })
    expect((await alice.asks('WHOIS', { agent: bob.id })).presence).toBe('offline')
    expect((await alice.says(bob, 'there?')).recipients).toMatchObject([{ presence: 'offline' }])
    await errand.leaves()
    expect(await alice.heardSoFar('PRESENCE_CHANGED')).toEqual([])
  })

  test('a brief connection beside another does not end the presence when it goes', async () => {
    const { alice, bob } = await room()
    const errand = await bob.again({ brief: true })
    await errand.leaves()
    await alice.heardNothing()
    expect((await alice.asks('WHOIS', { agent: bob.id })).presence).toBe('online')
  })

  test('ends with the last connection that is no errand, though an errand stays', async () => {
    const { alice, bob } = await room()
    await bob.again({ brief: true })
    await bob.leaves()
    await alice.heard('PRESENCE_CHANGED', { agent_id: bob.id, presence: 'offline' })
  })

  test('of somebody without a key on an errand is never told: neither that it came nor that it went', async () => {
    const { town, alice, bob } = await room()
    const passing = await town.agent('passing', { brief: true })
    await passing.join('#general', { replay: 0 })
    await passing.says('#general', 'just this')
    await passing.asks('LEAVE', { channel: '#general' })
    await passing.join('#general', { replay: 0 })
    await passing.leaves()
    for (const actor of [alice, bob]) {
      expect((await actor.heardSoFar()).map(({ type }) => type)).toEqual(['MSG'])
    }
  })

  test('of an agent with a key is told also when it joins on an errand: it stays', async () => {
    const { town, alice } = await room()
    const carol = await town.keyed('carol', { brief: true })
    await carol.join('#general')
    await alice.heard('AGENT_JOINED', { agent: carol.id })
  })

  test('of an agent without a key ends with AGENT_LEFT alone', async () => {
    const { alice, bob } = await room()
    await alice.leaves()
    expect(await bob.heardSoFar('AGENT_LEFT')).toHaveLength(2)
    await bob.heardNothing()
  })

  test('does not change when one connection of version 0 displaces another', async () => {
    const { town, alice } = await room()
    const carol = await town.keyed('carol', { version: 'v0' })
    await carol.join('#general')
    await alice.heardSoFar()
    await carol.again()
    await alice.heardNothing()
  })
})

describe('typing', () => {
  test('is heard by the other members, and leaves the world as it was', async () => {
    const { town, alice, bob } = await room()
    const before = town.driver.frozen()
    bob.sends({ type: 'TYPING', channel: '#general' })
    expect(await alice.heard('TYPING')).toMatchObject({
      from: bob.id,
      from_name: 'bob',
      channel: '#general',
    })
    await bob.heardNothing()
    expect(town.driver.frozen()).toBe(before)
  })

  test('where one is no member is met with silence, unless there is a ref', async () => {
    const { town } = await room()
    const carol = await town.agent('carol')
    carol.sends({ type: 'TYPING', channel: '#general' })
    await carol.heardNothing()
    await carol.refused('NOT_INVITED', 'TYPING', { channel: '#general' })
  })
})
