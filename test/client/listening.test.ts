// Listening: by type, once, and one message after the other; and what is left behind afterwards.

import { expect, test } from 'vitest'
import { Listeners } from '../../src/client/listeners.ts'
import type { Message } from '../../src/index.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, texts } from './kit/agents.ts'
import { hospitable, hostileServer, type Visitor } from './kit/hostile.ts'

const from = '@0123456789abcdef'
const message = (position: number) => ({
  type: 'MSG',
  from,
  from_name: 'bob',
  to: '#general',
  content: String(position),
  msg_id: `m${position}`,
  auth: 'anon',
  position,
})

/** A server that says what it is told to, in answer to a PING. */
async function saying(say: (visitor: Visitor) => void) {
  const server = await hostileServer(
    hospitable(({ ref }, visitor) => {
      say(visitor)
      visitor.say({ type: 'PONG', ref })
    }),
  )
  return connect(server.url, { name: 'alice' })
}

test('once ends by time, by signal, and with the connection', async () => {
  const server = await serve()
  const alice = await connect(server.url, { name: 'alice' })
  await expect(alice.once('MSG', { timeoutMs: 1 })).rejects.toMatchObject({ reason: 'timeout' })
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(alice.once('MSG', { signal })).rejects.toThrow('enough')
  const waiting = expect(alice.once('MSG')).rejects.toMatchObject({ reason: 'closed' })
  await alice.close()
  await waiting
})

test('once takes the first frame that fits', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connect(server.url, { name: 'bob' })
  const heard = alice.once('MSG', { where: ({ content }) => content.startsWith('yes') })
  for (const text of ['no', 'yes', 'yes again']) await bob.dm(alice.id, text)
  expect(await heard).toMatchObject({ content: 'yes' })
})

test('on hears frames of its type, * hears every frame, until it is ended', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const heard: string[] = []
  const offAll = alice.on('*', ({ type }) => heard.push(`* ${type}`))
  const off = alice.on('JOINED', ({ channel }) => heard.push(channel))
  await alice.join('#general')
  off()
  await alice.join('#agents')
  offAll()
  await alice.request('PING', {})
  expect(heard).toEqual(['#general', '* JOINED', '* JOINED'])
})

test('a listener that is added twice is called twice, and ended once by each end', () => {
  const listeners = new Listeners()
  listeners.release()
  let count = 0
  const listener = () => {
    count += 1
  }
  const [off] = [listeners.onFrame('PONG', listener), listeners.onFrame('PONG', listener)]
  listeners.tellFrame({ type: 'PONG' })
  off()
  off()
  listeners.tellFrame({ type: 'PONG' })
  expect(count).toBe(3)
})

test('a message is heard once, and live ones only by rising position', async () => {
  const alice = await saying(({ say }) => {
    for (const position of [11, 12, 12, 11, 14, 13]) say(message(position))
    for (const position of [5, 6, 12]) say({ ...message(position), replay: true })
    say({ ...message(6), replay: true })
    say(message(15))
  })
  const heard: (number | undefined)[] = []
  alice.on('MSG', ({ position }) => heard.push(position))
  await alice.request('PING', {})
  expect(heard).toEqual([11, 12, 14, 5, 6, 15])
  expect(alice.position).toBe(15)
})

test('joining again does not tell again what was told', async () => {
  const server = await serve(hasty)
  const bob = await connectKeyed(server.url, 'bob')
  await bob.join('#general')
  for (const text of ['1', '2']) await bob.send('#general', text)
  const alice = await connect(server.url, { name: 'alice' })
  const messages = alice.messages()
  await alice.join('#general', { replay: 1 })
  expect(await texts(messages, 1)).toEqual(['2'])
  await alice.join('#general')
  expect(await texts(messages, 1)).toEqual(['1'])
})

test('messages are those of others, unless one’s own are asked for', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  for (const agent of [alice, bob]) await agent.join('#general')
  const [others, all] = [alice.messages(), alice.messages({ own: true })]
  await alice.send('#general', 'mine')
  await bob.send('#general', 'yours')
  expect(await texts(others, 1)).toEqual(['yours'])
  expect(await texts(all, 2)).toEqual(['mine', 'yours'])
})

test('reading ends by break, by a signal and with the connection; what came can still be read', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connect(server.url, { name: 'bob' })
  const life = new AbortController()
  const [broken, aborted, closed] = [
    alice.messages(),
    alice.messages({ signal: life.signal }),
    alice.messages(),
  ]
  await bob.dm(alice.id, '1')
  for await (const { content } of broken) {
    expect(content).toBe('1')
    break
  }
  expect(await broken.next()).toMatchObject({ done: true })
  await bob.dm(alice.id, '2')
  await alice.request('PING', {})
  life.abort()
  const asked = closed
    .next()
    .then(() => closed.next())
    .then(() => closed.next())
  await alice.close()
  const left: string[] = []
  for await (const { content } of aborted) left.push(content)
  expect(left).toEqual(['1', '2'])
  expect(await asked).toMatchObject({ done: true })
  expect(await alice.messages({ signal: life.signal }).next()).toMatchObject({ done: true })
})

test('a reader that falls too far behind is told where to go on', async () => {
  const alice = await saying(({ say }) => {
    for (let position = 11; position <= 1_020; position++) say(message(position))
  })
  const messages = alice.messages()
  await alice.request('PING', {})
  const heard: Message[] = []
  const failure = await (async () => {
    for await (const one of messages) heard.push(one)
  })().catch((error) => error)
  expect(heard.length).toBe(1_000)
  expect(failure).toMatchObject({ reason: 'overflow', message: expect.stringContaining('1010') })
  expect(await messages.next()).toMatchObject({ done: true })
})

test('nothing is left behind by what has ended', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const life = new AbortController()
  const { signal } = life
  let listening = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening += 1
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening -= 1
    removeEventListener.apply(signal, args)
  }
  const once = alice.once('JOINED', { signal })
  await alice.join('#general', { signal })
  await once
  await alice.send('#general', 'hi', { signal })
  const messages = alice.messages({ signal })
  await messages.return?.()
  await expect(alice.once('MSG', { signal, timeoutMs: 1 })).rejects.toThrow()
  expect(listening).toBe(0)
  expect(Reflect.get(alice, 'client').endings.size).toBe(0)
})
