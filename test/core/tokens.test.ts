// Tokens: what they permit, to whom, until when; and what is left of one that is taken back.

import { describe, expect, test } from 'vitest'
import type { AskFields, AskType } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { type CoreDriver, coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { provesRefusals } from '../kit/refusals.ts'
import type { LoginOptions, Town } from '../kit/town.ts'

type Making = AskFields<'CREATE_TOKEN'>

/** The hash of no token that anybody has; another for each number. */
function hashOf(nth: number): string {
  return nth.toString(16).padStart(64, '0')
}

async function makes(owner: Actor, nth: number, fields: Partial<Making> = {}) {
  return owner.asks('CREATE_TOKEN', { hash: hashOf(nth), scopes: ['read', 'send'], ...fields })
}

/** A session that is opened with a token of alice. */
function holds(town: Town, token: string, options: LoginOptions = {}): Promise<Actor> {
  return town.keyed('alice', { token, ...options })
}

/** Alice, a channel that she is in with bob, and a session with a token of hers. */
async function withToken(fields: Partial<Making> = {}) {
  const town = await coreTown()
  const alice = await town.keyed('alice')
  const bob = await town.keyed('bob')
  await alice.join('#general')
  await bob.join('#general')
  const token = await makes(alice, 1, fields)
  const bot = await holds(town, token.id)
  return { town, alice, bob, token, bot }
}

async function ofAlice(town: Town<CoreDriver>, tokens: number): Promise<Actor> {
  const alice = await town.keyed('alice')
  for (let nth = 1; nth <= tokens; nth++) await makes(alice, nth)
  return alice
}

provesRefusals('tokens', {
  'CREATE_TOKEN LIMIT_REACHED': async (town) => {
    const who = await ofAlice(town, limits.tokens_per_agent)
    return { who, fields: { hash: hashOf(99), scopes: ['read'] } }
  },
  'CREATE_TOKEN INVALID_MSG': async (town) => {
    await ofAlice(town, 1)
    const who = await town.keyed('bob')
    return { who, fields: { hash: hashOf(1), scopes: ['read'] } }
  },
  'REVOKE_TOKEN TOKEN_NOT_FOUND': async (town) => {
    const alice = await town.keyed('alice')
    const { id: token_id } = await makes(alice, 1)
    return { who: await town.keyed('bob'), fields: { token_id } }
  },
})

describe('a token is not made', () => {
  test('by an agent without a key', async () => {
    const town = await coreTown()
    const guest = await town.agent('guest')
    await guest.refused('SIGNATURE_REQUIRED', 'CREATE_TOKEN', { hash: hashOf(1), scopes: ['read'] })
    await guest.refused('SIGNATURE_REQUIRED', 'LIST_TOKENS', {})
  })

  test('that would be over before it begins', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    const fields = { hash: hashOf(1), scopes: ['read' as const], expires_at: town.clock.now() }
    await alice.refused('INVALID_MSG', 'CREATE_TOKEN', fields)
  })
})

describe('a session with a token', () => {
  test.each<[AskType, object]>([
    ['CREATE_TOKEN', { hash: hashOf(2), scopes: ['read'] }],
    ['LIST_TOKENS', {}],
    ['REVOKE_TOKEN', { token_id: 't1' }],
    ['ALLOW_LEGACY', { allow: true }],
    ['SET_NICK', { nick: 'eve' }],
    ['SET_ROLE', { agent: '@bob', role: 'operator' }],
    ['RESET_BUDGET', {}],
    ['SET_LIMITS', {}],
    ['ACCEPT', { proposal_id: 'p'.repeat(64), sig: 'x' }],
    ['VERIFY_RESPONSE', { request_id: 'v1', nonce: '0f'.repeat(16), sig: 'x' }],
  ])('never may %s', async (type, fields) => {
    const { town, bot } = await withToken()
    const before = town.driver.frozen()
    await bot.refused('SCOPE_MISSING', type, fields as never) // each pairs a type with its own fields
    expect(town.driver.frozen()).toBe(before)
  })

  test('makes no deals, not even with a signature of the key', async () => {
    const { alice, bob, bot } = await withToken()
    const offer = await bob.proposes(alice, 'translate')
    await bot.refused('SCOPE_MISSING', 'PROPOSAL', bot.signedProposal(bob, 'pay') as never)
    await bot.refused('SCOPE_MISSING', 'ACCEPT', bot.signedStep('ACCEPT', offer) as never)
    expect(await bot.asks('LIST_PROPOSALS', {})).toMatchObject({ list: [{ status: 'pending' }] })
  })

  test('may only read with the scope of reading', async () => {
    const { alice, bob, bot } = await withToken({ scopes: ['read'] })
    const said = { to: '#general', content: 'hi' }
    await bot.refused('SCOPE_MISSING', 'MSG', said)
    await bot.refused('SCOPE_MISSING', 'CLAIM', { msg_id: 'm1' })
    await bot.refused('SCOPE_MISSING', 'TYPING', { channel: '#general' })
    await bot.refused('SCOPE_MISSING', 'SET_PRESENCE', { status: 'away' })
    await bot.refused('SCOPE_MISSING', 'LEAVE', { channel: '#general' })
    await bob.says('#general', 'to all')
    await bob.says(alice, 'to alice')
    expect((await bot.heardSoFar('MSG')).map(({ content }) => content)).toEqual([
      'to all',
      'to alice',
    ])
    await bot.asks('HISTORY', { target: '#general' })
    const { position } = await bob.says('#general', 'more')
    await bot.asks('ACK', { position })
    expect((await alice.again()).welcome.cursor).toBe(position)
    expect(bot.welcome.caps).toContain('HISTORY')
    expect(bot.welcome.caps).not.toContain('MSG')
  })

  test('may only send with the scope of sending, and hears nothing of what others say', async () => {
    const { town, alice, bob, bot } = await withToken({ scopes: ['send'] })
    await bob.says('#general', 'a secret')
    await bob.says(alice, 'another')
    await bot.refused('SCOPE_MISSING', 'HISTORY', { target: '#general' })
    await bot.refused('SCOPE_MISSING', 'RESUME', {})
    await bot.refused('SCOPE_MISSING', 'WHOIS', { agent: '@bob' })
    await bot.refused('SCOPE_MISSING', 'LIST_PROPOSALS', {})
    await bot.refused('SCOPE_MISSING', 'ACK', { position: 1 })
    await bob.creates('#work')
    await bob.says('#work', 'a third')
    await bot.join('#work')
    await bot.says('#work', 'done')
    await bot.heardNothing()
    expect(await bob.heard('MSG', { content: 'done' })).toMatchObject({ from: alice.id })
    await alice.leaves()
    const { presence } = await bob.asks('WHOIS', { agent: alice.id })
    expect(presence).toBe('offline')
    await town.clock.advance(1)
  })

  test('speaks as its agent, and what it says is known by the token and not signed', async () => {
    const { alice, bob, bot } = await withToken()
    expect(bot.welcome).toMatchObject({ agent_id: alice.id, name: 'alice', channels: ['#general'] })
    await bot.says('#general', 'from the bot')
    const heard = await bob.heard('MSG', { content: 'from the bot' })
    expect(heard).toMatchObject({ from: alice.id, from_name: 'alice', auth: 'token' })
    expect(heard).not.toHaveProperty('sig')
    expect(await bob.asks('WHOIS', { agent: alice.id })).toMatchObject({ auth: 'token' })
    // The owner itself has to sign as before.
    const plain = { to: '#general', content: 'unsigned', sig: null }
    await alice.refused('SIGNATURE_REQUIRED', 'MSG', plain)
  })

  test('changes neither the name nor which login its owner may use', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice', { version: 'v0' })
    const { id: token } = await makes(alice, 1)
    const bot = await town.open({ name: 'mallory', keys: keyPairOf('alice'), token })
    expect(bot.welcome.name).toBe('alice')
    await bot.leaves()
    expect((await town.keyed('alice', { version: 'v0' })).welcome.name).toBe('alice')
  })

  test('never takes the place that the owner needs to take the token back', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    const { id: token } = await makes(alice, 1)
    await alice.leaves()
    const bots: Actor[] = []
    while (bots.length < limits.sessions_per_agent - 1) bots.push(await holds(town, token))
    await town.turnsAway('LIMIT_REACHED', { name: 'x', keys: keyPairOf('alice'), token })
    const owner = await town.keyed('alice')
    await owner.asks('REVOKE_TOKEN', { token_id: token })
    expect(bots.map(({ isGone }) => isGone)).not.toContain(false)
  })
})

describe('a token ends', () => {
  test('when it is revoked, with all its sessions and no other', async () => {
    const { town, alice, bob, token, bot } = await withToken()
    const { id: other } = await makes(alice, 2)
    const [second, third] = [await holds(town, token.id), await holds(town, other)]
    await alice.asks('REVOKE_TOKEN', { token_id: token.id })
    for (const session of [bot, second]) {
      expect(await session.heard('SESSION_REVOKED')).toMatchObject({ token_id: token.id })
      expect(session.isGone).toBe(true)
    }
    expect([alice.isGone, third.isGone]).toEqual([false, false])
    // In one entry: between two, a session could still have asked for something.
    expect(town.driver.entries.at(-1)?.type).toBe('REVOKE_TOKEN')
    await town.turnsAway('VERIFICATION_FAILED', {
      name: 'alice',
      keys: keyPairOf('alice'),
      token: token.id,
    })
    expect((await alice.asks('LIST_TOKENS', {})).list.map(({ id }) => id)).toEqual([other])
    await bob.says('#general', 'still here?')
    expect(await third.heard('MSG')).toMatchObject({ content: 'still here?' })
  })

  test('when its time is over, and with it the presence that it gave', async () => {
    const { town, alice, bob, token, bot } = await withToken({
      label: 'ci',
      expires_at: 1_764_000_060_000,
    })
    expect(await alice.asks('LIST_TOKENS', {})).toMatchObject({
      list: [{ id: token.id, label: 'ci', expires_at: token.expires_at }],
    })
    await alice.leaves()
    await town.clock.advance(59_000)
    await bot.says('#general', 'in time')
    await town.clock.advance(1_000)
    expect(await bot.heard('SESSION_REVOKED')).toMatchObject({ token_id: token.id })
    expect(await bob.heard('PRESENCE_CHANGED')).toMatchObject({ presence: 'offline' })
    await town.turnsAway('VERIFICATION_FAILED', {
      name: 'alice',
      keys: keyPairOf('alice'),
      token: token.id,
    })
    expect(town.driver.world.tokens.size).toBe(0)
  })

  test('for whoever asks before the node has noted that its time is over', async () => {
    const { town, alice, token, bot } = await withToken({ expires_at: 1_764_000_060_000 })
    town.driver.elapse(60_000)
    await bot.refused('SCOPE_MISSING', 'MSG', { to: '#general', content: 'too late' })
    await bot.refused('SCOPE_MISSING', 'HISTORY', { target: '#general' })
    await alice.refused('TOKEN_NOT_FOUND', 'REVOKE_TOKEN', { token_id: token.id })
    expect((await alice.asks('LIST_TOKENS', {})).list).toEqual([])
    await makes(alice, 2)
    expect(bot.isGone).toBe(true)
    expect([...town.driver.world.tokens.values()].map(({ id }) => id)).not.toContain(token.id)
  })

  test('with its agent', async () => {
    const town = await coreTown()
    const alice = await town.keyed('alice')
    await makes(alice, 1, { expires_at: town.clock.now() + limits.unseen_agent_ms * 2 })
    await makes(alice, 2)
    await alice.leaves()
    await town.clock.advance(limits.unseen_agent_ms + 1)
    const { tokens, tokensOf, tokenDues } = town.driver.world
    expect([tokens.size, tokensOf.size, tokenDues.length]).toEqual([0, 0, 0])
  })

  test('not with the server', async () => {
    const { town, token } = await withToken({ expires_at: 1_764_000_060_000 })
    town.driver.takeSnapshot()
    await town.restart()
    const bot = await holds(town, token.id)
    await bot.says('#general', 'after the restart')
    await town.clock.advance(60_000)
    expect(bot.isGone).toBe(true)
  })
})

test('a token that expired makes room for another', async () => {
  const town = await coreTown()
  const alice = await ofAlice(town, limits.tokens_per_agent - 1)
  await makes(alice, 98, { expires_at: town.clock.now() + 1_000 })
  town.driver.elapse(1_000)
  const { label, scopes } = await makes(alice, 99, {
    scopes: ['send', 'read', 'send'].slice(0, 2) as never,
  })
  expect([label, scopes]).toEqual([undefined, ['read', 'send']])
  expect(town.driver.world.tokens.size).toBe(limits.tokens_per_agent)
})
