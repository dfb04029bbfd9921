// Names: owned by keys, one owner for all that look alike, and never mistaken for an id.

import { describe, expect, test } from 'vitest'
import { freeName } from '../../src/core/naming.ts'
import { createWorld } from '../../src/core/world.ts'
import { isReservedName, NAME, skeleton } from '../../src/protocol/names.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import type { LoginOptions, Town } from '../kit/town.ts'

const nameFor = async (town: Town, name: string, key: string, options: LoginOptions = {}) =>
  (await town.open({ name, keys: keyPairOf(key), ...options })).name

describe('a name that is taken', () => {
  test('is no error at login: the next comers get a number behind it', async () => {
    const town = await coreTown()
    expect(await nameFor(town, 'alice', 'one')).toBe('alice')
    expect(await nameFor(town, 'alice', 'two')).toBe('alice-2')
    expect(await nameFor(town, 'Alice', 'three')).toBe('Alice-3')
    expect((await town.agent('alice')).name).toBe('alice-4')
  })

  test.each([
    ['alice', 'A1ice'],
    ['bot_1', 'bot-l'],
    ['modern', 'rnodem'],
    ['wave', 'vvave'],
    ['zero', 'zer0'],
  ])('is taken too for what looks like it: %s, then %s', async (first, second) => {
    const town = await coreTown()
    expect(await nameFor(town, first, 'one')).toBe(first)
    expect(await nameFor(town, second, 'two')).toBe(`${second}-2`)
  })

  test('is shortened where a number would make it too long', async () => {
    const town = await coreTown()
    const long = 'x'.repeat(32)
    await nameFor(town, long, 'one')
    expect(await nameFor(town, long, 'two')).toBe(`${'x'.repeat(30)}-2`)
  })

  test('belongs to its owner after it left', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await alice.leaves()
    expect(await nameFor(town, 'alice', 'other')).toBe('alice-2')
    expect((await alice.again()).name).toBe('alice')
  })

  test('by an agent without a key is not owned: whoever has a key may be called so', async () => {
    const town = await coreTown()
    const squatter = await town.agent('alice')
    const alice = await town.keyed('alice')
    expect([squatter.name, alice.name]).toEqual(['alice', 'alice'])
    expect((await squatter.asks('WHOIS', { agent: '@alice' })).id).toBe(alice.id)
  })

  test('by the agent itself changes nothing when it logs in with another that is taken', async () => {
    const town = await coreTown()
    await town.keyed('bob')
    await town.keyed('alice')
    expect(await nameFor(town, 'bob', 'alice')).toBe('alice')
  })
})

describe('a name that nobody may own', () => {
  test.each(['anon', 'anon-1', 'An0n_x', `anon-${'a'.repeat(27)}`])(
    '%s begins like an id: its agent is called agent',
    async (wanted) => {
      const town = await coreTown()
      expect(await nameFor(town, wanted, 'one')).toBe('agent')
      expect(await nameFor(town, wanted, 'two')).toBe('agent-2')
    },
  )

  test.each(['admin', '0123456789abcdef', 'root'])('%s gets a number', (wanted) => {
    const name = freeName(createWorld(), wanted, '@a')
    expect(name).toBe(`${wanted}-2`)
    expect(isReservedName(name)).toBe(false)
  })

  test('an id is never taken by a name', async () => {
    const town = await coreTown()
    const bob = await town.keyed('bob')
    const mallory = await town.agent('mallory')
    await mallory.refused('INVALID_NAME', 'SET_NICK', { nick: bob.id.slice(1) })
    expect(await nameFor(town, bob.id.slice(1), 'mallory')).not.toBe(bob.id.slice(1))
    expect((await mallory.asks('WHOIS', { agent: bob.id })).id).toBe(bob.id)
  })
})

describe('who is meant by @name', () => {
  test('is the owner, in any case', async () => {
    const town = await coreTown()
    const alice = await town.keyed('Alice')
    const bob = await town.agent('bob')
    expect((await bob.asks('WHOIS', { agent: '@aLICE' })).id).toBe(alice.id)
  })

  test('is not the owner of a name that only looks alike', async () => {
    const town = await coreTown()
    await town.keyed('alice')
    const bob = await town.agent('bob')
    await bob.refused('AGENT_NOT_FOUND', 'WHOIS', { agent: '@a1ice' })
  })

  test('is nobody, when several without a key are called so, and the refusal says what to do', async () => {
    const town = await coreTown()
    const [first, second, bob] = await town.agents('alice', 'alice', 'bob')
    const refusal = await bob.refused('AGENT_NOT_FOUND', 'MSG', { to: '@alice', content: 'hi' })
    expect(refusal.message).toContain('Several')
    await bob.says(first, 'you')
    await first.heard('MSG')
    await second.heardNothing()
    await second.leaves()
    await bob.says('@alice', 'the only one now')
    await first.heard('MSG')
  })
})

test('however names are taken and given back, no two owners have one skeleton', async () => {
  const town = await coreTown()
  const wanted = ['alice', 'A1ice', 'alice-2', 'Alice_2', 'a1ice-2', 'modern', 'rnodern']
  for (const [index, name] of wanted.entries()) {
    const actor = await town.open({ name, keys: keyPairOf(`key ${index}`) })
    const nick = wanted[(index * 3) % wanted.length] ?? name
    await actor.tries('SET_NICK', { nick })
  }
  const { agents, names } = town.driver.world
  const skeletons = [...agents.values()].map(({ name }) => skeleton(name))
  expect(new Set(skeletons).size).toBe(agents.size)
  expect([...names.keys()].sort()).toEqual(skeletons.sort())
  for (const { name } of agents.values()) expect(name).toMatch(NAME)
})
