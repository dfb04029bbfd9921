// A connection that breaks: what is heard, what is sent again, and when it is the end.

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { backoffMs } from '../../src/client/reconnecting.ts'
import { type AgentChat, type ConnectionState, createIdentity } from '../../src/index.ts'
import { keyPairOf } from '../kit/identity.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, stateOf, texts } from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { challenge, hospitable, hostileServer, welcome } from './kit/hostile.ts'

beforeEach(() => {
  // Without chance there is no delay, but for what the server asks.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  return () => vi.restoreAllMocks()
})

function statesOf(chat: AgentChat): ConnectionState[] {
  const states: ConnectionState[] = []
  chat.onState((state) => states.push(state))
  return states
}

test('delays double up to half a minute, by chance, and never below what the server asks', () => {
  const highest = [1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, 0, 1))
  expect(highest).toEqual([500, 1_000, 2_000, 30_000, 30_000])
  expect(backoffMs(7, 0, 0)).toBe(0)
  expect(backoffMs(2, 5_000, 0.5)).toBe(5_500)
})

describe('it is over for good', () => {
  test.each([1000, 1003, 1009, 4400, 4410])('when it is closed with %i', async (code) => {
    const server = await hostileServer(hospitable((_frame, { ws }) => ws.close(code, 'go away')))
    const alice = await connect(server.url, { name: 'alice' })
    const states = statesOf(alice)
    const [asked, waiting] = await Promise.allSettled([
      alice.request('PING', {}),
      alice.once('MSG'),
    ])
    expect(asked).toMatchObject({ reason: { reason: 'lost', closeCode: code } })
    expect(waiting).toMatchObject({ reason: { reason: 'lost', closeCode: code } })
    const how = { code, reason: 'go away' }
    expect(states.slice(-2)).toEqual([
      { state: 'lost', ...how },
      { state: 'closed', ...how, final: true },
    ])
    await expect(alice.send('#a', 'hi')).rejects.toMatchObject({ reason: 'lost' })
  })

  test('when no reconnecting is wanted', async () => {
    const server = await hostileServer(hospitable((_frame, { ws }) => ws.terminate()))
    const alice = await connect(server.url, { name: 'alice', reconnect: false })
    const closed = stateOf(alice, 'closed')
    await expect(alice.send('#a', 'hi')).rejects.toMatchObject({ reason: 'uncertain' })
    expect(await closed).toMatchObject({ code: 1006, final: false })
  })

  test('when the server has another key', async () => {
    const other = keyPairOf('another server')
    const first = hospitable((_frame, { ws }) => ws.terminate())
    const server = await hostileServer((frame, visitor) => {
      if (visitor.number === 0) first(frame, visitor)
      else visitor.say(challenge(frame, { keys: other }))
    })
    const alice = await connectKeyed(server.url, 'alice')
    const closed = stateOf(alice, 'closed')
    await expect(alice.send('#a', 'hi')).rejects.toMatchObject({ reason: 'server-changed' })
    expect(await closed).toMatchObject({
      final: true,
      reason: expect.stringContaining('another key'),
    })
  })

  test('when the login is refused for good, and not when it is refused for haste', async () => {
    const refusals = [{ code: 'RATE_LIMITED', retry_after_ms: 7 }, { code: 'V1_REQUIRED' }]
    const server = await hostileServer((frame, { ws, number, say }) => {
      const refusal = refusals[number - 1]
      if (refusal) say({ type: 'ERROR', message: 'no', ref: frame.ref, ...refusal })
      else if (frame.type === 'IDENTIFY') say(welcome(frame))
      else ws.terminate()
    })
    const alice = await connect(server.url, { name: 'alice' })
    const states = statesOf(alice)
    await expect(alice.once('MSG', { timeoutMs: 5_000, ...nudge(alice) })).rejects.toMatchObject({
      code: 'V1_REQUIRED',
    })
    expect(states.map(({ state }) => state).slice(-4)).toEqual([
      'lost',
      'reconnecting',
      'reconnecting',
      'closed',
    ])
    expect(states.at(-2)).toMatchObject({ attempt: 2, delayMs: 7 })
  })

  test('when it is closed while it connects again', async () => {
    const server = await serve(hasty)
    const cable = await cableTo(server)
    const alice = await connectKeyed(cable.url, 'alice')
    const states = statesOf(alice)
    const trying = stateOf(alice, 'reconnecting')
    cable.unplug()
    await trying
    const waiting = expect(alice.request('PING', {})).rejects.toMatchObject({ reason: 'closed' })
    await alice.close()
    await waiting
    expect(states.at(-1)).toMatchObject({ state: 'closed', final: false })
  })
})

/** Has the server be asked something, and break the connection. */
function nudge(alice: AgentChat): object {
  alice.request('PING', {}).catch(() => {})
  return {}
}

test('an agent with a key hears exactly what it missed, in order, and is told so', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connectKeyed(cable.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  for (const agent of [alice, bob]) {
    await agent.join('#general')
    await agent.join('#agents')
  }
  const messages = alice.messages()
  const states = statesOf(alice)
  await bob.send('#general', '1')
  expect(await texts(messages, 1)).toEqual(['1'])

  const lost = stateOf(alice, 'lost')
  cable.unplug()
  await lost
  await bob.send('#agents', '2')
  await bob.dm(alice.id, '3')
  await bob.send('#general', '4')
  const resumed = stateOf(alice, 'resumed')
  cable.mend()
  await resumed
  await bob.send('#agents', '5')
  expect(await texts(messages, 4)).toEqual(['2', '3', '4', '5'])
  expect(alice.channels).toEqual(['#general', '#agents'])
  const names = states.map(({ state }) => state).filter((state) => state !== 'reconnecting')
  expect(names).toEqual(['lost', 'connected', 'resumed'])
})

test('a message whose acknowledgement got lost is sent again, and said once', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connectKeyed(cable.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  for (const agent of [alice, bob]) await agent.join('#general')
  const [heard, own] = [bob.messages(), alice.messages({ own: true })]

  const muffled = cable.muffle()
  const sent = alice.send('#general', 'only once')
  await muffled
  cable.cut()
  expect(await sent).toMatchObject({ type: 'SENT', repeat: true })
  await alice.send('#general', 'end')
  expect(await texts(heard, 2)).toEqual(['only once', 'end'])
  expect(await texts(own, 2)).toEqual(['only once', 'end'])
})

test('the same bytes are sent again', async () => {
  const server = await hostileServer(
    hospitable((frame, { ws, number, say }) => {
      if (number === 0) ws.terminate()
      else if (frame.type === 'MSG') say({ type: 'SENT', ref: frame.ref, position: 11 })
    }),
  )
  const alice = await connectKeyed(server.url, 'alice')
  await alice.send('#general', 'hi')
  const [first, second] = server.heard.filter(({ type }) => type === 'MSG')
  expect(second).toEqual(first)
})

test('what is said and asked meanwhile waits, and goes out in its order', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connectKeyed(cable.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  const heard = bob.messages()
  const lost = stateOf(alice, 'lost')
  cable.unplug()
  await lost
  const said = Promise.all(['1', '2', '3'].map((text) => alice.dm(bob.id, text)))
  const asked = alice.whois('@bob')
  await expect(alice.request('PING', {}, { timeoutMs: 10 })).rejects.toMatchObject({
    reason: 'timeout',
  })
  const giveUp = new AbortController()
  const never = alice.dm(bob.id, 'never', { signal: giveUp.signal })
  giveUp.abort(new Error('better not'))
  await expect(never).rejects.toThrow('better not')
  cable.mend()
  await said
  expect(await asked).toMatchObject({ id: bob.id })
  await alice.dm(bob.id, '4')
  expect(await texts(heard, 4)).toEqual(['1', '2', '3', '4'])
})

test('what waited goes out as slowly as the server wants it', async () => {
  const server = await serve({ rate: '50', burst: '2' })
  const cable = await cableTo(server)
  const alice = await connectKeyed(cable.url, 'alice')
  const bob = await connectKeyed(server.url, 'bob')
  const heard = bob.messages()
  const lost = stateOf(alice, 'lost')
  cable.unplug()
  await lost
  const wanted = ['1', '2', '3', '4', '5', '6', '7', '8']
  const said = Promise.all(wanted.map((text) => alice.dm(bob.id, text)))
  cable.mend()
  await said
  expect(await texts(heard, 8)).toEqual(wanted)
})

test('a request that was on its way is rejected: nobody knows whether it was done', async () => {
  const server = await hostileServer(hospitable((_frame, { ws }) => ws.terminate()))
  const alice = await connectKeyed(server.url, 'alice')
  await expect(alice.request('CREATE_CHANNEL', { channel: '#a' })).rejects.toMatchObject({
    reason: 'lost',
  })
})

test('an agent without a key is a new one, goes back into its channels, and hears what it missed', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const bob = await connectKeyed(server.url, 'bob')
  for (const channel of ['#general', '#agents']) await bob.join(channel)
  await bob.send('#general', 'long ago')
  const alice = await connect(cable.url, { name: 'alice' })
  const messages = alice.messages({ own: true })
  for (const channel of ['#general', '#agents']) await alice.join(channel, { replay: 0 })
  const { id } = alice
  await bob.send('#general', '1')
  expect(await texts(messages, 1)).toEqual(['1'])

  const lost = stateOf(alice, 'lost')
  cable.unplug()
  await lost
  const queued = alice.send('#general', '5')
  for (const [channel, text] of [
    ['#agents', '2'],
    ['#general', '3'],
    ['#agents', '4'],
  ] as const) {
    await bob.send(channel, text)
  }
  const resumed = stateOf(alice, 'resumed')
  cable.mend()
  await resumed
  await queued
  expect(await texts(messages, 4)).toEqual(['2', '3', '4', '5'])
  expect(alice.id).not.toBe(id)
  expect(alice.channels).toEqual(['#general', '#agents'])
})

test('without a key nothing is sent twice: what was on its way is rejected', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connect(cable.url, { name: 'alice' })
  await alice.join('#general')
  const muffled = cable.muffle()
  const sent = expect(alice.send('#general', 'hi')).rejects.toMatchObject({ reason: 'uncertain' })
  await muffled
  cable.cut()
  await sent
  await alice.send('#general', 'end')
  const { messages } = await alice.history('#general')
  expect(messages.map(({ content }) => content)).toEqual(['hi', 'end'])
})

test('a channel that lets the new agent in no more is left out', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connect(cable.url, { name: 'alice' })
  await alice.request('CREATE_CHANNEL', { channel: '#mine', invite_only: true })
  await alice.join('#general')
  const resumed = stateOf(alice, 'resumed')
  cable.cut()
  await resumed
  expect(alice.channels).toEqual(['#general'])
})

test('a log that begins anew is heard from its beginning', async () => {
  const message = { type: 'MSG', from: '@a', from_name: 'a', to: '#a', msg_id: 'm', auth: 'anon' }
  const server = await hostileServer((frame, { ws, number, say }) => {
    if (frame.type !== 'IDENTIFY') return ws.terminate()
    say(welcome(frame, { position: number === 0 ? 1_000 : 3 }))
    say({ ...message, content: `${number}`, position: number === 0 ? 1_001 : 4 })
  })
  const alice = await connect(server.url, { name: 'alice' })
  const messages = alice.messages()
  expect(await texts(messages, 1)).toEqual(['0'])
  nudge(alice)
  expect(await texts(messages, 1)).toEqual(['1'])
  expect(alice.position).toBe(4)
})

test('a server that stops says when to come back', async () => {
  const server = await serve(hasty)
  const identity = createIdentity('alice')
  const alice = await connect(server.url, { identity })
  const [closing, trying] = [alice.once('SERVER_CLOSING'), stateOf(alice, 'reconnecting')]
  await server.stop()
  const { retry_after_ms } = await closing
  expect(await trying).toMatchObject({ attempt: 1, delayMs: retry_after_ms })
})

test('a server that is gone without a word is noticed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const server = await hostileServer(hospitable())
    const alice = await connect(server.url, { name: 'alice' })
    vi.advanceTimersByTime(30_000)
    const asked = server.next('PING')
    vi.advanceTimersByTime(30_000)
    await asked
    const again = stateOf(alice, 'connected')
    vi.advanceTimersByTime(30_000)
    await again
  } finally {
    vi.useRealTimers()
  }
})

test('a server that answers is not given up', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const server = await hostileServer(hospitable(({ ref }, { say }) => say({ type: 'PONG', ref })))
    const alice = await connect(server.url, { name: 'alice' })
    const states = statesOf(alice)
    for (let round = 0; round < 5; round++) {
      vi.advanceTimersByTime(60_000)
      await alice.request('PING', {})
    }
    expect(states).toEqual([{ state: 'connected' }])
  } finally {
    vi.useRealTimers()
  }
})
