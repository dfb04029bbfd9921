// R11: One agent makes channels, invites, names and requests until the server is full of them.

import { expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { anon, connect, hasty, keyed, makeKeys, type Peer, proofV1, serve } from '../wire/kit.ts'

async function mallory(): Promise<{ server: Awaited<ReturnType<typeof serve>>; peer: Peer }> {
  const server = await serve(hasty)
  return { server, peer: await anon(server, 'mallory') }
}

/** Asks for one thing after the other, and gives the last answer. */
async function askAll(peer: Peer, frames: readonly object[]) {
  const answers = await Promise.all(frames.map((frame) => peer.ask(frame)))
  expect(answers.slice(0, -1).filter(({ type }) => type === 'ERROR')).toEqual([])
  return answers.at(-1)
}

const many = (count: number, make: (at: number) => object) =>
  Array.from({ length: count }, (_none, at) => make(at))

test('channels that one agent makes', async () => {
  const { peer } = await mallory()
  const create = (at: number) => ({ type: 'CREATE_CHANNEL', channel: `#c${at}` })
  expect(await askAll(peer, many(limits.channels_owned + 1, create))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'channels_owned',
  })
})

test('channels that one agent is in', async () => {
  const { server, peer } = await mallory()
  const makers = await Promise.all(many(6, () => ({})).map(() => anon(server, 'maker')))
  const names = many(limits.channels_per_agent + 1, (at) => ({ channel: `#c${at}` }))
  for (const [at, name] of names.entries()) {
    await makers[at % makers.length]?.ask({ type: 'CREATE_CHANNEL', ...name })
  }
  expect(
    await askAll(
      peer,
      names.map((name) => ({ type: 'JOIN', ...name })),
    ),
  ).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'channels_per_agent',
  })
})

test('invites of one agent that nobody has used', async () => {
  const { server, peer } = await mallory()
  await peer.ask({ type: 'CREATE_CHANNEL', channel: '#trap', invite_only: true })
  const guests = await Promise.all(
    many(limits.open_invites + 1, () => ({})).map(() => anon(server, 'guest')),
  )
  const invites = guests.map(({ id }) => ({ type: 'INVITE', channel: '#trap', agent: id }))
  expect(await askAll(peer, invites)).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_invites',
  })
})

test('connections of one key', async () => {
  const server = await serve(hasty)
  const keys = makeKeys()
  for (let at = 0; at < limits.sessions_per_agent; at++) await keyed(server, 'mallory', keys)
  const peer = await connect(server)
  const nonce = 'ab'.repeat(32)
  const login = { type: 'IDENTIFY', name: 'mallory', pubkey: keys.pem, v: 1, nonce }
  const challenge = await peer.ask(login)
  expect(await peer.ask(proofV1(keys, challenge, nonce))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'sessions_per_agent',
  })
})

test('requests to others to prove themselves', async () => {
  const { server, peer } = await mallory()
  const bob = await keyed(server, 'bob', makeKeys())
  const ask = () => ({ type: 'VERIFY_REQUEST', target: bob.id, nonce: '0f'.repeat(16) })
  expect(await askAll(peer, many(limits.open_verifications + 1, ask))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_verifications',
  })
})

test('turns that one agent takes and does not use', async () => {
  const { peer } = await mallory()
  await peer.ask({ type: 'JOIN', channel: '#general' })
  const take = (at: number) => ({ type: 'RESPONDING_TO', msg_id: `m${at}`, channel: '#general' })
  expect(await askAll(peer, many(limits.open_turns + 1, take))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_turns',
  })
})

test('names: an agent owns the one that it is called', async () => {
  const server = await serve(hasty)
  const peer = await keyed(server, 'first', makeKeys())
  await peer.ask({ type: 'SET_NICK', nick: 'second' })
  expect((await keyed(server, 'first', makeKeys())).welcome.name).toBe('first')
})
