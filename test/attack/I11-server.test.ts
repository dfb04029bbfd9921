// I11: An agent is asked to prove its key by signing a text that is worth something elsewhere.

import { describe, expect, test } from 'vitest'
import { hash, idOf, keyed, keyedV0, makeKeys, serve, signV1 } from '../wire/kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const nonce = '0123456789abcdef'.repeat(2)

describe('the server passes on no nonce', () => {
  test.each([
    ['that is an older acceptance', 'ACCEPT|prop_0123456789abcdef||'],
    ['that is an older login', `AGENTCHAT_AUTH|${'ab'.repeat(32)}|c1|1795518162123`],
    ['that is an older message', '{"to":"#general","content":"x","ts":1}'],
    ['of 31 digits', nonce.slice(1)],
    ['of 33 digits', `${nonce}0`],
    ['of 64 digits', nonce + nonce],
    ['of other digits', 'g'.repeat(32)],
    ['of capital digits', nonce.toUpperCase()],
    ['with a line feed behind it', `${nonce}\n`],
    ['of wide digits', '\uff10'.repeat(32)],
    ['that is empty', ''],
    ['that is a number', 1],
    ['that is a list', [nonce]],
  ])('%s', async (_what, given) => {
    const server = await serve()
    const asking = await keyedV0(server, 'alice', alice)
    const target = await keyedV0(server, 'bob', bob)
    const request = { type: 'VERIFY_REQUEST', target: '@bob', nonce: given }
    expect(await asking.ask(request)).toMatchObject({ code: 'INVALID_MSG' })
    const answer = { type: 'VERIFY_RESPONSE', request_id: 'v1', nonce: given, sig: 'x' }
    expect(await target.ask(answer)).toMatchObject({ code: 'INVALID_MSG' })
    expect(await target.settled()).toEqual([])
  })
})

describe('an answer counts only', () => {
  const answers = {
    'for the request of another': { requester: '@0123456789abcdef' },
    'for another target': { target: '@0123456789abcdef' },
    'on another server': { server: 'evil.example' },
    'for another nonce': { nonce: 'f'.repeat(32) },
    'for another purpose': { purpose: 'login' },
  }
  test.each(Object.entries(answers))('for what was asked, not %s', async (_what, changed) => {
    const server = await serve()
    const asking = await keyed(server, 'alice', alice)
    const target = await keyed(server, 'bob', bob)
    const { request_id } = await asking.ask({ type: 'VERIFY_REQUEST', target: '@bob', nonce })
    const right = {
      purpose: 'peer-verify',
      server: 'localhost',
      requester: idOf(alice),
      target: idOf(bob),
      nonce,
    }
    const signed = { ...right, ...changed }
    const fields = [signed.server, signed.requester, signed.target, signed.nonce]
    const sig = signV1(bob, signed.purpose, fields)
    await target.ask({ type: 'VERIFY_RESPONSE', v: 1, request_id, nonce, sig })
    expect(await asking.next('VERIFY_FAILED')).toMatchObject({ request_id })
  })

  test('from the agent that was asked', async () => {
    const server = await serve()
    const asking = await keyed(server, 'alice', alice)
    const target = await keyed(server, 'bob', bob)
    const third = await keyed(server, 'eve', makeKeys())
    const { request_id } = await asking.ask({ type: 'VERIFY_REQUEST', target: '@bob', nonce })
    const sig = signV1(bob, 'peer-verify', ['localhost', idOf(alice), idOf(bob), nonce])
    const answer = { type: 'VERIFY_RESPONSE', v: 1, request_id, nonce, sig }
    for (const peer of [third, asking]) {
      expect(await peer.ask(answer)).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
    }
    await target.ask(answer)
    expect(await asking.next('VERIFY_SUCCESS')).toMatchObject({ agent: idOf(bob), pubkey: bob.pem })
  })
})

test('what proves a key is of no use for a message, nor the reverse', async () => {
  const peer = await keyed(await serve(), 'alice', alice)
  const [ts, cid, content] = [Date.now(), 'c'.repeat(24), 'x']
  const fields = ['localhost', peer.id, peer.id, cid, ts, 'text', '-', hash(content), '-']
  const message = { type: 'MSG', to: peer.id, content, cid, ts }
  for (const purpose of ['peer-verify', 'login', 'accept']) {
    const sig = signV1(alice, purpose, fields)
    expect(await peer.ask({ ...message, sig })).toMatchObject({ code: 'VERIFICATION_FAILED' })
  }
  const sig = signV1(alice, 'msg', fields)
  expect(await peer.ask({ ...message, sig })).toMatchObject({ type: 'SENT' })
})
