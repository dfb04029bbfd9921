// A connection that breaks, with a key: what is heard, and what is sent again.

import { beforeEach, expect, test } from 'vitest'
import { backoffMs } from '../../src/client/reconnecting.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connectKeyed, stateOf, statesOf, texts, withoutChance } from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

beforeEach(withoutChance)

test('delays double up to half a minute, by chance, and never below what the server asks', () => {
  const highest = [1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, 0, 1))
  expect(highest).toEqual([500, 1_000, 2_000, 30_000, 30_000])
  expect(backoffMs(7, 0, 0)).toBe(0)
  expect(backoffMs(2, 5_000, 0.5)).toBe(5_500)
})

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

test('a name is looked up again: it may have changed hands meanwhile', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const alice = await connectKeyed(cable.url, 'alice')
  const [bob, eve] = [await connectKeyed(server.url, 'bob'), await connectKeyed(server.url, 'eve')]
  expect((await alice.dm('bob', 'hi')).recipients).toMatchObject([{ id: bob.id }])
  const resumed = stateOf(alice, 'resumed')
  await bob.request('SET_NICK', { nick: 'rob' })
  await eve.request('SET_NICK', { nick: 'bob' })
  cable.cut()
  await resumed
  expect((await alice.dm('bob', 'hi')).recipients).toMatchObject([{ id: eve.id }])
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
  const giveUp = new AbortController()
  const never = alice.dm(bob.id, 'never', { signal: giveUp.signal })
  alice.once('ERROR').then(() => giveUp.abort(new Error('too slow')))
  cable.mend()
  await expect(never).rejects.toThrow('too slow')
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
