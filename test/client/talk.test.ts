// Talking with the library: what is refused, what is said, and what can be read back.

import { expect, test } from 'vitest'
import { RefusedError, verifyMessage } from '../../src/index.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, texts } from './kit/agents.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

const cid = 'c'.repeat(22)

test('a refusal of the server rejects what was asked, and says why', async () => {
  const server = await serve()
  const alice = await connectKeyed(server.url, 'alice')
  const refusals: [() => Promise<unknown>, string][] = [
    [() => alice.join('#nowhere'), 'CHANNEL_NOT_FOUND'],
    [() => alice.leave('#general'), 'NOT_INVITED'],
    [() => alice.send('#general', 'hi'), 'NOT_INVITED'],
    [() => alice.dm('@nobody', 'hi'), 'AGENT_NOT_FOUND'],
    [() => alice.whois('@nobody'), 'AGENT_NOT_FOUND'],
    [() => alice.history('#general'), 'NOT_INVITED'],
    [() => alice.ack(1_000_000), 'INVALID_MSG'],
    [() => alice.request('CREATE_CHANNEL', { channel: '#general' }), 'CHANNEL_EXISTS'],
  ]
  for (const [asked, code] of refusals) {
    const failure = asked()
    await expect(failure).rejects.toBeInstanceOf(RefusedError)
    await expect(failure).rejects.toMatchObject({ code, frame: { type: 'ERROR', code } })
  }
  const guest = await connect(server.url, { name: 'guest' })
  await expect(guest.ack(1)).rejects.toMatchObject({ code: 'SIGNATURE_REQUIRED' })
})

test('what no server would take is not even sent', async () => {
  const server = await hostileServer(hospitable())
  for (const who of ['key', 'guest']) {
    const alice =
      who === 'key'
        ? await connectKeyed(server.url, 'alice')
        : await connect(server.url, { name: 'alice' })
    const { length } = server.heard
    const wrong = [
      () => alice.send('general', 'no sigil'),
      () => alice.send('#general', ''),
      () => alice.send('#general', 'NUL \0'),
      () => alice.send('#general', 'half a surrogate \ud800'),
      () => alice.send('#general', 'hi', { cid: 'too short' }),
      () => alice.send('#general', '\u20ac'.repeat(100_000)),
      () => alice.request('JOIN', { channel: '#\0' }),
    ]
    for (const attempt of wrong) await expect(attempt()).rejects.toThrow(RangeError)
    expect(server.heard.length).toBe(length)
  }
})

test('an answer that does not come is waited for no longer than asked', async () => {
  const server = await hostileServer(hospitable())
  const alice = await connect(server.url, { name: 'alice' })
  const soon = { timeoutMs: 20 }
  await expect(alice.request('PING', {}, soon)).rejects.toMatchObject({ reason: 'timeout' })
  const signal = AbortSignal.timeout(1)
  const asked = alice.request('PING', {}, { signal, timeoutMs: Number.POSITIVE_INFINITY })
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('alice and bob talk: in a channel, to each other, in a thread', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connect(server.url, { name: 'bob' })
  await alice.join('#general')
  expect((await bob.join('#General')).agents.map(({ name }) => name)).toEqual(['alice', 'bob'])
  expect(bob.channels).toEqual(['#general'])

  const toBob = bob.messages()
  const toAlice = alice.messages()
  const sent = await alice.send('#GENERAL', 'is anybody there?', { expects: 'reply', cid })
  expect(sent).toMatchObject({ type: 'SENT', cid, sessions: 2 })
  const question = (await toBob.next()).value
  expect(question).toMatchObject({ to: '#general', from: alice.id, cid, expects: 'reply' })
  await bob.send('#general', 'I am', { inReplyTo: sent.msg_id })
  expect((await toAlice.next()).value).toMatchObject({ content: 'I am', thread: sent.msg_id })

  expect((await bob.dm('alice', 'psst')).recipients).toMatchObject([{ id: alice.id }])
  await alice.dm('@bob', 'what?')
  await alice.dm(bob.id, 'hello?')
  expect(await texts(toAlice, 1)).toEqual(['psst'])
  expect(await texts(toBob, 2)).toEqual(['what?', 'hello?'])

  await bob.leave('#general')
  expect(bob.channels).toEqual([])
})

test('what an agent with a key says is signed, for whoever wants to check it', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  await alice.join('#general')
  await bob.join('#general')
  const heard = bob.messages()
  const { serverName } = bob
  const { msg_id: inReplyTo } = await alice.send('#general', 'héllo')
  await alice.send('#general', 'and more', { inReplyTo, expects: 'none' })
  await alice.dm('@bob', 'for you')
  for (let count = 0; count < 3; count++) {
    const { value } = await heard.next()
    expect(value && verifyMessage(value, { serverName })).toMatchObject({
      status: 'signed',
      version: 'v1',
    })
  }
  const page = await bob.history('#general')
  expect(page.messages.map((said) => verifyMessage(said, { serverName }).status)).toEqual([
    'signed',
    'signed',
  ])
})

test('a message that is sent twice with one cid is said once', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  await alice.join('#general')
  const messages = alice.messages({ own: true })
  const first = await alice.send('#general', 'once', { cid })
  expect(await alice.send('#general', 'once', { cid })).toMatchObject({
    position: first.position,
    repeat: true,
  })
  await expect(alice.send('#general', 'twice', { cid })).rejects.toMatchObject({
    code: 'CID_CONFLICT',
  })
  await alice.send('#general', 'end')
  expect(await texts(messages, 2)).toEqual(['once', 'end'])
})

test('two messages to a name that has to be looked up arrive in their order', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  const heard = bob.messages()
  await Promise.all(['one', 'two', 'three'].map((text) => alice.dm('bob', text)))
  expect(await texts(heard, 3)).toEqual(['one', 'two', 'three'])
})

test('a name that changed hands is looked up again', async () => {
  const server = await serve(hasty)
  const [alice, bob, eve] = [
    await connectKeyed(server.url, 'alice'),
    await connectKeyed(server.url, 'bob'),
    await connectKeyed(server.url, 'eve'),
  ]
  for (const agent of [alice, bob, eve]) await agent.join('#general')
  await alice.dm('bob', 'it is you')
  const changes = [alice.once('NICK_CHANGED', { where: ({ agent_id }) => agent_id === eve.id })]
  await bob.request('SET_NICK', { nick: 'rob' })
  await eve.request('SET_NICK', { nick: 'bob' })
  await Promise.all(changes)
  expect([bob.name, eve.name]).toEqual(['rob', 'bob'])
  const { recipients } = await alice.dm('bob', 'is it you?')
  expect(recipients).toMatchObject([{ id: eve.id }])
})

test('haste is refused with the time after which to go on', async () => {
  const server = await serve({ rate: '1', burst: '1' })
  const alice = await connect(server.url, { name: 'alice' })
  const bob = await connect(server.url, { name: 'bob' })
  const [one, two] = await Promise.allSettled([alice.dm(bob.id, '1'), alice.dm(bob.id, '2')])
  expect(one.status).toBe('fulfilled')
  expect(two).toMatchObject({ reason: { code: 'RATE_LIMITED' } })
  const { retryAfterMs } = (two as PromiseRejectedResult).reason
  expect(retryAfterMs).toBeGreaterThan(0)
})

test('more messages than may be on their way at once are refused here', async () => {
  const server = await hostileServer(hospitable())
  const alice = await connect(server.url, { name: 'alice' })
  const giveUp = new AbortController()
  const { signal } = giveUp
  const waiting = Array.from({ length: 100 }, () => alice.send('#general', 'hi', { signal }))
  const over = Promise.allSettled(waiting)
  await expect(alice.send('#general', 'one too many')).rejects.toMatchObject({ reason: 'full' })
  giveUp.abort(new Error('never mind'))
  expect(
    new Set((await over).map((end) => end.status === 'rejected' && end.reason.message)),
  ).toEqual(new Set(['never mind']))
  const oneMore = alice.send('#general', 'there is room again')
  oneMore.catch(() => {})
  await server.next('MSG')
})

test('the cursor moves by ack, and reading moves nothing', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  const { cursor } = alice
  const heard = alice.messages()
  const { position } = await bob.dm(alice.id, 'one')
  await heard.next()
  expect([alice.cursor, alice.position]).toEqual([cursor, position])
  await alice.ack(position)
  await alice.ack(1)
  expect(alice.cursor).toBe(position)
})

test('history is read page by page', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  await alice.join('#general')
  for (const text of ['1', '2', '3']) await alice.send('#general', text)
  const newest = await alice.history('#general', { limit: 2 })
  expect(newest.messages.map(({ content }) => content)).toEqual(['2', '3'])
  const before = newest.next ?? 0
  const older = await alice.history('#general', { before })
  expect(older.messages.map(({ content }) => content)).toEqual(['1'])
  const later = await alice.history('#general', { after: before, limit: 1 })
  expect(later.messages.map(({ content }) => content)).toEqual(['3'])
})
