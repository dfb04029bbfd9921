// News of deals, heard once and in order by agents that come and go; and steps whose connection breaks.

import { beforeEach, expect, test, vi } from 'vitest'
import { type AgentChat, type ConnectOptions, createIdentity, type Frame } from '../../src/index.ts'
import { keptTypes } from '../../src/protocol/kept.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, stateOf, withoutChance } from './kit/agents.ts'
import { type Cable, cableTo } from './kit/cable.ts'
import { chainFrame, type Deal, mallory, proposed } from './kit/deals.ts'
import { hospitable, hostileServer, serverKeys } from './kit/hostile.ts'

beforeEach(withoutChance)

const task = 'translate the page'

/** All kept events from now on. */
function keptOf(chat: AgentChat): Frame[] {
  const heard: Frame[] = []
  for (const type of keptTypes) chat.on(type, (frame) => heard.push({ ...frame }))
  return heard
}

test('news that is malformed, old or told twice is no news', async () => {
  const step = { from: '@a', proposal_id: 'p', status: 'pending' }
  const wrong = [
    {},
    { ...step, position: undefined },
    { ...step, position: '11' },
    { ...step, position: -1 },
    { ...step, position: 2 ** 60 },
    { ...step, position: 11, proposal_id: 7 },
    { ...step, position: 11, from: undefined },
    { ...step, position: 11, replay: 'yes' },
  ]
  const fine = [
    { ...step, type: 'REJECT', position: 12 },
    { ...step, type: 'REJECT', position: 12 },
    { ...step, type: 'ACCEPT', position: 12 },
    { ...step, type: 'ACCEPT', position: 11 },
    { ...step, type: 'MSG', from_name: 'a', to: '#a', content: 'old', msg_id: 'm', position: 11 },
    { ...step, type: 'TIME_UP', position: 15 },
    { ...step, type: 'ACCEPT', position: 14, replay: true },
    { ...step, type: 'ACCEPT', position: 14, replay: true },
    { ...step, type: 'OFFER_CLOSED', position: 12 },
  ]
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => {
      for (const type of keptTypes) for (const fields of wrong) say({ ...fields, type })
      for (const frame of fine) say(frame)
      say({ type: 'PONG', ref })
    }),
  )
  const alice = await connectKeyed(server.url, 'alice')
  const heard = keptOf(alice)
  const closed = alice.once('OFFER_CLOSED')
  await alice.request('PING', {})
  expect(heard.map(({ type, position }) => [type, position])).toEqual([
    ['REJECT', 12],
    ['TIME_UP', 15],
    ['ACCEPT', 14],
  ])
  expect(alice.position).toBe(15)
  await closed
})

test('a proposal that is not what was signed under its id is not heard', async () => {
  const { chain } = proposed()
  const [proposal = {}] = chain
  const lies = [
    { task: 'translate all' },
    { amount: '0.5' },
    { from: '@0123456789abcdef' },
    { sig: 'x' },
  ]
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => {
      for (const [index, lie] of lies.entries()) say({ ...proposal, ...lie, position: 11 + index })
      say({ ...proposal, position: 20 })
      say({ ...proposal, position: 30, replay: true })
      say({ type: 'PONG', ref })
    }),
  )
  const bob = await connectKeyed(server.url, 'bob')
  const heard = keptOf(bob)
  await bob.request('PING', {})
  expect(heard.map(({ task, position }) => [task, position])).toEqual([
    ['translate', 20],
    ['translate', 30],
  ])
})

test('a proposal that was signed for another server of that name is not heard', async () => {
  const [here] = proposed({ task: 'here' }).chain
  const [elsewhere] = proposed({ task: 'elsewhere' }, { serverKey: mallory.text }).chain
  const moved = { ...elsewhere, server_key: serverKeys.text }
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => {
      for (const [index, told] of [elsewhere, moved, here].entries()) {
        say({ ...told, position: 11 + index })
        say({ ...told, position: 21 + index, replay: true })
      }
      say({ type: 'PONG', ref })
    }),
  )
  const bob = await connectKeyed(server.url, 'bob')
  const heard = keptOf(bob)
  await bob.request('PING', {})
  expect(heard.map(({ task, position }) => [task, position])).toEqual([
    ['here', 13],
    ['here', 23],
  ])
})

test('messages are messages alone', async () => {
  const { buyer, maker } = await parties()
  const messages = maker.messages()
  const heard = maker.once('PROPOSAL')
  await buyer.proposals.propose('@bob', { task })
  await heard
  await buyer.dm('@bob', 'hello')
  expect((await messages.next()).value).toMatchObject({ type: 'MSG', content: 'hello' })
})

test('both hear each step as it is taken, and the position moves with it', async () => {
  const { buyer, maker } = await parties()
  const [toBuyer, toMaker] = [keptOf(buyer), keptOf(maker)]
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  await maker.proposals.accept(id)
  await maker.proposals.complete(id)
  const { position } = await buyer.proposals.confirm(id)
  await maker.request('PING', {})
  const types = ['PROPOSAL', 'ACCEPT', 'COMPLETE', 'CONFIRM']
  expect(toBuyer.map(({ type }) => type)).toEqual(types)
  expect(toMaker).toEqual(toBuyer)
  expect([buyer.position, maker.position]).toEqual([position, position])
})

test('a deal is made by two that are never there at the same time', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [createIdentity('alice'), createIdentity('bob')]
  const heard: string[][] = []
  /** Comes, hears what was missed, does its part, and goes. */
  const visit = async (
    identity: ConnectOptions['identity'],
    act: (chat: AgentChat) => Promise<unknown>,
  ) => {
    const chat = await connect(server.url, { identity, resume: true })
    const news = keptOf(chat)
    await stateOf(chat, 'resumed')
    heard.push(news.map(({ type, replay }) => (replay ? String(type) : `live ${type}`)))
    await chat.ack(chat.position)
    const done = await act(chat)
    await chat.close()
    return done
  }
  let id = ''
  await visit(bob, async () => {})
  await visit(alice, async ({ proposals }) => {
    id = (await proposals.propose('@bob', { task })).proposal_id
  })
  await visit(bob, ({ proposals }) => proposals.accept(id))
  await visit(alice, async () => {})
  await visit(bob, ({ proposals }) => proposals.complete(id))
  await visit(alice, ({ proposals }) => proposals.confirm(id))
  await visit(bob, async ({ proposals }) => expect(await proposals.receipt(id)).toContain(id))
  expect(heard).toEqual([
    [],
    [],
    ['PROPOSAL'],
    ['PROPOSAL', 'ACCEPT'],
    ['ACCEPT'],
    ['COMPLETE'],
    ['COMPLETE', 'CONFIRM'],
  ])
})

test('what happens while a connection is lost is heard afterwards, once and in its place', async () => {
  const { buyer, maker, cable } = await parties()
  const heard = keptOf(maker)
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  await maker.proposals.accept(id)
  await vi.waitFor(() => expect(heard).toHaveLength(2))
  const lost = stateOf(maker, 'lost')
  cable.unplug()
  await lost
  await buyer.dm(maker.id, 'are you there?')
  await buyer.proposals.complete(id)
  const resumed = stateOf(maker, 'resumed')
  cable.mend()
  await resumed
  await maker.proposals.dispute(id, { reason: 'not yet' })
  await maker.request('PING', {})
  const types = heard.map(({ type }) => type)
  expect(types).toEqual(['PROPOSAL', 'ACCEPT', 'MSG', 'COMPLETE', 'DISPUTE'])
  expect(heard.map(({ replay = false }) => replay)).toEqual([false, false, true, true, false])
  expect(maker.position).toBe(heard.at(-1)?.position)
})

test('a step whose answer got lost is sent again, and taken once', async () => {
  const { buyer, maker, cable } = await parties()
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  const heard = keptOf(buyer)
  const muffled = muffledAfterReading(maker, cable)
  const accepted = maker.proposals.accept(id)
  await muffled
  cable.cut()
  expect(await accepted).toMatchObject({ status: 'accepted', repeat: true })
  await buyer.request('PING', {})
  expect(heard.map(({ type }) => type)).toEqual(['ACCEPT'])
  expect((await buyer.proposals.get(id)).steps).toHaveLength(1)
})

test('a proposal whose answer got lost is made once', async () => {
  const { buyer, maker, cable } = await parties()
  const muffled = cable.muffle()
  const made = maker.proposals.propose(buyer.id, { task })
  await muffled
  cable.cut()
  expect(await made).toMatchObject({ status: 'pending', repeat: true })
  expect((await buyer.proposals.list()).total).toBe(1)
})

test('the same bytes are sent again, and not for ever', async () => {
  let deal: Deal | undefined
  const server = await hostileServer(
    hospitable(({ type, ref }, { ws, say }) => {
      if (type === 'RESUME') say({ type: 'RESUMED', ref, position: 10, count: 0, more: false })
      else if (type === 'GET_PROPOSAL' && deal) say(chainFrame(deal, ref))
      else ws.terminate()
    }),
  )
  const bob = await connectKeyed(server.url, 'bob')
  deal = proposed({ to: bob.id })
  await expect(bob.proposals.accept(deal.id)).rejects.toMatchObject({ reason: 'lost' })
  const sent = server.heard.filter(({ type }) => type === 'ACCEPT')
  expect(sent).toHaveLength(5)
  expect(new Set(sent.map((frame) => JSON.stringify(frame))).size).toBe(1)
})

test('a connection that is not made again ends the waiting', async () => {
  const server = await hostileServer(hospitable((_frame, { ws }) => ws.terminate()))
  const bob = await connectKeyed(server.url, 'bob', { reconnect: false })
  await expect(bob.proposals.get('p')).rejects.toMatchObject({ reason: 'lost' })
  await expect(bob.proposals.get('p')).rejects.toMatchObject({ reason: 'lost' })
  expect(server.heard.filter(({ type }) => type === 'GET_PROPOSAL')).toHaveLength(1)
})

test('a wait for a step ends by its time and by its signal', async () => {
  const server = await hostileServer(hospitable())
  const bob = await connectKeyed(server.url, 'bob')
  const soon = bob.proposals.accept('p', { timeoutMs: 20 })
  await expect(soon).rejects.toMatchObject({ reason: 'timeout' })
  const signal = AbortSignal.timeout(1)
  const given = bob.proposals.accept('p', { signal, timeoutMs: 60_000 })
  await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a step that was taken before a crash is not taken again', async () => {
  const { server, buyer } = await parties()
  const identity = createIdentity('carol')
  const before = await connect(server.url, { identity })
  const { proposal_id: id } = await buyer.proposals.propose(before.id, { task })
  await before.proposals.accept(id)
  await before.close()
  const { proposals } = await connect(server.url, { identity })
  expect(await proposals.accept(id)).toMatchObject({ status: 'accepted', repeat: true })
  expect((await proposals.get(id)).steps).toHaveLength(1)
})

/** Alice, and bob at the end of a cable. */
async function parties() {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  const buyer = await connectKeyed(server.url, 'alice')
  const maker = await connectKeyed(cable.url, 'bob')
  return { server, buyer, maker, cable }
}

/** What the server says after a proposal was read is lost; resolves when something was. */
function muffledAfterReading({ proposals }: AgentChat, cable: Cable): Promise<void> {
  const get = proposals.get.bind(proposals)
  return new Promise((resolve) => {
    vi.spyOn(proposals, 'get').mockImplementationOnce(async (...asked) => {
      const read = await get(...asked)
      void cable.muffle().then(resolve)
      return read
    })
  })
}
