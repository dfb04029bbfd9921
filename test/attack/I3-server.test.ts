// I3: A hostile server passes its visitor's proof on to another server, to be the visitor there.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { connect, type Frame, idOf, makeKeys, type Peer, proofV1, serve } from '../wire/kit.ts'

const alice = makeKeys()
const nonce = randomBytes(32).toString('hex')
const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, v: 1, nonce }

async function challenged(name: string): Promise<{ peer: Peer; challenge: Frame; key: string }> {
  const server = await serve({ name })
  const peer = await connect(server)
  return { peer, challenge: await peer.ask(asked), key: server.key }
}

describe('a server refuses a proof', () => {
  test('that names another server, whose challenge it passed on', async () => {
    const good = await challenged('good.example')
    const evil = await challenged('evil.example')
    // The visitor has pinned evil.example and signs what it believes to be its challenge.
    const seen = { server: 'evil.example', server_key: evil.key }
    expect(await good.peer.ask(proofV1(alice, good.challenge, nonce, seen))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test('made for another server altogether', async () => {
    const good = await challenged('good.example')
    const evil = await challenged('evil.example')
    const proof = proofV1(alice, evil.challenge, nonce)
    const { challenge_id, time } = good.challenge
    const passedOn = { ...proof, challenge_id, timestamp: time }
    expect(await good.peer.ask(passedOn)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  })

  test.each([
    ['the name of the server', { server: 'evil.example' }],
    ['its key', { server_key: makeKeys().raw }],
    ['its nonce', { nonce: '00'.repeat(32) }],
    ['the agent', { agent: '@0123456789abcdef' }],
    ['the time', { time: 1_795_518_162_123 }],
    ['the versions offered', { versions: ['v1'] }],
    ['their order', { versions: ['v0', 'v1'] }],
  ])('in which another one is signed: %s', async (_what, changed) => {
    const { peer, challenge } = await challenged('good.example')
    expect(await peer.ask(proofV1(alice, challenge, nonce, changed))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
    expect(await peer.ask({ type: 'RESUME' })).toMatchObject({ code: 'AUTH_REQUIRED' })
  })

  test('over another nonce of the client', async () => {
    const { peer, challenge } = await challenged('good.example')
    const other = randomBytes(32).toString('hex')
    expect(await peer.ask(proofV1(alice, challenge, other))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test('that comes with another time than the one that was given', async () => {
    const { peer, challenge } = await challenged('good.example')
    const proof = { ...proofV1(alice, challenge, nonce), timestamp: Number(challenge.time) + 1 }
    expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  })
})

test('and takes the one that names it', async () => {
  const { peer, challenge } = await challenged('good.example')
  expect(await peer.ask(proofV1(alice, challenge, nonce))).toMatchObject({
    type: 'WELCOME',
    agent_id: idOf(alice),
  })
})
