// Members and invites: an invite is good once and for one agent, and empty channels do not stay for ever.

import { describe, expect, test } from 'vitest'
import { createChannel } from '../../src/core/world.ts'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { coreTown } from '../kit/core.ts'
import { fillWorld } from '../kit/worlds.ts'

async function privateTown() {
  const town = await coreTown()
  const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
  await alice.creates('#work', { invite_only: true })
  return { town, alice, bob, carol }
}

function invite(from: Actor, to: Actor): Promise<object> {
  return from.asks('INVITE', { channel: '#work', agent: to.id })
}

describe('an invite', () => {
  test('reaches the invited as a message of the inviter that older clients know, and as INVITED', async () => {
    const { alice, bob } = await privateTown()
    await invite(alice, bob)
    const message = await bob.heard('MSG', { invite: '#work', from: alice.id })
    expect(message).toMatchObject({ to: bob.id, from_name: 'alice', expects: 'none', auth: 'anon' })
    expect(message.content).toContain('#work')
    const news = await bob.heard('INVITED', { channel: '#work', from: alice.id })
    expect(news.position).toBe(message.position)
    await alice.heardNothing()
  })

  test('lets in once: after leaving, the guest stands before the door again', async () => {
    const { town, alice, bob } = await privateTown()
    await invite(alice, bob)
    await bob.join('#work')
    await bob.asks('LEAVE', { channel: '#work' })
    const before = town.driver.frozen()
    await bob.refused('NOT_INVITED', 'JOIN', { channel: '#work' })
    expect(town.driver.frozen()).toBe(before)
  })

  test('is good for the invited alone', async () => {
    const { alice, bob, carol } = await privateTown()
    await invite(alice, bob)
    await carol.refused('NOT_INVITED', 'JOIN', { channel: '#work' })
    await bob.join('#work')
  })

  test('that was withdrawn lets nobody in', async () => {
    const { town, alice, bob } = await privateTown()
    await invite(alice, bob)
    await alice.asks('UNINVITE', { channel: '#work', agent: bob.id })
    await bob.refused('NOT_INVITED', 'JOIN', { channel: '#work' })
    expect(town.driver.world.agents.get(alice.id)?.invites).toBe(0)
  })

  test('given twice is one invite and one message', async () => {
    const { town, alice, bob } = await privateTown()
    await invite(alice, bob)
    await bob.heardSoFar()
    await invite(alice, bob)
    await bob.heardNothing()
    expect(town.driver.world.agents.get(alice.id)?.invites).toBe(1)
  })

  test('to a member says nothing to anybody', async () => {
    const { alice, bob } = await privateTown()
    await invite(alice, bob)
    await bob.join('#work')
    await bob.heardSoFar()
    await invite(alice, bob)
    await bob.heardNothing()
  })

  test('of another member may be withdrawn by an operator', async () => {
    const { alice, bob, carol } = await privateTown()
    await invite(alice, bob)
    await bob.join('#work')
    await invite(bob, carol)
    await alice.asks('UNINVITE', { channel: '#work', agent: carol.id })
    await carol.refused('NOT_INVITED', 'JOIN', { channel: '#work' })
  })

  test('that was used no longer counts against the inviter', async () => {
    const { town, alice, bob, carol } = await privateTown()
    const { world } = town.driver
    fillWorld(world).invites(limits.open_invites - 1, { channel: '#work', from: alice.id })
    await invite(alice, bob)
    expect(world.agents.get(alice.id)?.invites).toBe(limits.open_invites)
    const asked = { channel: '#work', agent: carol.id }
    const refusal = await alice.refused('LIMIT_REACHED', 'INVITE', asked)
    expect(refusal.limit).toBe('open_invites')
    await bob.join('#work')
    expect(world.agents.get(alice.id)?.invites).toBe(limits.open_invites - 1)
  })

  test('goes when its guest goes, if the guest has no key', async () => {
    const { town, alice, bob } = await privateTown()
    await invite(alice, bob)
    await bob.leaves()
    expect(town.driver.world.channels.get('#work')?.invited.size).toBe(0)
    expect(town.driver.world.agents.get(alice.id)?.invites).toBe(0)
  })

  test('stays when the inviter goes', async () => {
    const { alice, bob, carol } = await privateTown()
    await invite(alice, bob)
    await bob.join('#work')
    await invite(bob, carol)
    await bob.leaves()
    await carol.join('#work')
  })

  test('the operator who left needs none to come back', async () => {
    const { alice, bob } = await privateTown()
    await invite(alice, bob)
    await bob.join('#work')
    await alice.asks('LEAVE', { channel: '#work' })
    await alice.join('#work')
  })
})

describe('the bounds', () => {
  test('a channel holds no more members than its limit', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const filler = fillWorld(town.driver.world)
    filler.members('#general', filler.agents(limits.members_per_channel))
    const refusal = await alice.refused('LIMIT_REACHED', 'JOIN', { channel: '#general' })
    expect(refusal.limit).toBe('members_per_channel')
  })

  test('JOINED and AGENTS name at most as many members as the limit, and tell how many there are', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const filler = fillWorld(town.driver.world)
    filler.members('#general', filler.agents(limits.members_listed))
    const joined = await alice.join('#general')
    expect([joined.agents.length, joined.total]).toEqual([1_000, 1_001])
    const listed = await alice.asks('LIST_AGENTS', { channel: '#general' })
    expect([listed.list.length, listed.total]).toEqual([1_000, 1_001])
  })

  test('an agent is in no more channels than its limit, also by making them', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    fillWorld(town.driver.world).channels(limits.channels_per_agent, [alice.id])
    for (const [type, channel] of [
      ['JOIN', '#general'],
      ['CREATE_CHANNEL', '#new'],
    ] as const) {
      const refusal = await alice.refused('LIMIT_REACHED', type, { channel })
      expect(refusal.limit).toBe('channels_per_agent')
    }
  })

  test('a channel holds no more open invites than it may have members', async () => {
    const { town, alice, bob } = await privateTown()
    const { world } = town.driver
    const channel = world.channels.get('#work')
    for (let i = 0; i < limits.members_per_channel; i++) channel?.invited.set(`@x${i}`, '@y')
    const asked = { channel: '#work', agent: bob.id }
    const refusal = await alice.refused('LIMIT_REACHED', 'INVITE', asked)
    expect(refusal.limit).toBe('members_per_channel')
  })

  test('CHANNELS lists at most as many channels as the limit, and tells how many there are', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    fillWorld(town.driver.world).channels(limits.channels_listed, [])
    const { list, total } = await alice.asks('LIST_CHANNELS', {})
    expect([list.length, total]).toEqual([1_000, 1_004])
  })

  test('with all channels taken, the longest empty one makes room, and none is made without', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.creates('#old')
    await alice.asks('LEAVE', { channel: '#old' })
    const { channels } = town.driver.world
    for (let i = channels.size; i < limits.channels; i++) {
      channels.set(`#full-${i}`, createChannel({ name: `#full-${i}`, position: 0 }))
    }
    await bob.creates('#new')
    expect([channels.has('#old'), channels.has('#new')]).toEqual([false, true])
    const refusal = await bob.refused('LIMIT_REACHED', 'CREATE_CHANNEL', { channel: '#newer' })
    expect(refusal.limit).toBe('channels')
  })
})

describe('an empty channel', () => {
  const day = limits.empty_channel_ms

  test('whose maker had no key is forgotten after its time, with the invites to it', async () => {
    const { town, alice, bob } = await privateTown()
    await invite(alice, bob)
    await alice.asks('LEAVE', { channel: '#work' })
    await town.clock.advance(day - 1_000)
    expect(town.driver.world.channels.has('#work')).toBe(true)
    await town.clock.advance(1_001)
    expect(town.driver.world.channels.has('#work')).toBe(false)
    expect(town.driver.world.agents.get(bob.id)?.invitedTo.size).toBe(0)
    expect(town.driver.world.agents.get(alice.id)).toMatchObject({ owned: 0, invites: 0 })
    await town.restart()
  })

  test('is kept when somebody came back in time', async () => {
    const { town, alice } = await privateTown()
    await alice.asks('LEAVE', { channel: '#work' })
    await town.clock.advance(day - 1_000)
    await alice.join('#work')
    await town.clock.advance(day)
    expect(town.driver.world.channels.has('#work')).toBe(true)
  })

  test('whose maker has a key is kept', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.creates('#work')
    await alice.asks('LEAVE', { channel: '#work' })
    await town.clock.advance(day * 2)
    expect(town.driver.world.channels.has('#work')).toBe(true)
  })

  test('is the first to go when there are more empty ones than the limit', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.creates('#first')
    await bob.creates('#last')
    await alice.asks('LEAVE', { channel: '#first' })
    const { channels, emptyChannels, now } = town.driver.world
    for (let i = 1; i < limits.empty_channels; i++) {
      channels.set(`#empty-${i}`, createChannel({ name: `#empty-${i}`, position: 0 }))
      emptyChannels.set(`#empty-${i}`, now)
    }
    await bob.asks('LEAVE', { channel: '#last' })
    expect(emptyChannels.size).toBe(limits.empty_channels)
    expect([channels.has('#first'), channels.has('#last')]).toEqual([false, true])
  })

  test('made anew under the old name does not show the old history', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.creates('#work')
    const { position } = await alice.says('#work', 'between us')
    await alice.asks('LEAVE', { channel: '#work' })
    await town.clock.advance(day + 1)
    await bob.creates('#work')
    await bob.says('#work', 'a new start')
    const all = await bob.asks('HISTORY', { target: '#work', after: 0 })
    expect(all.messages.map(({ content }) => content)).toEqual(['a new start'])
    const before = await bob.asks('HISTORY', { target: '#work', before: position + 1 })
    expect(before.messages).toEqual([])
    expect(all.messages[0]?.prev).toBeUndefined()
  })
})
