// The inbox over HTTP: what matters, within a budget, at once or as soon as there is something.

import { expect, test } from 'vitest'
import { hasty, serve } from '../wire/kit.ts'
import { ask, holder, tokenOf } from './http-kit.ts'

test('a budget, a place or a wait that is none is refused, and so is a token that may not read', async () => {
  const server = await serve()
  const { chat, token } = await holder(server, 'alice')
  for (const query of ['budget=1', 'budget=x', 'wait=61', 'after=-1', 'ack=x', 'peek=1']) {
    const { status, body } = await ask(server, token, `/v1/inbox?${query}`)
    expect([query, status, body.code]).toEqual([query, 400, 'INVALID_MSG'])
  }
  const future = await ask(server, token, `/v1/inbox?ack=${chat.position + 1_000}`)
  expect(future.body).toMatchObject({ code: 'INVALID_MSG' })
  const speaker = await tokenOf(chat, ['send'])
  expect(await ask(server, speaker, '/v1/inbox')).toMatchObject({
    status: 403,
    body: { code: 'SCOPE_MISSING' },
  })
})

test('what is for the agent comes within the budget, and moves nothing until it is acknowledged', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  for (let at = 0; at < 30; at++) await bob.chat.send('#general', `chatter ${at}`)
  await bob.chat.send('#general', '@alice look at this')
  await bob.chat.dm(alice.chat.id, 'and at that')

  const inbox = () => ask(server, alice.token, '/v1/inbox?budget=400')
  const first = await inbox()
  expect(first).toMatchObject({ status: 200, body: { type: 'INBOX', count: 2, left_total: 30 } })
  expect(first.headers.get('cache-control')).toBe('no-store')
  const { items, text, next } = first.body
  expect(items).toMatchObject([{ content: '@alice look at this' }, { content: 'and at that' }])
  expect(String(text).length).toBeLessThanOrEqual(1_600)
  expect((await inbox()).body).toEqual(first.body)

  const rest = await ask(server, alice.token, `/v1/inbox?ack=${next}`)
  expect(rest.body).toMatchObject({ count: 0, left_total: 0 })
  expect((await inbox()).body.count).toBe(0)
  expect((await ask(server, alice.token, '/v1/inbox?after=0')).body.count).toBe(2)
})

test('who wants text gets the text alone', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  await bob.chat.dm(alice.chat.id, 'hello')
  const json = await ask(server, alice.token, '/v1/inbox')
  const headers = { Accept: 'text/markdown' }
  const { text, headers: got } = await ask(server, alice.token, '/v1/inbox', { headers })
  expect(got.get('content-type')).toBe('text/markdown; charset=utf-8')
  expect(got.get('x-agentchat-next')).toBe(String(json.body.next))
  expect(text).toBe(json.body.text)
})

test('who waits is answered as soon as something concerns it, and not for chatter', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const early = ask(server, alice.token, '/v1/inbox?wait=60')
  // A second request of the same token is not held up, and neither takes the news from the other.
  const second = ask(server, alice.token, '/v1/inbox?wait=60')
  await ask(server, alice.token, '/v1/sent')
  await bob.chat.send('#general', 'chatter')
  const { msg_id } = await bob.chat.dm(alice.chat.id, 'wake up')
  for (const answer of await Promise.all([early, second])) {
    expect(answer.body).toMatchObject({ count: 1, items: [{ msg_id }], left_total: 1 })
  }
  expect((await ask(server, alice.token, '/v1/inbox?wait=60')).body.count).toBe(1)
})

test('who has waited in vain gets an empty inbox', async () => {
  const server = await serve(hasty)
  const { token } = await holder(server, 'alice')
  const { status, body } = await ask(server, token, '/v1/inbox?wait=1')
  expect([status, body.count]).toEqual([200, 0])
})
