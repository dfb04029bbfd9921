// A connection that breaks, without a key: on the next one the agent is somebody new.

import { beforeEach, expect, test } from 'vitest'
import { hasty, serve } from '../wire/kit.ts'
import {
  connect,
  connectKeyed,
  nudge,
  stateOf,
  statesOf,
  texts,
  withoutChance,
} from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { hostileServer, welcome } from './kit/hostile.ts'

beforeEach(withoutChance)

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

test.each(['JOINED', 'MSG'] as const)(
  'who closes when it hears %s on its way back in is not connected again',
  async (type) => {
    const server = await serve(hasty)
    const cable = await cableTo(server)
    const bob = await connect(server.url, { name: 'bob' })
    const alice = await connect(cable.url, { name: 'alice' })
    for (const agent of [alice, bob]) await agent.join('#general')
    const states = statesOf(alice)
    alice.on(type, () => void alice.close())
    const [lost, closed] = [stateOf(alice, 'lost'), stateOf(alice, 'closed')]
    cable.unplug()
    await lost
    await bob.send('#general', 'welcome back')
    cable.mend()
    await closed
    await expect(alice.request('PING', {})).rejects.toMatchObject({ reason: 'closed' })
    const names = states.map(({ state }) => state).filter((state) => state !== 'reconnecting')
    expect(names.slice(-2)).toEqual(['lost', 'closed'])
  },
)

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
