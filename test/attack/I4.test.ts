// I4: A proof that was seen once is sent again, to log in as its owner.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { connect, type Frame, makeKeys, type Peer, proofV0, proofV1, serve } from '../wire/kit.ts'

const alice = makeKeys()
const nonce = randomBytes(32).toString('hex')
const versions = [
  ['0', {}, (challenge: Frame) => proofV0(alice, challenge)],
  ['1', { v: 1, nonce }, (challenge: Frame) => proofV1(alice, challenge, nonce)],
] as const

const isAnonymous = async (peer: Peer) =>
  (await peer.ask({ type: 'RESUME' })).code === 'AUTH_REQUIRED'

test.each(versions)('on another connection, version %s', async (_version, fields, prove) => {
  const server = await serve()
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, ...fields }
  const [owner, thief, idle] = [await connect(server), await connect(server), await connect(server)]
  const challenge = await owner.ask(asked)
  await thief.ask(asked)
  const proof = prove(challenge)
  for (const peer of [thief, idle]) {
    expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
    expect(await isAnonymous(peer)).toBe(true)
  }
  expect(await owner.ask(proof)).toMatchObject({ type: 'WELCOME' })
  for (const peer of [thief, idle]) {
    expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
  }
})

test.each(versions)('under the challenge of another connection, version %s', async (...version) => {
  const [, fields, prove] = version
  const server = await serve()
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, ...fields }
  const [owner, thief] = [await connect(server), await connect(server)]
  const proof = prove(await owner.ask(asked))
  const { challenge_id, time } = await thief.ask(asked)
  const changed = { ...proof, challenge_id, ...('v' in fields && { timestamp: time }) }
  expect(await thief.ask(changed)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  expect(await isAnonymous(thief)).toBe(true)
})

test.each(versions)('twice at once on one connection, version %s', async (_v, fields, prove) => {
  const server = await serve()
  const peer = await connect(server)
  const challenge = await peer.ask({
    type: 'IDENTIFY',
    name: 'alice',
    pubkey: alice.pem,
    ...fields,
  })
  const proof = prove(challenge)
  const answers = await Promise.all([peer.ask(proof), peer.ask(proof), peer.ask(proof)])
  expect(answers.map(({ type }) => type)).toEqual(['WELCOME', 'ERROR', 'ERROR'])
})

test.each(versions)('after a wrong one, for a challenge is good once, version %s', async (...v) => {
  const [, fields, prove] = v
  const peer = await connect(await serve())
  const challenge = await peer.ask({
    type: 'IDENTIFY',
    name: 'alice',
    pubkey: alice.pem,
    ...fields,
  })
  const proof = prove(challenge)
  await peer.ask({ ...proof, challenge_id: 'ffffffffffffffffffffffff' })
  expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
})

test.each(versions)('after a newer challenge, version %s', async (_version, fields, prove) => {
  const peer = await connect(await serve())
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, ...fields }
  const first = await peer.ask(asked)
  const second = await peer.ask(asked)
  expect(second.nonce).not.toBe(first.nonce)
  expect(await peer.ask(prove(first))).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
})

test.each(versions)('after thirty seconds, and not before, version %s', async (...version) => {
  const [, fields, prove] = version
  let aheadMs = 0
  const server = await serve({}, { now: () => Date.now() + aheadMs })
  for (const [ms, type] of [
    [30_001, 'ERROR'],
    [20_000, 'WELCOME'],
  ] as const) {
    const peer = await connect(server)
    const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, ...fields }
    const proof = prove(await peer.ask(asked))
    aheadMs += ms
    expect((await peer.ask(proof)).type).toBe(type)
  }
})
