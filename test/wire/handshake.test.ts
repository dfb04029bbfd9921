// Logging in on the wire: by name, and with a key in both versions.

import { createPublicKey, pbkdf2, randomBytes, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  anon,
  connect,
  hash,
  idOf,
  keyed,
  keyedV0,
  makeKeys,
  proofV0,
  proofV1,
  serve,
  signV1,
} from './kit.ts'

const derive = promisify(pbkdf2)
const nonce = () => randomBytes(32).toString('hex')
const alice = makeKeys()
const mallory = makeKeys()

describe('refused', () => {
  test.each([
    ['a name with a blank', { name: 'a b' }],
    ['no name', {}],
    ['a name over 32 characters', { name: 'a'.repeat(33) }],
    ['a reserved name', { name: 'Adm1n' }],
    ['a name that reads as an id', { name: 'anon-12' }],
    ['a key that is none', { name: 'alice', pubkey: 'ssh-ed25519 AAAA' }],
    ['version 2', { name: 'alice', v: 2 }],
    ['version 1 with a key and no nonce', { name: 'alice', v: 1, pubkey: alice.pem }],
    ['a nonce of 31 bytes', { name: 'alice', v: 1, pubkey: alice.pem, nonce: 'ab'.repeat(31) }],
  ])('%s', async (_what, fields) => {
    const peer = await connect(await serve())
    expect(await peer.ask({ type: 'IDENTIFY', ...fields })).toMatchObject({
      type: 'ERROR',
      code: 'INVALID_MSG',
    })
    expect(await peer.settled()).toEqual([])
  })

  test('everything before IDENTIFY but LIST_CHANNELS and PING', async () => {
    const peer = await connect(await serve())
    const frames = [
      { type: 'JOIN', channel: '#general' },
      { type: 'MSG', to: '#general', content: 'x' },
      { type: 'MSG', to: '#general', content: 'x', sig: 'AAAA', ts: Date.now() },
      { type: 'HISTORY', target: '#general' },
      { type: 'RESUME' },
      { type: 'LIST_AGENTS', channel: '#general' },
      { type: 'SET_PRESENCE', status: 'busy' },
    ]
    for (const frame of frames) {
      expect(await peer.ask(frame)).toMatchObject({ type: 'ERROR', code: 'AUTH_REQUIRED' })
    }
    expect(await peer.ask({ type: 'LIST_CHANNELS' })).toMatchObject({ type: 'CHANNELS' })
  })

  test('a second IDENTIFY, and the first login goes on', async () => {
    const peer = await anon(await serve(), 'alice')
    expect(await peer.ask({ type: 'IDENTIFY', name: 'bob' })).toMatchObject({ code: 'INVALID_MSG' })
    expect(await peer.ask({ type: 'WHOIS', agent: peer.id })).toMatchObject({ name: 'alice' })
  })

  test('the proof of another key, and its challenge is used up', async () => {
    const peer = await connect(await serve())
    const challenge = await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: alice.pem })
    expect(await peer.ask(proofV0(mallory, challenge))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
    expect(await peer.ask(proofV0(alice, challenge))).toMatchObject({
      code: 'VERIFICATION_EXPIRED',
    })
    expect(await peer.ask({ type: 'RESUME' })).toMatchObject({ code: 'AUTH_REQUIRED' })
  })

  test.each([
    ['a day behind', -86_400_001],
    ['six minutes ahead', 360_000],
  ])('a proof of version 0 that is %s', async (_what, ms) => {
    const peer = await connect(await serve())
    const challenge = await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: alice.pem })
    expect(await peer.ask(proofV0(alice, challenge, Date.now() + ms))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test('version 0 where the operator denies it, with a key and without', async () => {
    const server = await serve({ legacy: 'deny' })
    for (const fields of [{}, { pubkey: alice.pem }]) {
      const peer = await connect(server)
      expect(await peer.ask({ type: 'IDENTIFY', name: 'alice', ...fields })).toMatchObject({
        code: 'V1_REQUIRED',
      })
    }
    expect((await keyed(server, 'alice', alice)).welcome).toMatchObject({ type: 'WELCOME' })
  })

  test('version 0 for a key that has logged in with version 1, until its owner allows it', async () => {
    const server = await serve()
    const first = await keyed(server, 'alice', alice)
    expect((await keyedV0(server, 'alice', alice)).welcome).toMatchObject({ code: 'V1_REQUIRED' })
    await first.ask({ type: 'ALLOW_LEGACY', allow: true })
    expect((await keyedV0(server, 'alice', alice)).welcome).toMatchObject({ type: 'WELCOME' })
  })

  test('the ninth connection of one agent', async () => {
    const server = await serve()
    for (let count = 0; count < 8; count++) {
      expect((await keyed(server, 'alice', alice)).welcome.type).toBe('WELCOME')
    }
    expect((await keyed(server, 'alice', alice)).welcome).toMatchObject({
      code: 'LIMIT_REACHED',
      limit: 'sessions_per_agent',
    })
  })
})

describe('version 0', () => {
  test('by name: an id that no key can have, and nothing that older clients do not know', async () => {
    const { welcome } = await anon(await serve(), 'alice')
    expect(welcome).toMatchObject({ type: 'WELCOME', name: 'alice', server: 'localhost' })
    expect(welcome.agent_id).toMatch(/^@anon-[0-9a-f]{32}$/)
    expect(welcome).not.toHaveProperty('limits')
  })

  test('with a key: the id is of the key, and null is as good as absent', async () => {
    const server = await serve()
    const peer = await connect(server)
    const absent = { v: null, nonce: null, resume: null, brief: null }
    const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, ...absent }
    const challenge = await peer.ask(asked)
    expect(challenge).toMatchObject({ type: 'CHALLENGE', server: 'localhost' })
    expect(challenge.nonce).toMatch(/^[0-9a-f]{64}$/)
    const welcome = await peer.ask({ ...proofV0(alice, challenge), v: null })
    expect(welcome).toMatchObject({ type: 'WELCOME', agent_id: idOf(alice), name: 'alice' })
    expect((await anon(server, 'bob', { pubkey: null })).id).toMatch(/^@anon-/)
  })

  test('the newer connection displaces the older, at most three times a minute', async () => {
    const server = await serve()
    let before = await keyedV0(server, 'alice', alice)
    for (let count = 0; count < 3; count++) {
      const next = await keyedV0(server, 'alice', alice)
      expect(next.welcome).toMatchObject({ type: 'WELCOME', agent_id: idOf(alice) })
      expect(await before.next('SESSION_DISPLACED')).toMatchObject({
        reason: expect.stringMatching(/^Another connection /),
        new_ip: 'hidden',
      })
      expect(await before.closed).toMatchObject({ code: 1000 })
      before = next
    }
    expect((await keyedV0(server, 'alice', alice)).welcome).toMatchObject({
      code: 'RATE_LIMITED',
      retry_after_ms: expect.any(Number),
    })
    expect(await before.settled()).toEqual([])
  })
})

describe('version 1', () => {
  test('by name: the limits and what the server can do', async () => {
    const { welcome } = await anon(await serve(), 'alice', { v: 1 })
    expect(welcome).toMatchObject({ name: 'alice', limits: { mentions: 20 } })
    expect(welcome.caps).toContain('RESUME')
    expect(welcome).not.toHaveProperty('cursor')
  })

  test('the server signs its name, its key, both nonces, the time and the versions', async () => {
    const server = await serve({ name: 'chat.example' })
    const peer = await connect(server)
    const mine = nonce()
    const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, v: 1, nonce: mine }
    const challenge = await peer.ask(asked)
    const { time, versions, server_sig } = challenge
    const fields = ['chat.example', server.key, challenge.nonce, mine, time]
    const text = ['agentchat/1/challenge', ...fields, hash([versions].flat().join(','))].join('\n')
    const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from(text)])
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: server.key },
      format: 'jwk',
    })
    expect(verify(null, bytes, key, Buffer.from(String(server_sig), 'base64url'))).toBe(true)
    expect(challenge).toMatchObject({ server_key: server.key, versions: ['v1', 'v0'] })
    const welcome = await peer.ask(proofV1(alice, challenge, mine))
    expect(welcome).toMatchObject({ type: 'WELCOME', agent_id: idOf(alice), cursor: 1 })
  })

  test('several connections of one agent live side by side', async () => {
    const server = await serve()
    const [one, two] = [await keyed(server, 'alice', alice), await keyed(server, 'alice', alice)]
    expect(one.id).toBe(two.id)
    await one.ask({ type: 'JOIN', channel: '#general' })
    const bob = await anon(server, 'bob')
    await bob.ask({ type: 'JOIN', channel: '#general' })
    await bob.ask({ type: 'MSG', to: '#general', content: 'hi' })
    for (const session of [one, two]) {
      expect(await session.next('MSG')).toMatchObject({ from: bob.id, content: 'hi' })
    }
  })

  test('a name that another key owns gets a number, and WELCOME says so', async () => {
    const server = await serve()
    await keyed(server, 'alice', alice)
    expect((await keyed(server, 'Al1ce', mallory)).welcome).toMatchObject({ name: 'Al1ce-2' })
    expect((await anon(server, 'alice')).welcome).toMatchObject({ name: 'alice-3' })
  })

  test('an answer of version 0 to a question of version 1 is none, nor the reverse', async () => {
    const server = await serve()
    for (const version of [0, 1]) {
      const peer = await connect(server)
      const mine = nonce()
      const v1 = { v: 1, nonce: mine }
      const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem }
      const challenge = await peer.ask({ ...asked, ...(version === 1 && v1) })
      const proof = version === 1 ? proofV0(alice, challenge) : proofV1(alice, challenge, mine)
      expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    }
  })

  test('what is signed for another purpose logs nobody in', async () => {
    const peer = await connect(await serve())
    const mine = nonce()
    const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, v: 1, nonce: mine }
    const challenge = await peer.ask(asked)
    const { server, server_key, time, versions } = challenge
    const fields = [server, server_key, challenge.nonce, mine, idOf(alice), time]
    const signature = signV1(alice, 'msg', [...fields, hash([versions].flat().join(','))])
    expect(await peer.ask({ ...proofV1(alice, challenge, mine), signature })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })
})

test('who hangs up while the proof is checked is not there afterwards', async () => {
  const server = await serve()
  const watcher = await anon(server, 'watcher')
  const peer = await connect(server)
  const challenge = await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: alice.pem })
  // Every thread that could check it is busy until the connection is gone.
  const work = Array.from({ length: 8 }, () => derive('a', 'b', 100_000, 32, 'sha512'))
  await new Promise((sent) => peer.ws.send(JSON.stringify(proofV0(alice, challenge)), sent))
  peer.ws.terminate()
  await server.reported('connection-closed')
  await Promise.all([...work, derive('a', 'b', 1, 32, 'sha512')])
  expect(await watcher.ask({ type: 'WHOIS', agent: idOf(alice) })).toMatchObject({
    code: 'AGENT_NOT_FOUND',
  })
})
