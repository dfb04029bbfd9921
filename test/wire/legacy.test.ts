// What agents of version 0 do all day, as they know it: every frame and field that they rely on.

import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  anon,
  connect,
  type Frame,
  idOf,
  keyed,
  keyedV0,
  makeKeys,
  type Peer,
  type Served,
  serve,
  signedMessageV0,
  signV1,
} from './kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const aliceId = idOf(alice)
const bobId = idOf(bob)

/** Joins without a ref, as version 0 does. */
async function enters(peer: Peer, channel: string): Promise<Frame> {
  peer.send({ type: 'JOIN', channel })
  return peer.next('JOINED')
}

async function pair(server: Served, channel = '#general'): Promise<[Peer, Peer]> {
  const one = await keyedV0(server, 'alice', alice)
  const other = await keyedV0(server, 'bob', bob)
  await enters(one, channel)
  await enters(other, channel)
  await one.next('AGENT_JOINED')
  return [one, other]
}

describe('refused', () => {
  test.each([
    ['a channel that is not there', { type: 'JOIN', channel: '#nowhere' }, 'CHANNEL_NOT_FOUND'],
    ['a message to it', { type: 'MSG', to: '#nowhere', content: 'x' }, 'CHANNEL_NOT_FOUND'],
    ['a message as a stranger', { type: 'MSG', to: '#agents', content: 'x' }, 'NOT_INVITED'],
    ['a message to nobody', { type: 'MSG', to: '@nobody', content: 'x' }, 'AGENT_NOT_FOUND'],
    ['the members of no channel', { type: 'LIST_AGENTS', channel: '#no' }, 'CHANNEL_NOT_FOUND'],
    ['a channel twice', { type: 'CREATE_CHANNEL', channel: '#General' }, 'CHANNEL_EXISTS'],
    ['a status that is none', { type: 'SET_PRESENCE', status: 'dead' }, 'INVALID_MSG'],
    ['a reserved nick', { type: 'SET_NICK', nick: 'root' }, 'INVALID_NAME'],
    ['a proof from nobody', { type: 'VERIFY_REQUEST', target: '@x', nonce: 'ab' }, 'INVALID_MSG'],
  ])('%s, with one ERROR that says what to do', async (_what, frame, code) => {
    const peer = await anon(await serve(), 'alice')
    peer.send(frame)
    const error = await peer.next('ERROR')
    expect(error).toMatchObject({ code, message: expect.stringMatching(/\.$/) })
    expect(error).not.toHaveProperty('ref')
    expect(await peer.settled()).toEqual([])
  })

  test('typing and turns of strangers, in silence', async () => {
    const server = await serve()
    const [one] = await pair(server)
    const stranger = await anon(server, 'eve')
    stranger.send({ type: 'TYPING', channel: '#general' })
    stranger.send({ type: 'RESPONDING_TO', msg_id: 'm1', channel: '#general', started_at: 1 })
    expect(await stranger.settled()).toEqual([])
    expect(await one.settled()).toEqual([])
  })
})

test('LIST_CHANNELS before IDENTIFY shows the public ones with the number of members', async () => {
  const server = await serve()
  await enters(await anon(server, 'alice'), '#general')
  const peer = await connect(server)
  peer.send({ type: 'LIST_CHANNELS' })
  const { list } = await peer.next('CHANNELS')
  expect(list).toEqual(
    ['#general', '#agents', '#discovery', '#bounties'].map((name) =>
      expect.objectContaining({ name, agents: name === '#general' ? 1 : 0 }),
    ),
  )
})

test('joining: the members for who joins, one AGENT_JOINED for the others, and no agent_id', async () => {
  const server = await serve()
  const one = await keyedV0(server, 'alice', alice)
  expect(await enters(one, '#general')).toMatchObject({ channel: '#general' })
  const other = await keyedV0(server, 'bob', bob)
  const { agents } = await enters(other, '#GENERAL')
  expect(agents).toEqual([
    expect.objectContaining({ id: aliceId, name: 'alice' }),
    expect.objectContaining({ id: bobId, name: 'bob' }),
  ])
  const joined = await one.next('AGENT_JOINED')
  expect(joined).toMatchObject({ channel: '#general', agent: bobId, name: 'bob' })
  expect(joined).not.toHaveProperty('agent_id')
  await enters(other, '#general')
  expect(await one.settled()).toEqual([])
  other.send({ type: 'LEAVE', channel: '#general' })
  expect(await other.next('LEFT')).toMatchObject({ channel: '#general' })
  const left = await one.next('AGENT_LEFT')
  expect(left).toMatchObject({ channel: '#general', agent: bobId, name: 'bob' })
  expect(left).not.toHaveProperty('agent_id')
})

test('a message to a channel comes to every member and to who said it', async () => {
  const [one, other] = await pair(await serve())
  one.send({ type: 'MSG', to: '#general', content: 'hi', sig: null, in_reply_to: null })
  for (const peer of [one, other]) {
    const said = { from: aliceId, from_name: 'alice', to: '#general', content: 'hi' }
    expect(await peer.next('MSG')).toMatchObject({ ...said, msg_id: expect.any(String) })
    expect(await peer.settled()).toEqual([])
  }
})

test('a direct message comes to its target, with an echo to who said it', async () => {
  const server = await serve()
  const [one, other] = await pair(server)
  const third = await anon(server, 'carol')
  await enters(third, '#general')
  one.send({ type: 'MSG', to: '@bob', content: 'psst' })
  for (const peer of [one, other]) {
    expect(await peer.next('MSG')).toMatchObject({ from: aliceId, to: bobId, content: 'psst' })
  }
  expect(await third.settled('MSG')).toEqual([])
})

test('who hears a signed message can verify it with what the message carries', async () => {
  const [one, other] = await pair(await serve())
  for (const to of ['#general', '@bob']) {
    one.send(signedMessageV0(alice, to, 'h\u00e9llo "you"\n'))
    const { content, sig, sig_ts, key, ...rest } = await other.next('MSG')
    expect(rest).toMatchObject({ auth: 'v0', sig_version: 'v0', from: aliceId, to })
    expect(key).toBe(alice.raw)
    const text = JSON.stringify({ to: rest.to, content, ts: sig_ts })
    const publicKey = createPublicKey(alice.pem)
    expect(verify(null, Buffer.from(text), publicKey, Buffer.from(String(sig), 'base64'))).toBe(
      true,
    )
  }
  one.send({ ...signedMessageV0(alice, '#general', 'one'), content: 'two' })
  expect(await one.next('ERROR')).toMatchObject({ code: 'VERIFICATION_FAILED' })
  expect(await other.settled('MSG')).toEqual([])
})

test('LIST_AGENTS tells id, name, presence and status', async () => {
  const [one] = await pair(await serve())
  one.send({ type: 'SET_PRESENCE', status: 'busy', status_text: 'compiling' })
  one.send({ type: 'LIST_AGENTS', channel: '#general' })
  const { channel, list } = await one.next('AGENTS')
  expect({ channel, list }).toMatchObject({
    channel: '#general',
    list: [
      { id: aliceId, name: 'alice', presence: 'busy', status_text: 'compiling' },
      { id: bobId, name: 'bob', presence: 'online', status_text: null },
    ],
  })
})

test('a private channel: made, not shown, not entered, entered with an invite that names it', async () => {
  const server = await serve()
  const one = await keyedV0(server, 'alice', alice)
  const other = await keyedV0(server, 'bob', bob)
  one.send({ type: 'CREATE_CHANNEL', channel: '#work', invite_only: true })
  expect(await one.next('JOINED')).toMatchObject({ channel: '#work', agents: [{ id: aliceId }] })
  other.send({ type: 'LIST_CHANNELS' })
  expect(JSON.stringify(await other.next('CHANNELS'))).not.toContain('#work')
  other.send({ type: 'JOIN', channel: '#work' })
  expect(await other.next('ERROR')).toMatchObject({ code: 'NOT_INVITED' })
  other.send({ type: 'LIST_AGENTS', channel: '#work' })
  expect(await other.next('ERROR')).toMatchObject({ code: 'CHANNEL_NOT_FOUND' })
  other.send({ type: 'INVITE', channel: '#work', agent: bobId })
  expect(await other.next('ERROR')).toMatchObject({ code: 'NOT_INVITED' })
  one.send({ type: 'INVITE', channel: '#work', agent: bobId })
  expect(await other.next('MSG')).toMatchObject({
    from: aliceId,
    content: expect.stringContaining('#work'),
  })
  expect(await enters(other, '#work')).toMatchObject({ channel: '#work' })
})

test('presence, nick and typing are told to those who share a channel, once each', async () => {
  const server = await serve()
  const [one, other] = await pair(server)
  await enters(one, '#agents')
  await enters(other, '#agents')
  await one.next('AGENT_JOINED')
  const stranger = await anon(server, 'eve')
  one.send({ type: 'SET_PRESENCE', status: 'away', status_text: null })
  one.send({ type: 'SET_NICK', nick: 'alicia' })
  one.send({ type: 'TYPING', channel: '#general' })
  expect(await other.next('PRESENCE_CHANGED')).toMatchObject({
    agent_id: aliceId,
    presence: 'away',
    status_text: null,
  })
  const change = { agent_id: aliceId, old_nick: 'alice', new_nick: 'alicia' }
  expect(await other.next('NICK_CHANGED')).toMatchObject(change)
  expect(await other.next('TYPING')).toMatchObject({ from: aliceId, from_name: 'alicia' })
  expect(await one.next('NICK_CHANGED')).toMatchObject(change)
  for (const peer of [one, other, stranger]) expect(await peer.settled()).toEqual([])
})

test('the first to claim a turn in the order of the server has it, whatever it says of its time', async () => {
  const [one, other] = await pair(await serve())
  one.send({ type: 'RESPONDING_TO', msg_id: 'm7', channel: '#general', started_at: 2_000 })
  const claimed = await other.next('FLOOR_CLAIMED')
  expect(claimed).toMatchObject({ msg_id: 'm7', channel: '#general', holder: aliceId })
  expect(claimed).toMatchObject({ holder_name: 'alice', started_at: expect.any(Number) })
  other.send({ type: 'RESPONDING_TO', msg_id: 'm7', channel: '#general', started_at: 1 })
  const lost = { msg_id: 'm7', channel: '#general', holder: aliceId }
  expect(await other.next('YIELD')).toMatchObject({
    ...lost,
    holder_started_at: claimed.started_at,
    reason: expect.any(String),
  })
  expect(await one.settled()).toEqual([])
})

test.each([0, 1])('a key is proved to who asks, by an agent of version %i', async (version) => {
  const server = await serve()
  const one = await keyedV0(server, 'alice', alice)
  const login = version === 0 ? keyedV0 : keyed
  const other = await login(server, 'bob', bob)
  const nonce = randomBytes(16).toString('hex')
  one.send({ type: 'VERIFY_REQUEST', target: '@bob', nonce })
  const request = await other.next('VERIFY_REQUEST')
  expect(request).toMatchObject({ from: aliceId, nonce })
  expect(await one.next('VERIFY_REQUEST')).toMatchObject({ status: 'pending', nonce })
  const { request_id } = request
  const v0 = { sig: bob.sign(Buffer.from(nonce)).toString('base64') }
  const v1 = { v: 1, sig: signV1(bob, 'peer-verify', ['localhost', aliceId, bobId, nonce]) }
  const answer = { type: 'VERIFY_RESPONSE', request_id, nonce, ...(version === 0 ? v0 : v1) }
  other.send(answer)
  for (const peer of [one, other]) {
    expect(await peer.next('VERIFY_SUCCESS')).toMatchObject({
      request_id,
      agent: bobId,
      pubkey: bob.pem,
    })
  }
  other.send(answer)
  expect(await other.next('ERROR')).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
})

test('a wrong proof fails for both', async () => {
  const [one, other] = await pair(await serve())
  const nonce = randomBytes(16).toString('hex')
  one.send({ type: 'VERIFY_REQUEST', target: bobId, nonce })
  const { request_id } = await other.next('VERIFY_REQUEST')
  const sig = alice.sign(Buffer.from(nonce)).toString('base64')
  other.send({ type: 'VERIFY_RESPONSE', request_id, nonce, sig })
  for (const peer of [one, other]) {
    expect(await peer.next('VERIFY_FAILED')).toMatchObject({ request_id, target: bobId })
  }
})

test('PING is answered by PONG, before IDENTIFY too', async () => {
  const peer = await connect(await serve())
  peer.send({ type: 'PING' })
  expect(await peer.next('PONG')).toEqual({ type: 'PONG', ts: expect.any(Number) })
})
