// I5: Somebody on the way talks an agent and its server down to the older login.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anon, connect, keyed, keyedV0, makeKeys, proofV0, proofV1, serve } from '../wire/kit.ts'

const alice = makeKeys()
const dayMs = 86_400_000

describe('the server refuses', () => {
  test('the older login for a key that has used this one, for thirty days', async () => {
    let aheadMs = 0
    const server = await serve({}, { now: () => Date.now() + aheadMs })
    await (await keyed(server, 'alice', alice)).leave()
    const tries = async () => {
      const peer = await connect(server)
      const challenge = await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: alice.pem })
      return peer.ask(proofV0(alice, challenge, Date.now() + aheadMs))
    }
    expect(await tries()).toMatchObject({ code: 'V1_REQUIRED' })
    aheadMs = 29.9 * dayMs
    expect(await tries()).toMatchObject({ code: 'V1_REQUIRED' })
    aheadMs = 30.1 * dayMs
    expect(await tries()).toMatchObject({ type: 'WELCOME' })
  })

  test('to have it allowed by anybody but its owner in a session of this version', async () => {
    const server = await serve()
    await keyed(server, 'alice', alice)
    const guest = await anon(server, 'guest', { v: 1 })
    expect(await guest.ask({ type: 'ALLOW_LEGACY', allow: true })).toMatchObject({
      code: 'SIGNATURE_REQUIRED',
    })
    const older = await keyedV0(server, 'bob', makeKeys())
    expect(await older.ask({ type: 'ALLOW_LEGACY', allow: true })).toMatchObject({
      code: 'V1_REQUIRED',
    })
    expect((await keyedV0(server, 'alice', alice)).welcome).toMatchObject({ code: 'V1_REQUIRED' })
  })

  test('a proof over fewer versions than it offered, and over others', async () => {
    const server = await serve()
    for (const versions of [['v0'], ['v1'], ['v0', 'v1'], ['v1', 'v0', 'v0']]) {
      const peer = await connect(server)
      const nonce = randomBytes(32).toString('hex')
      const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, v: 1, nonce }
      const challenge = await peer.ask(asked)
      expect(challenge.versions).toEqual(['v1', 'v0'])
      expect(await peer.ask(proofV1(alice, challenge, nonce, { versions }))).toMatchObject({
        code: 'VERIFICATION_FAILED',
      })
    }
  })

  test('a message of version 0 in a session of this version', async () => {
    const peer = await keyed(await serve(), 'alice', alice)
    const ts = Date.now()
    const text = JSON.stringify({ to: peer.id, content: 'x', ts })
    const sig = alice.sign(Buffer.from(text)).toString('base64')
    expect(await peer.ask({ type: 'MSG', to: peer.id, content: 'x', ts, sig })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })
})

test('what a client asks for in version 1 is answered with what the server signed', async () => {
  const server = await serve({ legacy: 'deny' })
  const peer = await connect(server)
  const nonce = randomBytes(32).toString('hex')
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: alice.pem, v: 1, nonce }
  const challenge = await peer.ask(asked)
  expect(challenge).toMatchObject({ versions: ['v1'], server_sig: expect.any(String) })
  expect(await peer.ask(proofV1(alice, challenge, nonce))).toMatchObject({ type: 'WELCOME' })
})
