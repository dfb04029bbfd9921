// Tokens in the library: where they may be sent, what they cannot do, and one agent through all its connections.

import { beforeEach, describe, expect, test } from 'vitest'
import { AgentChat, type ConnectOptions, createIdentity, createToken } from '../../src/index.ts'
import { hasty, type Served, serve } from '../wire/kit.ts'
import {
  connect,
  connectKeyed,
  nudge,
  stateOf,
  statesOf,
  texts,
  withoutChance,
} from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

beforeEach(withoutChance)

type Scopes = ('read' | 'send')[]

/** Alice with her key, and a token of hers. */
async function withToken(server: Served, scopes: Scopes = ['read', 'send']) {
  const alice = await connectKeyed(server.url, 'alice')
  const { token, hash } = createToken()
  const { id } = await alice.request('CREATE_TOKEN', { hash, scopes })
  return { alice, token, id }
}

describe('a token is not sent', () => {
  const { token } = createToken()

  test.each([
    'ws://chat.example',
    'ws://192.168.0.7:6667',
    'ws://localhost.evil.example',
    'ws://127.0.0.1.evil.example',
    'ws://[::2]:6667',
  ])('to %s, where others could read it', async (server) => {
    await expect(AgentChat.connect({ server, token })).rejects.toMatchObject({
      name: 'IdentityError',
      reason: 'bad-token',
      message: expect.stringContaining('wss://'),
    })
  })

  test('when it is none', async () => {
    const server = 'ws://127.0.0.1:1'
    for (const wrong of ['', 'act_', `${token}A`, token.slice(4), ` ${token}`]) {
      await expect(AgentChat.connect({ server, token: wrong })).rejects.toMatchObject({
        reason: 'bad-token',
      })
    }
  })

  test('beside a key or a name', async () => {
    const server = 'ws://127.0.0.1:1'
    const besides: Partial<ConnectOptions>[] = [{ identity: createIdentity('a') }, { name: 'a' }]
    for (const more of besides) {
      await expect(AgentChat.connect({ server, token, ...more })).rejects.toThrow(RangeError)
    }
  })

  test('in what an error says', async () => {
    const server = await serve(hasty)
    const failure: unknown = await connect(server.url, { token }).catch((thrown) => thrown)
    expect(failure).toMatchObject({ name: 'RefusedError', code: 'VERIFICATION_FAILED' })
    expect(JSON.stringify(failure) + String(failure)).not.toContain(token)
  })
})

test('with a token one is the agent that made it, and says what it says unsigned', async () => {
  const server = await serve(hasty)
  const { alice, token } = await withToken(server)
  const bob = await connectKeyed(server.url, 'bob')
  const heard = bob.messages()
  const bot = await connect(server.url, { token })
  expect([bot.id, bot.name, bot.cursor]).toEqual([alice.id, 'alice', alice.cursor])
  expect(bot.serverKey).toBeUndefined()
  await bot.dm('bob', 'hello')
  const { value } = await heard.next()
  expect(value).toMatchObject({ from: alice.id, auth: 'token', content: 'hello' })
  expect(value).not.toHaveProperty('sig')
  const { position } = await bob.dm(alice.id, 'hi')
  await bot.ack(position)
  expect(bot.cursor).toBe(position)
})

test('deals need the key, and the library says so before anything is sent', async () => {
  const server = await serve(hasty)
  const { token } = await withToken(server)
  const bob = await connectKeyed(server.url, 'bob')
  const bot = await connect(server.url, { token })
  await expect(bot.proposals.propose(bob.id, { task: 'translate' })).rejects.toMatchObject({
    reason: 'bad-key',
    message: expect.stringMatching(/identity.*token cannot sign/),
  })
  expect(await bot.request('LIST_PROPOSALS', {})).toMatchObject({ list: [] })
})

test('after a lost connection it is the same agent: it hears what it missed, and repeats nothing', async () => {
  const server = await serve(hasty)
  const { alice, token } = await withToken(server)
  const bob = await connectKeyed(server.url, 'bob')
  for (const agent of [alice, bob]) await agent.join('#general')
  const cable = await cableTo(server)
  const bot = await connect(cable.url, { token })
  const [heard, mine] = [bob.messages(), bot.messages()]
  const { id } = bot
  const entered: unknown[] = []
  bot.on('JOINED', (frame) => entered.push(frame))

  const muffled = cable.muffle()
  const sent = bot.send('#general', 'only once')
  await muffled
  cable.unplug()
  await bob.send('#general', 'missed')
  const resumed = stateOf(bot, 'resumed')
  cable.mend()
  expect(await sent).toMatchObject({ type: 'SENT', repeat: true })
  await resumed
  await bot.send('#general', 'end')
  await bob.send('#general', 'live')
  expect(await texts(heard, 2)).toEqual(['only once', 'end'])
  expect(await texts(mine, 2)).toEqual(['missed', 'live'])
  expect([bot.id, bot.channels, entered]).toEqual([id, ['#general'], []])
})

test('one that may only send goes on sending after a lost connection', async () => {
  const server = await serve(hasty)
  const { token } = await withToken(server, ['send'])
  const bob = await connectKeyed(server.url, 'bob')
  const heard = bob.messages()
  const cable = await cableTo(server)
  const bot = await connect(cable.url, { token })
  const resumed = stateOf(bot, 'resumed')
  cable.cut()
  await resumed
  await bot.dm('bob', 'still here')
  expect(await texts(heard, 1)).toEqual(['still here'])
  await expect(bot.whois('@bob')).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
})

test('it is asked for once a connection, and nothing else says who one is', async () => {
  const server = await hostileServer(
    hospitable((_frame, { ws, number }) => {
      if (number === 0) ws.terminate()
    }),
  )
  const { token } = createToken()
  const bot = await connect(server.url, { token })
  const again = server.next('IDENTIFY')
  nudge(bot)
  await again
  const logins = server.heard.filter(({ type }) => type === 'IDENTIFY')
  expect(logins.map(({ resume }) => resume)).toEqual([undefined, true])
  for (const login of logins) {
    expect(login).toMatchObject({ token, v: 1 })
    expect(Object.keys(login)).not.toContain('name')
  }
})

test('when it is revoked the connection is over for good', async () => {
  const server = await serve(hasty)
  const { alice, token, id: token_id } = await withToken(server)
  const bot = await connect(server.url, { token })
  const states = statesOf(bot)
  const told = bot.once('SESSION_REVOKED')
  const closed = stateOf(bot, 'closed')
  await alice.request('REVOKE_TOKEN', { token_id })
  expect(await told).toMatchObject({ token_id })
  expect(await closed).toMatchObject({ final: true })
  expect(states.map(({ state }) => state)).not.toContain('reconnecting')
  await expect(bot.send('@bob', 'hi')).rejects.toThrow()
})

test('the secret is 32 random bytes, and its hash is all that the server is told', () => {
  const made = [createToken(), createToken()]
  for (const { token, hash } of made) {
    expect(token).toMatch(/^act_[A-Za-z0-9_-]{43}$/)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  }
  expect(made[0]?.token).not.toBe(made[1]?.token)
})
