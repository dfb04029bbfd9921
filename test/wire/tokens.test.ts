// Tokens on the wire: who gets in with one, how far, until when; and that the server never keeps the secret.

import { createHash, randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { handClock } from '../kit/clock.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { filesOf } from './files.ts'
import {
  anon,
  connect,
  hasty,
  idOf,
  type Keys,
  keyed,
  makeKeys,
  type Peer,
  type Served,
  serve,
  signedMessage,
} from './kit.ts'
import { proposalV1 } from './proposal-kit.ts'

const alice = makeKeys()

function newSecret(): string {
  return `act_${randomBytes(32).toString('base64url')}`
}

async function makes(owner: Peer, secret: string, fields: object = {}) {
  const hash = createHash('sha256').update(secret).digest('hex')
  return owner.ask({ type: 'CREATE_TOKEN', hash, scopes: ['read', 'send'], ...fields })
}

/** Logs in with a token; what it is answered is `welcome`, also when that is an ERROR. */
async function holds(server: Served, token: string, more: object = {}): Promise<Peer> {
  const peer = await connect(server)
  peer.welcome = await peer.ask({ type: 'IDENTIFY', v: 1, token, ...more })
  return peer
}

/** Alice in #general, and a token of hers. */
async function withToken(server: Served, fields: object = {}) {
  const owner = await keyed(server, 'alice', alice)
  await owner.ask({ type: 'JOIN', channel: '#general' })
  const secret = newSecret()
  const token = await makes(owner, secret, fields)
  return { owner, secret, token }
}

test('what is no token of anybody gets nobody in, and costs as much as a bad signature', async () => {
  const server = await serve(hasty)
  const { owner, secret } = await withToken(server)
  await owner.ask({ type: 'ALLOW_LEGACY', allow: true })
  const wrong = [
    [{ token: newSecret() }, 'VERIFICATION_FAILED'],
    [{ token: `${secret}A` }, 'INVALID_MSG'],
    [{ token: secret.slice(4) }, 'INVALID_MSG'],
    [{ token: createHash('sha256').update(secret).digest('hex') }, 'INVALID_MSG'],
    [{ token: secret, pubkey: alice.pem, nonce: '00'.repeat(32) }, 'INVALID_MSG'],
    [{ token: secret, name: 'admin' }, 'INVALID_MSG'],
    [{ token: secret, v: null }, 'V1_REQUIRED'],
    [{}, 'INVALID_MSG'],
  ] as const
  for (const [fields, code] of wrong) {
    const peer = await connect(server)
    expect(await peer.ask({ type: 'IDENTIFY', v: 1, ...fields })).toMatchObject({ code })
    expect(await peer.ask({ type: 'JOIN', channel: '#general' })).toMatchObject({
      code: 'AUTH_REQUIRED',
    })
  }
  const guesser = await connect(server)
  for (let tries = 0; tries < 11; tries++) {
    guesser.send({ type: 'IDENTIFY', v: 1, token: newSecret() })
  }
  expect(await guesser.closed).toMatchObject({ code: 4429 })
})

test('a token acts for its agent, unsigned, within its scopes and never with its key', async () => {
  const server = await serve(hasty)
  const { owner, secret } = await withToken(server)
  const bot = await holds(server, secret, { name: 'mallory' })
  expect(bot.welcome).toMatchObject({
    type: 'WELCOME',
    agent_id: owner.id,
    name: 'alice',
    cursor: expect.any(Number),
    channels: ['#general'],
  })
  const caps = bot.welcome.caps as string[]
  expect(['MSG', 'HISTORY'].every((type) => caps.includes(type))).toBe(true)
  expect(['CREATE_TOKEN', 'PROPOSAL', 'SET_NICK'].some((type) => caps.includes(type))).toBe(false)

  const bob = await keyed(server, 'bob', makeKeys())
  await bob.ask({ type: 'JOIN', channel: '#general' })
  await bot.ask({ type: 'MSG', to: '#general', content: 'hello' })
  const heard = await bob.next('MSG')
  expect(heard).toMatchObject({ from: owner.id, auth: 'token', content: 'hello' })
  expect(heard).not.toHaveProperty('sig')
  const forged = signedMessage(makeKeys(), { to: '#general', content: 'x' })
  expect(await bot.ask(forged)).toMatchObject({ code: 'VERIFICATION_FAILED' })

  // What needs the key is refused for that, before anybody looks at its signature.
  const signed = proposalV1(alice, { to: bob.id, task: 'pay me' })
  for (const frame of [signed, { ...signed, sig: 'nonsense' }]) {
    expect(await bot.ask(frame)).toMatchObject({ code: 'SCOPE_MISSING' })
  }
  expect(await makes(bot, newSecret())).toMatchObject({ code: 'SCOPE_MISSING' })
  expect(await bot.ask({ type: 'LIST_TOKENS' })).toMatchObject({ code: 'SCOPE_MISSING' })
  expect(await bob.ask({ type: 'WHOIS', agent: '@alice' })).toMatchObject({ auth: 'token' })
})

test('what a token may not read is not told by joining, replaying or waiting', async () => {
  const server = await serve(hasty)
  const { owner, secret } = await withToken(server, { scopes: ['send'] })
  const bob = await keyed(server, 'bob', makeKeys())
  await bob.ask({ type: 'CREATE_CHANNEL', channel: '#plans' })
  const says = (to: string) => bob.ask({ type: 'MSG', to, content: 'a secret', sig: undefined })
  expect(await says('#plans')).toMatchObject({ code: 'SIGNATURE_REQUIRED' })
  const guest = await anon(server, 'guest', { v: 1 })
  for (const channel of ['#plans', '#general']) await guest.ask({ type: 'JOIN', channel })
  await guest.ask({ type: 'MSG', to: '#plans', content: 'a secret' })
  const bot = await holds(server, secret)
  await bot.ask({ type: 'JOIN', channel: '#plans', replay: 50 })
  for (const to of ['#plans', '#general', owner.id]) {
    await guest.ask({ type: 'MSG', to, content: 'a secret' })
  }
  expect(await bot.ask({ type: 'MSG', to: '#plans', content: 'mine' })).toMatchObject({
    type: 'SENT',
  })
  expect(await bot.ask({ type: 'RESUME', after: 0 })).toMatchObject({ code: 'SCOPE_MISSING' })
  await guest.ask({ type: 'PING' })
  expect(JSON.stringify(await bot.settled())).not.toContain('secret')
  expect(JSON.stringify(await owner.settled())).toContain('secret')
})

test('revoking a token closes its sessions at once, and lets nobody in with it again', async () => {
  const server = await serve(hasty)
  const { owner, secret, token } = await withToken(server)
  const bot = await holds(server, secret)
  const stranger = await keyed(server, 'eve', makeKeys())
  const revoke = { type: 'REVOKE_TOKEN', token_id: token.id }
  expect(await stranger.ask(revoke)).toMatchObject({ code: 'TOKEN_NOT_FOUND' })
  expect(await bot.ask(revoke)).toMatchObject({ code: 'SCOPE_MISSING' })
  expect(await owner.ask(revoke)).toMatchObject({ type: 'DONE' })
  bot.send({ type: 'MSG', to: '#general', content: 'once more' })
  expect(await bot.next('SESSION_REVOKED')).toMatchObject({ token_id: token.id })
  expect(await bot.closed).toMatchObject({ code: 1000 })
  expect((await holds(server, secret)).welcome).toMatchObject({ code: 'VERIFICATION_FAILED' })
  expect(await owner.ask(revoke)).toMatchObject({ code: 'TOKEN_NOT_FOUND' })
  expect(await owner.settled('MSG')).toEqual([])
})

test('a token that was taken back while its login was on the way opens nothing', async () => {
  const server = await serve(hasty)
  const { owner, secret, token } = await withToken(server)
  const bot = await connect(server)
  const [revoked, welcome] = await Promise.all([
    owner.ask({ type: 'REVOKE_TOKEN', token_id: token.id }),
    bot.ask({ type: 'IDENTIFY', v: 1, token: secret }),
  ])
  expect(revoked).toMatchObject({ type: 'DONE' })
  // Whichever came first, it is over now.
  const isOut = welcome.code === 'VERIFICATION_FAILED'
  if (!isOut) expect(await bot.closed).toMatchObject({ code: 1000 })
  expect((await owner.ask({ type: 'LIST_TOKENS' })).list).toEqual([])
})

test('a token is good until its time is over, and its sessions no longer', async () => {
  const clock = handClock(Date.now())
  const server = await serve(hasty, { now: clock.now })
  const { secret, token } = await withToken(server, { expires_at: clock.now() + 60_000 })
  const bot = await holds(server, secret)
  expect(bot.welcome).toMatchObject({ type: 'WELCOME' })
  clock.advance(60_000)
  expect((await holds(server, secret)).welcome).toMatchObject({ code: 'VERIFICATION_FAILED' })
  expect(await bot.next('SESSION_REVOKED')).toMatchObject({ token_id: token.id })
  expect(await bot.closed).toMatchObject({ code: 1000 })
})

test('tokens outlive a restart, and their secret is nowhere on the disk or in the reports', async () => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const start = () => serve({ ...hasty, durability: 'full', data })
  const first = await start()
  const { secret, token } = await withToken(first, { label: 'laptop' })
  const bot = await holds(first, secret)
  const direct = { type: 'MSG', to: '#general', content: 'by token', cid: 'c'.repeat(22) }
  const sent = await bot.ask(direct)
  expect((await holds(first, newSecret())).welcome).toMatchObject({ type: 'ERROR' })
  await first.stop()

  const second = await start()
  const back = await holds(second, secret)
  expect(back.welcome).toMatchObject({ agent_id: idOf(alice), channels: ['#general'] })
  expect(await back.ask(direct)).toMatchObject({ position: sent.position, repeat: true })
  const owner = await keyed(second, 'alice', alice as Keys)
  expect(await owner.ask({ type: 'LIST_TOKENS' })).toMatchObject({
    list: [{ id: token.id, label: 'laptop', scopes: ['read', 'send'] }],
  })
  await second.stop()
  const files = filesOf(data)
  expect(files.some(({ bytes }) => bytes.includes('by token'))).toBe(true)
  const [, digits = ''] = secret.split('act_')
  expect(files.filter(({ bytes }) => bytes.includes(digits))).toEqual([])
  expect(JSON.stringify([first.reports, second.reports])).not.toContain(digits)
})
