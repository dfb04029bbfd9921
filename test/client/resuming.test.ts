// Coming back after a while: everything that was missed, once, in order, and before what is live.

import { beforeEach, expect, test } from 'vitest'
import { type AgentChat, type ConnectOptions, createIdentity } from '../../src/index.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, stateOf, texts, withoutChance } from './kit/agents.ts'
import { cableTo } from './kit/cable.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

beforeEach(withoutChance)

/** Alice, who was there once and is away, and somebody who talks to her meanwhile. */
async function whileAway(server: Awaited<ReturnType<typeof serve>>) {
  const identity = createIdentity('alice')
  const alice = await connect(server.url, { identity })
  await alice.join('#general')
  await alice.close()
  const bob = await connect(server.url, { name: 'bob' })
  await bob.join('#general')
  return {
    bob,
    id: alice.id,
    comeBack: (options: Omit<ConnectOptions, 'server'>, url = server.url) =>
      connect(url, { identity, ...options }),
  }
}

/** Says so many messages, one after the other, to a channel and to an agent in turn. */
async function say(bob: AgentChat, count: number, agent: string): Promise<string[]> {
  const said = Array.from({ length: count }, (_, index) => String(index))
  for (let first = 0; first < count; first += 50) {
    const some = said.slice(first, first + 50)
    await Promise.all(
      some.map((text, index) => bob.send(index % 2 === 0 ? '#general' : agent, text)),
    )
  }
  return said
}

test('without asking, nothing is told again', async () => {
  const server = await serve(hasty)
  const { bob, id, comeBack } = await whileAway(server)
  await bob.dm(id, 'missed')
  const alice = await comeBack({})
  const messages = alice.messages()
  await bob.dm(id, 'live')
  expect(await texts(messages, 1)).toEqual(['live'])
})

test('everything since the cursor is told, over several pages, and then what is live', async () => {
  const server = await serve(hasty)
  const { bob, id, comeBack } = await whileAway(server)
  const missed = await say(bob, 450, id)
  const alice = await comeBack({ resume: true })
  const messages = alice.messages()
  const resumed = stateOf(alice, 'resumed')
  const saying = bob.dm(id, 'live')
  expect(await texts(messages, 451)).toEqual([...missed, 'live'])
  await saying
  expect(await resumed).toMatchObject({ state: 'resumed' })
  const { position } = alice
  await alice.ack(position)
  await alice.close()

  const again = await comeBack({ resume: true })
  expect(again).toMatchObject({ cursor: position, position })
  expect(await stateOf(again, 'resumed')).toEqual({ state: 'resumed', position })
})

test('a position tells where to begin, and one that is yet to come is as good as now', async () => {
  const server = await serve(hasty)
  const { bob, id, comeBack } = await whileAway(server)
  await bob.dm(id, '1')
  const { position } = await bob.dm(id, '2')
  await bob.dm(id, '3')
  const since = async (resume: number) => {
    const alice = await comeBack({ resume })
    const messages = alice.messages()
    await stateOf(alice, 'resumed')
    const { position: sent } = await bob.dm(id, `since ${resume}`)
    const heard: string[] = []
    for await (const { content } of messages) {
      heard.push(content)
      if (content === `since ${resume}`) break
    }
    expect(alice.position).toBe(sent)
    await alice.close()
    return heard
  }
  expect(await since(position)).toEqual(['3', `since ${position}`])
  expect(await since(Number.MAX_SAFE_INTEGER)).toEqual([`since ${Number.MAX_SAFE_INTEGER}`])
  expect((await since(0)).slice(0, 3)).toEqual(['1', '2', '3'])
})

test('a slow reader is not told more than it has room for', async () => {
  const server = await serve(hasty)
  const { bob, id, comeBack } = await whileAway(server)
  const missed = await say(bob, 1_700, id)
  const alice = await comeBack({ resume: true })
  const heard: string[] = []
  for await (const { content } of alice.messages()) {
    if (heard.length === 0) await alice.request('PING', {})
    heard.push(content)
    await new Promise(setImmediate)
    if (heard.length === missed.length) break
  }
  expect(heard).toEqual(missed)
})

test('who answers while reading is not kept waiting for the rest', async () => {
  const server = await serve(hasty)
  const { bob, id, comeBack } = await whileAway(server)
  await say(bob, 1_000, id)
  const alice = await comeBack({ resume: true })
  for await (const { content } of alice.messages()) {
    await alice.dm(bob.id, `to ${content}`)
    if (content === '20') break
  }
})

test('a connection that breaks again and again meanwhile loses nothing, and tells nothing twice', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const { bob, id, comeBack } = await whileAway(server)
  const missed = await say(bob, 900, id)
  const alice = await comeBack({ resume: true }, cable.url)
  const heard: string[] = []
  alice.on('MSG', ({ content }) => {
    heard.push(content)
    if (heard.length % 150 === 0) cable.cut()
  })
  await stateOf(alice, 'resumed')
  expect(heard).toEqual(missed)
  expect(cable.count).toBeGreaterThan(4)
})

test('what is live too early does not count as everything up to there', async () => {
  const live = { type: 'MSG', from: '@a', from_name: 'a', to: '#a', content: 'hi', msg_id: 'm' }
  const server = await hostileServer(
    hospitable(({ ref }, { ws, number, say }) => {
      if (number > 0) return say({ type: 'RESUMED', ref, position: 9, count: 0, more: false })
      say({ ...live, position: 9 })
      ws.terminate()
    }),
  )
  const alice = await connectKeyed(server.url, 'alice', { resume: 5 })
  await stateOf(alice, 'resumed')
  const asked = server.heard.filter(({ type }) => type === 'RESUME')
  expect(asked.map(({ after }) => after)).toEqual([5, 5])
  expect(alice.position).toBe(9)
})

test('haste in asking for pages is made good by waiting', async () => {
  let asked = 0
  const server = await hostileServer(
    hospitable(({ ref, after }, { say }) => {
      asked += 1
      const refusal = { type: 'ERROR', code: 'RATE_LIMITED', message: 'slowly', retry_after_ms: 1 }
      if (asked % 2 === 1) say({ ...refusal, ref })
      else say({ type: 'RESUMED', ref, position: Number(after) + 1, count: 0, more: asked < 6 })
    }),
  )
  const alice = await connectKeyed(server.url, 'alice', { resume: 5 })
  expect(await stateOf(alice, 'resumed')).toEqual({ state: 'resumed', position: 8 })
})

test.each([
  ['goes round in a circle', { type: 'RESUMED', position: 5, count: 0, more: true }],
  ['says no position', { type: 'RESUMED', position: 'here', count: 0, more: false }],
  ['answers something else', { type: 'PONG' }],
])('a server that %s is left', async (_what, answer) => {
  const server = await hostileServer(hospitable(({ ref }, { say }) => say({ ...answer, ref })))
  const alice = await connectKeyed(server.url, 'alice', { resume: 5 })
  expect(await stateOf(alice, 'closed')).toMatchObject({ final: true })
  await expect(alice.request('PING', {})).rejects.toMatchObject({ reason: 'nonsense' })
})

test('what comes during the first break is heard, also by the first agent of a server', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const bob = await connectKeyed(cable.url, 'bob', { resume: true })
  await stateOf(bob, 'resumed')
  const heard = bob.once('MSG')
  cable.unplug()
  const alice = await connectKeyed(server.url, 'alice')
  await alice.dm(bob.id, 'still there?')
  cable.mend()
  expect(await heard).toMatchObject({ content: 'still there?', replay: true })
})
