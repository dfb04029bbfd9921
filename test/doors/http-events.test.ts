// Server-sent events: everything once and in order, also over a lost connection, and never at the cost of others.

import { once } from 'node:events'
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { connectKeyed } from '../client/kit/agents.ts'
import { hasty, serve } from '../wire/kit.ts'
import { ask, at, type Holder, holder, listen, say, tokenOf } from './http-kit.ts'

const names = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `${from + at}`)

async function sayAll(chat: Holder['chat'], contents: readonly string[]): Promise<void> {
  for (const content of contents) await chat.send('#general', content)
}

test('a place to go on from that is none is refused, and so is a token that may not read', async () => {
  const server = await serve()
  const { chat, token } = await holder(server, 'alice')
  for (const lastId of ['x', '-1', '1.5', '1e3', '9'.repeat(20)]) {
    expect([lastId, (await listen(server, token, { lastId })).status]).toEqual([lastId, 400])
  }
  expect((await listen(server, token, { query: '?colour=red' })).status).toBe(400)
  const speaker = await tokenOf(chat, ['send'])
  expect((await listen(server, speaker, { lastId: '0' })).status).toBe(403)
})

test('without a place it begins now, and says where that is', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  await bob.chat.send('#general', 'before')
  const events = await (await listen(server, alice.token)).begun()
  expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(events.headers.get('cache-control')).toContain('no-store')
  const begun = events.lastId
  events.leave()

  await sayAll(bob.chat, ['meanwhile'])
  const again = await listen(server, alice.token, { lastId: begun })
  expect(await again.contents(1)).toEqual(['meanwhile'])
})

test('an event is the frame, and its id the position', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const events = await (await listen(server, alice.token)).begun()
  const sent = await bob.chat.send('#general', 'hello')
  const { id, data } = await events.ofType('MSG')
  expect(id).toBe(String(sent.position))
  expect(data).toMatchObject({ type: 'MSG', content: 'hello', msg_id: sent.msg_id })
})

test('content cannot make an event of its own', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const events = await (await listen(server, alice.token)).begun()
  const forged = 'x\n\nid: 1\nevent: MSG\ndata: {"type":"MSG","content":"forged"}\r\r\u2028\n\n'
  await sayAll(bob.chat, [forged, 'after'])
  expect(await events.contents(2)).toEqual([forged, 'after'])
})

test('what an agent says itself it is told only if it wants to', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const events = await (await listen(server, alice.token)).begun()
  const all = await (await listen(server, alice.token, { query: '?own=true' })).begun()
  await say(server, alice.token, { to: '#general', content: 'mine' })
  await bob.chat.send('#general', 'theirs')
  expect(await events.contents(1)).toEqual(['theirs'])
  expect(await all.contents(2)).toEqual(['mine', 'theirs'])
})

test('a thousand messages, read in pieces while more come: each once, in order', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const begun = (await (await listen(server, alice.token)).begun()).lastId
  const told = names(1_000)
  await sayAll(bob.chat, told.slice(0, 700))
  const heard: string[] = []
  let lastId = begun
  const talking = sayAll(bob.chat, told.slice(700))
  while (heard.length < told.length) {
    const events = await listen(server, alice.token, { lastId })
    const count = Math.min(90, told.length - heard.length)
    for (const content of await events.contents(count)) heard.push(String(content))
    lastId = String(events.lastTold)
    events.leave()
  }
  await talking
  expect(heard).toEqual(told)
})

test('while a stream is open the agent is present; a single call does not make it so', async () => {
  const server = await serve(hasty)
  const bob = await holder(server, 'bob')
  const chat = await connectKeyed(server.url, 'alice')
  await chat.join('#general')
  const [id, token] = [chat.id, await tokenOf(chat)]
  const gone = bob.chat.once('PRESENCE_CHANGED', {
    where: ({ presence }) => presence === 'offline',
  })
  await chat.close()
  await gone
  await ask(server, token, '/v1/sent')
  expect((await bob.chat.whois(id)).presence).toBe('offline')

  const events = await (await listen(server, token)).begun()
  expect((await bob.chat.whois(id)).presence).toBe('online')
  const left = bob.chat.once('PRESENCE_CHANGED', {
    where: ({ presence }) => presence === 'offline',
  })
  events.leave()
  expect(await left).toMatchObject({ agent_id: id })
})

test('streams have a session each, up to the bound of an agent, and end with the token', async () => {
  const server = await serve(hasty)
  const { chat, token } = await holder(server, 'alice')
  const other = await tokenOf(chat)
  const streams = []
  // One place is the agent's own now, and one is kept for it.
  for (let at = 0; at < 6; at++) streams.push(await (await listen(server, token)).begun())
  const refused = await listen(server, other)
  expect(refused.status).toBe(409)

  const { list } = await chat.request('LIST_TOKENS', {})
  await chat.request('REVOKE_TOKEN', { token_id: String(list[0]?.id) })
  for (const stream of streams) {
    expect(await stream.ofType('SESSION_REVOKED')).toMatchObject({
      data: { token_id: list[0]?.id },
    })
    expect(await stream.next()).toBeUndefined()
  }
  expect((await listen(server, token)).status).toBe(401)
  expect((await listen(server, other)).status).toBe(200)
})

test('a server that stops says so, and does not wait for readers', async () => {
  const server = await serve(hasty)
  const { token } = await holder(server, 'alice')
  const events = await (await listen(server, token)).begun()
  await ask(server, token, '/v1/sent')
  await server.stop()
  expect(await events.ofType('SERVER_CLOSING')).toMatchObject({ data: { retry_after_ms: 1_000 } })
  expect(await events.next()).toBeUndefined()
})

test('a reader that does not read is cut, and harms no other reader of the same token', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const quick = await (await listen(server, alice.token)).begun()
  const slow = request(at(server, '/v1/events'), {
    headers: { Authorization: `Bearer ${alice.token}` },
  })
  onTestFinished(() => void slow.destroy())
  slow.on('error', () => {})
  const [answer] = await once(slow.end(), 'response')
  answer.pause()

  const long = 'x'.repeat(150_000)
  const contents = names(80).map((name) => `${name}${long}`)
  const [heard] = await Promise.all([
    quick.contents(80),
    sayAll(bob.chat, contents),
    server.reported('readers-cut'),
  ])
  expect(heard).toEqual(contents)
})
