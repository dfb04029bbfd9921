// Sessions: who is let in, who is displaced, what WELCOME tells, and the cursor.

import { describe, expect, test } from 'vitest'
import { asks } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'
import { isEphemeralId, isPersistentId } from '../../src/protocol/names.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { provesRefusals } from '../kit/refusals.ts'
import { fillWorld } from '../kit/worlds.ts'

provesRefusals(
  'session',
  {
    'ACK SIGNATURE_REQUIRED': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { position: 1 } }
    },
    'ACK INVALID_MSG': async (town) => {
      const who = await town.keyed('alice')
      return { who, fields: { position: town.driver.world.position + 1 } }
    },
  },
  [
    'IDENTIFY INVALID_MSG',
    'IDENTIFY V1_REQUIRED',
    'IDENTIFY VERIFICATION_FAILED',
    'IDENTIFY RATE_LIMITED',
    // Those that the core gives are told below: a login is a note of the node.
    'IDENTIFY LIMIT_REACHED',
    'VERIFY_IDENTITY VERIFICATION_FAILED',
    'VERIFY_IDENTITY VERIFICATION_EXPIRED',
    'VERIFY_IDENTITY V1_REQUIRED',
    'VERIFY_IDENTITY RATE_LIMITED',
    'VERIFY_IDENTITY LIMIT_REACHED',
  ],
)

describe('turned away at login, without a trace', () => {
  const alice = { name: 'alice', keys: keyPairOf('alice') }

  test('the older version, after a login of version 1', async () => {
    const town = await coreTown()
    await town.open(alice)
    const before = town.driver.frozen()
    await town.turnsAway('V1_REQUIRED', { ...alice, version: 'v0' })
    expect(town.driver.frozen()).toBe(before)
  })

  test('a second key with the same id', async () => {
    const town = await coreTown()
    await town.open(alice)
    const before = town.driver.frozen()
    const other = keyPairOf('mallory')
    const collides = { ...other, public: { ...other.public, id: alice.keys.public.id } }
    await town.turnsAway('VERIFICATION_FAILED', { name: 'alice', keys: collides })
    expect(town.driver.frozen()).toBe(before)
  })

  test('one connection more than an agent may have', async () => {
    const town = await coreTown()
    for (let opened = 0; opened < limits.sessions_per_agent; opened++) await town.open(alice)
    const before = town.driver.frozen()
    const refusal = await town.turnsAway('LIMIT_REACHED', alice)
    expect(refusal.limit).toBe('sessions_per_agent')
    expect(town.driver.frozen()).toBe(before)
  })

  test('a stranger, when as many agents are known as may be; those that are known come in', async () => {
    const town = await coreTown()
    const first = await town.open(alice)
    await first.leaves()
    fillWorld(town.driver.world).agents(limits.agents_known - town.driver.world.agents.size)
    const before = town.driver.frozen()
    const refusal = await town.turnsAway('LIMIT_REACHED', { name: 'bob', keys: undefined })
    expect(refusal.limit).toBe('agents_known')
    expect(town.driver.frozen()).toBe(before)
    await town.open(alice)
  })

  test('the fourth take-over within a minute, with the time to come back', async () => {
    const town = await coreTown()
    const login = { ...alice, version: 'v0' } as const
    await town.open(login)
    for (let takeOver = 0; takeOver < limits.take_overs_a_minute; takeOver++) {
      await town.clock.advance(10_000)
      await town.open(login)
    }
    const before = town.driver.frozen()
    const refusal = await town.turnsAway('RATE_LIMITED', login)
    expect(town.driver.frozen()).toBe(before)
    expect(refusal.retry_after_ms).toBe(40_000)
    await town.clock.advance(40_000)
    await town.open(login)
  })
})

describe('WELCOME', () => {
  test('tells a session of version 1 the bounds, what the server can do, and the cursor', async () => {
    const town = await coreTown()
    const { welcome } = await town.keyed('alice')
    expect(welcome).toMatchObject({ name: 'alice', server: 'core.test', position: 1, cursor: 0 })
    expect(welcome.limits).toEqual(limits)
    expect(welcome.caps).toEqual(Object.keys(asks))
  })

  test('tells a session of version 0 no more than it knows', async () => {
    const town = await coreTown()
    const { welcome } = await town.keyed('alice', { version: 'v0' })
    expect(welcome).not.toHaveProperty('limits')
    expect(welcome).not.toHaveProperty('caps')
    expect(welcome).not.toHaveProperty('cursor')
  })

  test('names the channels that an agent with a key is still in', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.creates('#Work')
    await alice.leaves()
    expect((await alice.again()).welcome.channels).toEqual(['#Work'])
  })

  test('is the first that a session hears, also when its name changes with the login', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    const other = await alice.again()
    const renamed = await town.open({ name: 'alicia', keys: keyPairOf('alice') })
    expect(renamed.name).toBe('alicia')
    await renamed.heardNothing()
    for (const actor of [alice, other]) {
      await actor.heard('NICK_CHANGED', { old_nick: 'alice', new_nick: 'alicia' })
      await actor.heardNothing()
    }
  })
})

describe('an agent', () => {
  test('without a key vanishes with its connection: id, name and membership', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.creates('#work')
    await bob.join('#work')
    await bob.leaves()
    expect(isEphemeralId(bob.id)).toBe(true)
    await alice.refused('AGENT_NOT_FOUND', 'WHOIS', { agent: bob.id })
    await alice.refused('AGENT_NOT_FOUND', 'WHOIS', { agent: '@bob' })
    expect((await alice.asks('LIST_AGENTS', { channel: '#work' })).total).toBe(1)
    expect((await bob.again()).id).not.toBe(bob.id)
  })

  test('with a key stays a member while it is away, under the same id and name', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob')
    await alice.creates('#work')
    await bob.join('#work')
    await bob.leaves()
    expect(isPersistentId(bob.id)).toBe(true)
    const { list } = await alice.asks('LIST_AGENTS', { channel: '#work' })
    expect(list.find(({ id }) => id === bob.id)).toMatchObject({
      name: 'bob',
      presence: 'offline',
      last_seen: expect.any(Number),
    })
    const back = await bob.again()
    await alice.says('#work', 'welcome back')
    await back.heard('MSG', { content: 'welcome back' })
  })

  test('hears on all its connections', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob')
    const second = await bob.again()
    await alice.join('#general')
    await bob.join('#general')
    await alice.says('#general', 'hi')
    await bob.heard('MSG')
    await second.heard('MSG')
  })

  test('is forgotten after its time unseen, and its name is free again', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.join('#general')
    await alice.leaves()
    await town.clock.advance(limits.unseen_agent_ms - 1)
    expect((await town.keyed('carol')).name).toBe('carol')
    expect(town.driver.world.agents.has(alice.id)).toBe(true)
    await town.clock.advance(2)
    expect(town.driver.world.agents.has(alice.id)).toBe(false)
    expect(town.driver.world.channels.get('#general')?.members.size).toBe(0)
    expect((await town.open({ name: 'alice', keys: keyPairOf('other') })).name).toBe('alice')
    await town.restart()
  })
})

describe('the older version', () => {
  test('holds one connection an agent: the newer takes the place of the older', async () => {
    const town = await coreTown()
    const older = await town.keyed('alice', { version: 'v0' })
    const newer = await older.again()
    const news = await older.heard('SESSION_DISPLACED')
    expect(news.reason).toMatch(/^Another connection/)
    expect(news.new_ip).toBe('hidden')
    expect(await older.ended()).toBe('1000')
    expect((await newer.asks('PING', {})).type).toBe('PONG')
    expect([...town.driver.world.sessions.keys()]).toEqual([newer.session])
  })

  test('displaces no connection of version 1', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.asks('ALLOW_LEGACY', { allow: true })
    await alice.again({ version: 'v0' })
    await alice.again({ version: 'v0' })
    expect((await alice.asks('PING', {})).type).toBe('PONG')
    await alice.heardNothing()
  })

  test('takes the place of the older also when no further connection is allowed', async () => {
    const town = await coreTown()
    const old = await town.keyed('alice', { version: 'v0' })
    let newest = old
    for (let opened = 1; opened < limits.sessions_per_agent; opened++) {
      newest = await old.again({ version: 'v1' })
    }
    await newest.asks('ALLOW_LEGACY', { allow: true })
    await old.again()
    await old.heard('SESSION_DISPLACED')
  })

  test('is turned away only for displacing: who displaces nobody comes in', async () => {
    const town = await coreTown()
    let alice = await town.keyed('alice', { version: 'v0' })
    for (let takeOver = 0; takeOver < limits.take_overs_a_minute; takeOver++) {
      alice = await alice.again()
    }
    await alice.leaves()
    await alice.again()
  })

  test('is let in again when its pause after a login of version 1 is over', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    const older = { name: 'alice', keys: keyPairOf('alice'), version: 'v0' } as const
    await town.clock.advance(limits.legacy_pause_ms - 1)
    await town.turnsAway('V1_REQUIRED', older)
    await town.clock.advance(2)
    await town.open(older)
    expect((await alice.asks('PING', {})).type).toBe('PONG')
  })
})

describe('the cursor', () => {
  test('begins where the agent came to be known, moves by ACK, and never back', async () => {
    const town = await coreTown()
    const bob = await town.agent('bob')
    const alice = await town.keyed('alice')
    expect(alice.welcome.cursor).toBe(1)
    await bob.join('#general')
    await alice.asks('ACK', { position: 3 })
    const before = town.driver.frozen()
    await alice.asks('ACK', { position: 2 })
    await alice.asks('ACK', { position: 3 })
    expect(town.driver.frozen()).toBe(before)
    expect((await alice.again()).welcome.cursor).toBe(3)
  })

  test('is the agent’s: another connection sees it moved', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    const second = await alice.again()
    await second.asks('ACK', { position: 2 })
    expect(town.driver.world.agents.get(alice.id)?.cursor).toBe(2)
  })
})

test('the end of a connection that is not known is no entry', async () => {
  const town = await coreTown()
  const before = town.driver.frozen()
  expect(town.driver.note('SESSION_CLOSED', { session: 'nobody' })).toEqual({
    accepted: false,
    told: [],
  })
  expect(town.driver.frozen()).toBe(before)
})
