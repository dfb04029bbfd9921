// I11: An agent is asked to prove its key by signing a nonce that is really the acceptance of a deal.
import { verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createIdentity } from '../../src/index.ts'
import { parsePublicKey } from '../../src/protocol/keys.ts'
import { parseSignature, peerVerifyBytes } from '../../src/protocol/signing.ts'
import { connect, connectKeyed } from '../client/kit/agents.ts'
import { hospitable, hostileServer, serverName } from '../client/kit/hostile.ts'
import { serve } from '../wire/kit.ts'

const identity = createIdentity('alice')
const id = parsePublicKey(identity.publicKey)?.id ?? ''
const nonce = '0f'.repeat(16)
const from = '@0123456789abcdef'
const request = { type: 'VERIFY_REQUEST', request_id: 'v1', from, target: id, nonce }

/** What a client answers to a request, before it answers a PING. */
async function answersTo(asked: object, withKey = true) {
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => {
      say(asked)
      say({ type: 'PONG', ref })
    }),
  )
  const alice = await connect(server.url, withKey ? { identity } : { name: 'alice' })
  await alice.request('PING', {})
  const marker = server.next('TYPING')
  alice.request('TYPING', { channel: '#a' }).catch(() => {})
  await marker
  return server.heard.filter(({ type }) => type === 'VERIFY_RESPONSE')
}

describe('nothing is signed for', () => {
  test.each([
    ['the acceptance of a deal', { nonce: 'ACCEPT|prop_1||' }],
    ['a padded acceptance', { nonce: 'ACCEPT|prop_0123456789abcdef0123||' }],
    ['the nonce of a login', { nonce: 'ab'.repeat(32) }],
    ['capital digits', { nonce: nonce.toUpperCase() }],
    ['a line more', { nonce: `${nonce}\n` }],
    ['a list of a nonce', { nonce: [nonce] }],
    ['somebody whose id is none', { from: '@alice\nlogin' }],
    ['nobody', { from: undefined }],
    ['another agent', { target: from }],
    ['itself: this only says that it was passed on', { status: 'pending' }],
    ['a request without an id', { request_id: { toString: 1 } }],
  ])('%s', async (_what, changed) => {
    expect(await answersTo({ ...request, ...changed })).toEqual([])
  })

  test('anybody, without a key', async () => {
    expect(await answersTo(request, false)).toEqual([])
  })
})

test('what is signed for a proper nonce says what it is for, and is not the nonce', async () => {
  const [answer] = await answersTo(request)
  expect(answer).toMatchObject({ request_id: 'v1', nonce, v: 1 })
  const signature = parseSignature(String(answer?.sig)) ?? new Uint8Array()
  const bytes = peerVerifyBytes({ server: serverName, requester: from, target: id, nonce })
  expect(verify(null, bytes, identity.publicKey, signature)).toBe(true)
  expect(verify(null, Buffer.from(nonce), identity.publicKey, signature)).toBe(false)
})

test('the server passes on no nonce of another form', async () => {
  const server = await serve()
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connect(server.url, { name: 'bob' })
  const ask = (text: string) => bob.request('VERIFY_REQUEST', { target: alice.id, nonce: text })
  await expect(ask('ACCEPT|prop_1||')).rejects.toMatchObject({ code: 'INVALID_MSG' })
  await expect(ask('ab'.repeat(32))).rejects.toMatchObject({ code: 'INVALID_MSG' })
  const proved = bob.once('VERIFY_SUCCESS')
  await ask(nonce)
  expect(await proved).toMatchObject({ agent: alice.id })
})
