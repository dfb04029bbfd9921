// M1: A message that was seen is sent again and again, to be said many times.

import { expect, test } from 'vitest'
import { anon, hasty, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const cid = '01JD8Z6W0V8J2K8QWJ7W2F9N3H'

test('sent 1,000 times over two connections it is said once, and answered each time', async () => {
  const server = await serve(hasty)
  const peers = [await keyed(server, 'alice', alice), await keyed(server, 'alice', alice)]
  const listener = await anon(server, 'bob')
  await peers[0]?.ask({ type: 'JOIN', channel: '#general' })
  await listener.ask({ type: 'JOIN', channel: '#general' })
  const message = signedMessage(alice, { to: '#general', content: 'once', cid })
  const answers = await Promise.all(
    peers.flatMap((peer) => Array.from({ length: 500 }, () => peer.ask(message))),
  )
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set(['SENT']))
  expect(new Set(answers.map(({ position }) => position)).size).toBe(1)
  expect(answers.filter(({ repeat }) => repeat !== true)).toHaveLength(1)
  expect(await listener.settled('MSG')).toHaveLength(1)
  const page = await listener.ask({ type: 'HISTORY', target: '#general', after: 0 })
  expect(page.messages).toHaveLength(1)
})

test.each([
  ['content', { content: 'other' }],
  ['target', { to: '@bob' }],
  ['question', { in_reply_to: 'm1' }],
  ['wish for an answer', { expects: 'none' }],
])('a cid that was used is refused for another %s', async (_what, changed) => {
  const server = await serve()
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  await one.ask({ type: 'JOIN', channel: '#general' })
  const message = { type: 'MSG', to: '#general', content: 'once', cid }
  expect(await one.ask(message)).toMatchObject({ type: 'SENT' })
  expect(await one.ask({ ...message, ...changed })).toMatchObject({ code: 'CID_CONFLICT' })
  expect(await one.settled('MSG')).toHaveLength(1)
  expect(await other.settled('MSG')).toEqual([])
})

test('the cid of one agent means nothing to another', async () => {
  const server = await serve()
  const peers = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of peers) await peer.ask({ type: 'JOIN', channel: '#general' })
  for (const peer of peers) {
    const answer = await peer.ask({ type: 'MSG', to: '#general', content: 'x', cid })
    expect(answer).not.toHaveProperty('repeat')
  }
  expect(await peers[0]?.settled('MSG')).toHaveLength(2)
})
