// Reading back: who may read what, and in which pages.

import { describe, expect, test } from 'vitest'
import { anon, type Frame, hasty, keyed, makeKeys, type Peer, serve, signedMessage } from './kit.ts'

const messagesOf = (page: Frame) => page.messages as Frame[]
const contents = (page: Frame) => messagesOf(page).map(({ content }) => content)

describe('refused', () => {
  test('the history of a channel to who is not, or no longer, a member', async () => {
    const server = await serve()
    const peer = await anon(server, 'alice')
    const ask = { type: 'HISTORY', target: '#general' }
    expect(await peer.ask(ask)).toMatchObject({ code: 'NOT_INVITED' })
    await peer.ask({ type: 'JOIN', channel: '#general' })
    expect(await peer.ask(ask)).toMatchObject({ type: 'HISTORY_PAGE' })
    await peer.ask({ type: 'LEAVE', channel: '#general' })
    expect(await peer.ask(ask)).toMatchObject({ code: 'NOT_INVITED' })
    expect(await peer.ask({ type: 'RESUME', after: 0 })).toMatchObject({ count: 0 })
  })

  test('the history of a private channel to a stranger, by any way', async () => {
    const server = await serve()
    const owner = await anon(server, 'alice')
    await owner.ask({ type: 'CREATE_CHANNEL', channel: '#work', invite_only: true })
    await owner.ask({ type: 'MSG', to: '#work', content: 'the plan' })
    const stranger = await anon(server, 'eve')
    const ways = [
      { type: 'HISTORY', target: '#work' },
      { type: 'HISTORY', target: '#WORK', after: 0 },
      { type: 'JOIN', channel: '#work', replay: 50 },
      { type: 'LIST_AGENTS', channel: '#work' },
      { type: 'MSG', to: '#work', content: 'x', in_reply_to: 'm3' },
      { type: 'TYPING', channel: '#work' },
      { type: 'RESPONDING_TO', channel: '#work', msg_id: 'm3' },
    ]
    for (const way of ways) expect((await stranger.ask(way)).type).toBe('ERROR')
    await stranger.ask({ type: 'RESUME', after: 0 })
    await stranger.ask({ type: 'LIST_CHANNELS' })
    expect(await stranger.settled()).toEqual([])
    expect(await owner.settled('AGENT_JOINED')).toEqual([])
  })

  test('direct messages of two to a third', async () => {
    const server = await serve()
    const [alice, bob, eve] = [
      await anon(server, 'alice'),
      await anon(server, 'bob'),
      await anon(server, 'eve'),
    ]
    await alice.ask({ type: 'MSG', to: bob.id, content: 'secret' })
    for (const target of [alice.id, bob.id]) {
      expect(contents(await eve.ask({ type: 'HISTORY', target }))).toEqual([])
    }
    expect(await eve.ask({ type: 'RESUME', after: 0 })).toMatchObject({ count: 0 })
    expect(await eve.settled()).toEqual([])
    for (const [peer, target] of [
      [alice, bob.id],
      [bob, alice.id],
    ] as const) {
      expect(contents(await peer.ask({ type: 'HISTORY', target }))).toEqual(['secret'])
    }
  })

  test.each([0, 201, 1.5, -1])('a page of %d', async (limit) => {
    const peer = await anon(await serve(), 'alice')
    await peer.ask({ type: 'JOIN', channel: '#general' })
    expect(await peer.ask({ type: 'HISTORY', target: '#general', limit })).toMatchObject({
      code: 'INVALID_MSG',
    })
  })
})

async function talk(count: number): Promise<Peer> {
  const peer = await anon(await serve(hasty), 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  for (let at = 0; at < count; at++) {
    peer.send({ type: 'MSG', to: '#general', content: `${at}` })
    if (at % 3 === 0) peer.send({ type: 'MSG', to: peer.id, content: 'to myself' })
  }
  await peer.settled()
  return peer
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`)

test('forwards from a place, page by page, nothing twice and nothing left out', async () => {
  const peer = await talk(450)
  const read: unknown[] = []
  for (let after: unknown = 0; after !== null; ) {
    const page = await peer.ask({ type: 'HISTORY', target: '#General', after })
    expect(messagesOf(page).length).toBeLessThanOrEqual(200)
    read.push(...contents(page))
    after = page.next
  }
  expect(read).toEqual(numbers(0, 450))
})

test('backwards from the newest, each page in rising order', async () => {
  const peer = await talk(25)
  const read: unknown[] = []
  let before: unknown
  do {
    const page = await peer.ask({ type: 'HISTORY', target: '#general', before, limit: 10 })
    read.unshift(...contents(page))
    before = page.next
  } while (before !== null)
  expect(read).toEqual(numbers(0, 25))
})

test('between two places', async () => {
  const peer = await talk(20)
  const all = messagesOf(await peer.ask({ type: 'HISTORY', target: '#general' }))
  const [after, before] = [all[4]?.position, all[9]?.position]
  const page = await peer.ask({ type: 'HISTORY', target: '#general', after, before })
  expect(contents(page)).toEqual(numbers(5, 9))
})

test('a page is bounded in bytes', async () => {
  const peer = await anon(await serve(hasty), 'alice')
  await peer.ask({ type: 'JOIN', channel: '#general' })
  for (let at = 0; at < 4; at++) {
    await peer.ask({ type: 'MSG', to: '#general', content: 'x'.repeat(99_000) })
  }
  const page = await peer.ask({ type: 'HISTORY', target: '#general', after: 0 })
  expect(messagesOf(page)).toHaveLength(2)
  expect(page.next).toBe(messagesOf(page)[1]?.position)
})

test('what comes back is what was told, signature and all, and prev leads from one to the next', async () => {
  const server = await serve()
  const keys = makeKeys()
  const peer = await keyed(server, 'alice', keys)
  await peer.ask({ type: 'JOIN', channel: '#general' })
  for (const content of ['one', 'two "quoted"\n', 'three']) {
    await peer.ask(signedMessage(keys, { to: '#general', content }))
  }
  const told = await peer.settled('MSG')
  const page = await peer.ask({ type: 'HISTORY', target: '#general' })
  expect(messagesOf(page)).toEqual(told)
  expect(told.map(({ prev }) => prev)).toEqual([undefined, told[0]?.position, told[1]?.position])
})

test('who has said nothing to each other has an empty history', async () => {
  const server = await serve()
  const [alice, bob] = [await anon(server, 'alice'), await anon(server, 'bob')]
  expect(await alice.ask({ type: 'HISTORY', target: bob.id })).toMatchObject({
    messages: [],
    next: null,
  })
})
