// Saying, claiming and following up over HTTP, with nothing but a token.

import { expect, test } from 'vitest'
import { statuses } from '../../src/doors/http/answers.ts'
import { refusals } from '../../src/protocol/errors.ts'
import { hasty, serve } from '../wire/kit.ts'
import { ask, holder, say, tokenOf } from './http-kit.ts'

const hello = { to: '#general', content: 'hello' }

test('whoever has no token, or a wrong one, is told how to get one', async () => {
  const server = await serve()
  const { token, chat } = await holder(server, 'alice')
  const wrong = `act_${'x'.repeat(43)}`
  for (const no of [undefined, wrong, 'x', '', `${token}x`, token.slice(0, -1)]) {
    const { status, headers, body } = await say(server, no, hello)
    expect([no, status, headers.get('www-authenticate')]).toEqual([no, 401, 'Bearer'])
    expect(body).toMatchObject({ type: 'ERROR', code: 'AUTH_REQUIRED' })
  }
  const basic = await say(server, undefined, hello, { Authorization: `Basic ${token}` })
  expect(basic.status).toBe(401)
  expect((await chat.history('#general')).messages).toEqual([])
})

test.each<[string, object | string, string]>([
  ['no field', {}, '"to"'],
  ['a field of the wrong type', { to: '#general', content: 7 }, '"content"'],
  ['a field that is none', { ...hello, colour: 'red' }, '"colour" is not known'],
  ['a signature', { ...hello, sig: 'x' }, '"sig" is not known'],
  ['a type of its own', { ...hello, type: 'JOIN' }, '"type" is not known'],
  ['a ref', { ...hello, ref: 'r1' }, '"ref" is not known'],
  ['a prototype', '{"to":"#general","content":"x","__proto__":{}}', ''],
  ['no object', '[]', 'one JSON object'],
  ['no JSON', '{', ''],
  ['nothing', '""', ''],
  ['a bad cid', { ...hello, cid: 'x' }, '"cid"'],
])('a body with %s is refused with a sentence', async (_what, body, sentence) => {
  const server = await serve()
  const { token } = await holder(server, 'alice')
  const answer = await ask(server, token, '/v1/messages', { body })
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ type: 'ERROR', code: 'INVALID_MSG' })
  expect(answer.body.message).toContain(sentence)
})

test('other types of content, other methods and bodies that are too long are refused', async () => {
  const server = await serve({ maxFrame: '2000' })
  const { token } = await holder(server, 'alice')
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  expect((await say(server, token, hello, form)).status).toBe(415)
  expect((await say(server, token, hello, { 'Content-Type': 'text/plain' })).status).toBe(415)
  expect((await say(server, token, { ...hello, content: 'x'.repeat(3_000) })).status).toBe(413)
  for (const [path, method, allow] of [
    ['/v1/messages', 'GET', 'POST'],
    ['/v1/claims', 'DELETE', 'POST'],
    ['/v1/inbox', 'PUT', 'GET'],
  ] as const) {
    const { status, headers } = await ask(server, token, path, { method })
    expect([path, status, headers.get('allow')]).toEqual([path, 405, allow])
  }
  expect((await ask(server, token, '/v1/events', { method: 'HEAD' })).status).toBe(405)
  expect((await ask(server, token, '/v1/nothing')).body).toMatchObject({ code: 'INVALID_MSG' })
})

test('every refusal has its status, and says what the frame would', async () => {
  expect(Object.keys(statuses).sort()).toEqual(Object.keys(refusals).sort())
  const server = await serve()
  const { chat, token } = await holder(server, 'alice')
  const reader = await tokenOf(chat, ['read'])
  const asked: [number, string, Promise<{ status: number; body: object }>][] = [
    [404, 'CHANNEL_NOT_FOUND', say(server, token, { ...hello, to: '#nowhere' })],
    [404, 'AGENT_NOT_FOUND', say(server, token, { ...hello, to: '@nobody' })],
    [403, 'SCOPE_MISSING', say(server, reader, hello)],
    [404, 'MESSAGE_NOT_FOUND', ask(server, token, '/v1/claims', { body: { msg_id: 'm1' } })],
  ]
  for (const [status, code, answer] of asked) {
    expect(await answer).toMatchObject({ status, body: { type: 'ERROR', code } })
    expect((await answer).body).not.toHaveProperty('ref')
  }
})

test('what is said is told to everybody, as said with a token', async () => {
  const server = await serve()
  const { token, chat } = await holder(server, 'alice')
  const bob = await holder(server, 'bob')
  const heard = bob.chat.once('MSG')
  const { status, body, headers } = await say(server, token, hello)
  expect([status, body.type]).toEqual([201, 'SENT'])
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.has('set-cookie')).toBe(false)
  expect(body).not.toHaveProperty('ref')
  expect(await heard).toMatchObject({ from: chat.id, content: 'hello', auth: 'token' })
  expect(await heard).toMatchObject({ msg_id: body.msg_id })
})

test('the same Idempotency-Key, or cid, is one message', async () => {
  const server = await serve()
  const { token, chat } = await holder(server, 'alice')
  const uuid = { 'Idempotency-Key': '"0f8fad5b-d9cb-469f-a165-70867728950e"' }
  const first = await say(server, token, hello, uuid)
  const again = await say(server, token, hello, uuid)
  const byCid = await say(server, token, { ...hello, cid: '0f8fad5bd9cb469fa16570867728950e' })
  expect([first, again, byCid].map(({ status }) => status)).toEqual([201, 200, 200])
  expect(again.body).toMatchObject({ msg_id: first.body.msg_id, repeat: true })
  expect((await chat.history('#general')).messages).toHaveLength(1)

  expect((await say(server, token, { ...hello, content: 'other' }, uuid)).status).toBe(409)
  const two = await say(server, token, { ...hello, cid: 'x'.repeat(22) }, uuid)
  expect(two.body).toMatchObject({ code: 'INVALID_MSG' })
  const odd = await say(server, token, hello, { 'Idempotency-Key': 'a b' })
  expect(odd.body.message).toContain('UUID')
})

test('a question is claimed by one, renewed, given back, and answered by the next', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const human = await holder(server, 'human')
  const { msg_id } = await human.chat.send('#general', 'which port?', { expects: 'reply' })
  const claim = (token: string, body: object) => ask(server, token, '/v1/claims', { body })

  const held = await claim(alice.token, { msg_id })
  expect(held).toMatchObject({ status: 201, body: { type: 'CLAIMED', msg_id } })
  const refused = await claim(bob.token, { msg_id })
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'CLAIM_HELD', holder: alice.chat.id },
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await claim(alice.token, { action: 'rob', msg_id })).status).toBe(400)
  const { fence } = held.body
  const renewed = await claim(alice.token, { action: 'renew', msg_id, fence, lease_ms: 60_000 })
  expect(renewed).toMatchObject({ status: 200, body: { fence } })
  expect((await claim(bob.token, { action: 'release', msg_id, fence })).status).toBe(409)
  expect((await claim(alice.token, { action: 'release', msg_id, fence })).status).toBe(200)

  const next = await claim(bob.token, { msg_id })
  const answer = { to: '#general', content: '6667', in_reply_to: msg_id, fence: next.body.fence }
  expect((await say(server, bob.token, answer)).status).toBe(201)
  expect(await claim(alice.token, { msg_id })).toMatchObject({
    status: 409,
    body: { code: 'ALREADY_ANSWERED', by: bob.chat.id },
  })
})

test('who asked over HTTP sees what became of it', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const sent = await say(server, alice.token, { to: bob.chat.id, content: 'are you there?' })
  const ladder = await ask(server, alice.token, `/v1/sent?msg_id=${sent.body.msg_id}`)
  expect(ladder).toMatchObject({ status: 200, body: { type: 'LADDERS', left: 0 } })
  expect(ladder.body.list).toMatchObject([
    { msg_id: sent.body.msg_id, agents: [{ id: bob.chat.id, state: 'delivered' }] },
  ])
  for (const query of ['limit=0', 'limit=x', 'pending=1', 'colour=red', 'limit=1&limit=2']) {
    expect([query, (await ask(server, alice.token, `/v1/sent?${query}`)).status]).toEqual([
      query,
      400,
    ])
  }
  expect((await ask(server, alice.token, '/v1/sent?pending=true&limit=5')).status).toBe(200)
})
