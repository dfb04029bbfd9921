// A connection that ends: when it is over for good, and how a server that is gone is noticed.

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { isFinal } from '../../src/client/reconnecting.ts'
import { ConnectionError, IdentityError, RefusedError } from '../../src/index.ts'
import { keyPairOf } from '../kit/identity.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, nudge, stateOf, statesOf, withoutChance } from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { challenge, hospitable, hostileServer, welcome } from './kit/hostile.ts'

beforeEach(withoutChance)

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
    nudge(alice)
    await expect(alice.once('MSG')).rejects.toMatchObject({ code: 'V1_REQUIRED' })
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

test('what passes is tried again, and what does not is not', () => {
  const refused = (code: string) => new RefusedError({ type: 'ERROR', ts: 1, code, message: 'no' })
  const passing = [
    refused('RATE_LIMITED'),
    refused('INTERNAL'),
    refused('LIMIT_REACHED'),
    refused('VERIFICATION_EXPIRED'),
    new ConnectionError('unreachable', 'no', 1006),
    new ConnectionError('timeout', 'no'),
    new ConnectionError('lost', 'no', 1012),
    new ConnectionError('lost', 'no', 4408),
  ]
  const final = [
    refused('INVALID_MSG'),
    refused('OF_A_NEWER_SERVER'),
    new ConnectionError('lost', 'no', 4410),
    new ConnectionError('nonsense', 'no'),
    new IdentityError('server-changed', 'no'),
    new TypeError('a fault'),
  ]
  expect(passing.filter(isFinal)).toEqual([])
  expect(final.filter((failure) => !isFinal(failure))).toEqual([])
})

test('a server that stops says when to come back', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
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
    const lost = stateOf(alice, 'lost')
    vi.advanceTimersByTime(30_000)
    expect(await lost).toMatchObject({ code: 1006 })
    await stateOf(alice, 'resumed')
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
