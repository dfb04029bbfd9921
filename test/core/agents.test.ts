// Agents: who they are, how they are called, and whether the older login is let in.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { provesRefusals } from '../kit/refusals.ts'

provesRefusals(
  'agents',
  {
    'WHOIS AGENT_NOT_FOUND': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { agent: '@nobody' } }
    },
    'SET_NICK INVALID_NAME': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { nick: 'admin' } }
    },
    'ALLOW_LEGACY V1_REQUIRED': async (town) => {
      const who = await town.keyed('alice', { version: 'v0' })
      return { who, fields: { allow: true } }
    },
  },
  ['SET_NICK RATE_LIMITED'],
)

describe('WHOIS', () => {
  test('shows the key of an agent with a key, and what verifies the id', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob')
    const { public: key, text } = keyPairOf('bob')
    expect(await alice.asks('WHOIS', { agent: '@bob' })).toMatchObject({
      id: bob.id,
      name: 'bob',
      presence: 'online',
      auth: 'v1',
      key: text,
      pubkey: key.pem,
      fingerprint: key.fingerprint,
    })
  })

  test('shows no key where there is none', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    const shown = await alice.asks('WHOIS', { agent: bob.id })
    expect(shown).toMatchObject({ id: bob.id, auth: 'anon' })
    expect(shown).not.toHaveProperty('key')
  })
})

describe('when an agent was last seen', () => {
  test('is told while it is not present, once it has been here', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob', { brief: true })
    expect(await alice.asks('WHOIS', { agent: bob.id })).not.toHaveProperty('last_seen')
    await bob.leaves()
    const seen = await alice.asks('WHOIS', { agent: bob.id })
    expect(Math.floor(seen.last_seen ?? 0)).toBe(town.clock.now())
    await bob.again({ brief: false })
    expect(await alice.asks('WHOIS', { agent: bob.id })).not.toHaveProperty('last_seen')
  })
})

describe('SET_NICK', () => {
  test('to a reserved name is refused with the reason', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const refusal = await alice.refused('INVALID_NAME', 'SET_NICK', { nick: 'operator' })
    expect(refusal.message).toContain('reserved')
  })

  test('is told once to who shares a channel and to oneself on every connection', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob')
    const second = await bob.again()
    for (const channel of ['#general', '#agents']) {
      await alice.join(channel)
      await bob.join(channel)
    }
    await alice.heardSoFar()
    await bob.asks('SET_NICK', { nick: 'robert' })
    for (const actor of [alice, bob, second]) {
      const news = await actor.heard('NICK_CHANGED')
      expect(news).toMatchObject({ agent_id: bob.id, old_nick: 'bob', new_nick: 'robert' })
      await actor.heardNothing()
    }
    await alice.says('#general', 'hi')
    await bob.says('#general', 'hi')
    await alice.heard('MSG', { from_name: 'robert' })
  })

  test('to the name one has is no news', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const before = town.driver.frozen()
    await alice.asks('SET_NICK', { nick: 'alice' })
    expect(town.driver.frozen()).toBe(before)
    await alice.heardNothing()
  })

  test('may change the case or the look of one’s own name', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.asks('SET_NICK', { nick: 'A1ice' })
    expect((await alice.asks('WHOIS', { agent: '@a1ice' })).id).toBe(alice.id)
    await alice.refused('AGENT_NOT_FOUND', 'WHOIS', { agent: '@alice' })
  })

  test('gives the old name free', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.asks('SET_NICK', { nick: 'alicia' })
    expect((await town.keyed('other')).name).toBe('other')
    expect((await town.open({ name: 'alice', keys: keyPairOf('third') })).name).toBe('alice')
  })

  test.each(['alice', 'ALICE', 'a1ice', 'al1ce'])(
    'to %s is refused, without a trace, while an agent with a key owns alice',
    async (nick) => {
      const town = await coreTown()
      const alice = await town.keyed('alice')
      const bob = await town.agent('bob')
      await alice.leaves()
      const before = town.driver.frozen()
      await bob.refused('INVALID_NAME', 'SET_NICK', { nick })
      expect(town.driver.frozen()).toBe(before)
    },
  )

  test('to the name of an agent without a key is allowed: it owns none', async () => {
    const town = await coreTown()
    const [, bob] = await town.agents('alice', 'bob')
    await bob.asks('SET_NICK', { nick: 'alice' })
    await bob.heard('NICK_CHANGED')
  })
})

describe('ALLOW_LEGACY', () => {
  const older = { name: 'alice', keys: keyPairOf('alice'), version: 'v0' } as const

  test('lets the key log in the older way again', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await town.turnsAway('V1_REQUIRED', older)
    await alice.asks('ALLOW_LEGACY', { allow: true })
    await town.open(older)
  })

  test('or no longer, from now on for the whole pause', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.asks('ALLOW_LEGACY', { allow: true })
    await town.clock.advance(1_000)
    await alice.asks('ALLOW_LEGACY', { allow: false })
    await town.clock.advance(limits.legacy_pause_ms - 1)
    await town.turnsAway('V1_REQUIRED', older)
  })

  test('is not for agents without a key', async () => {
    const town = await coreTown()
    const bob = await town.agent('bob')
    await bob.refused('SIGNATURE_REQUIRED', 'ALLOW_LEGACY', { allow: true })
  })
})
