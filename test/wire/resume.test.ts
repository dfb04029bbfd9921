// Taking up where one left off: what was missed comes in pages, before anything live, once and in order.

import { describe, expect, onTestFinished, test } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { anon, type Frame, hasty, keyed, makeKeys, type Peer, type Served, serve } from './kit.ts'

const bob = makeKeys()
const missed = 10_000

async function serveOn(durability: string): Promise<Served> {
  if (durability === 'memory') return serve(hasty)
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  return serve({ ...hasty, durability, data })
}

/** Says so much, one direct message in ten. @returns the position of each */
async function says(talker: Peer, to: string, count: number): Promise<number[]> {
  const sent: Promise<Frame>[] = []
  for (let at = 0; at < count; at++) {
    const target = at % 10 === 9 ? to : '#general'
    sent.push(talker.ask({ type: 'MSG', to: target, content: `word ${at}` }))
  }
  return (await Promise.all(sent)).map(({ position }) => Number(position))
}

const positionsOf = (frames: readonly Frame[]) =>
  frames.filter(({ type }) => type === 'MSG').map(({ position }) => Number(position))

describe.each(['memory', 'normal'])('with --durability %s', (durability) => {
  test(`${missed} missed messages, then the live ones, each once and in order`, async () => {
    const server = await serveOn(durability)
    const talker = await anon(server, 'alice')
    await talker.ask({ type: 'JOIN', channel: '#general' })
    const before = await keyed(server, 'bob', bob)
    await before.ask({ type: 'JOIN', channel: '#general' })
    await before.leave()
    const said = await says(talker, before.id, missed)

    const back = await keyed(server, 'bob', bob, { resume: true })
    expect(back.welcome).toMatchObject({ channels: ['#general'], cursor: expect.any(Number) })
    const live: Promise<number[]>[] = []
    let after = Number(back.welcome.cursor)
    for (let more = true; more; ) {
      live.push(says(talker, before.id, 10))
      const page = await back.ask({ type: 'RESUME', after })
      expect(page.count).toBeLessThanOrEqual(200)
      expect(Number(page.position)).toBeGreaterThan(after)
      after = Number(page.position)
      more = page.more === true
    }
    live.push(says(talker, before.id, 10))
    const all = [...said, ...(await Promise.all(live)).flat()]
    const heard = await back.settled()
    expect(positionsOf(heard)).toEqual(all)
    const replayed = heard.filter(({ replay }) => replay === true)
    expect(replayed.length).toBeGreaterThanOrEqual(missed)
    expect(positionsOf(replayed)).toEqual(all.slice(0, replayed.length))
  })
})

test('a page is bounded in bytes, and one message is always in it', async () => {
  const server = await serve(hasty)
  const talker = await anon(server, 'alice')
  const before = await keyed(server, 'bob', bob)
  await before.leave()
  for (let at = 0; at < 5; at++) {
    await talker.ask({
      type: 'MSG',
      to: before.id,
      content: 'x'.repeat(at === 4 ? 199_000 : 99_000),
    })
  }
  const back = await keyed(server, 'bob', bob, { resume: true })
  const counts: unknown[] = []
  for (let after = 0; ; ) {
    const page = await back.ask({ type: 'RESUME', after })
    counts.push(page.count)
    after = Number(page.position)
    if (page.more !== true) break
  }
  expect(counts).toEqual([2, 2, 1])
})

describe('direct messages for an agent with a key that is away', () => {
  test('wait, until its cursor has passed them', async () => {
    const server = await serve()
    const talker = await anon(server, 'alice')
    const before = await keyed(server, 'bob', bob)
    await before.leave()
    const sent = await talker.ask({ type: 'MSG', to: '@bob', content: 'are you there?' })
    expect(sent).toMatchObject({ recipients: [{ id: before.id, presence: 'offline' }] })
    await talker.ask({ type: 'MSG', to: before.id, content: 'well then' })

    const back = await keyed(server, 'bob', bob)
    expect(await back.settled('MSG')).toEqual([])
    for (const _again of [1, 2]) {
      expect(await back.ask({ type: 'RESUME' })).toMatchObject({ count: 2, more: false })
      expect((await back.settled('MSG')).map(({ content }) => content)).toEqual([
        'are you there?',
        'well then',
      ])
    }
    await back.ask({ type: 'ACK', position: sent.position })
    expect(await back.ask({ type: 'RESUME' })).toMatchObject({ count: 1 })
    await back.ask({ type: 'ACK', position: Number(sent.position) - 1 })
    expect(await back.ask({ type: 'RESUME' })).toMatchObject({ count: 1 })
    await back.leave()
    const third = await keyed(server, 'bob', bob)
    expect(third.welcome).toMatchObject({ cursor: sent.position })
  })

  test('are refused where the agent has no key, for it will never be back', async () => {
    const server = await serve()
    const talker = await anon(server, 'alice')
    const guest = await anon(server, 'guest')
    await guest.leave()
    expect(await talker.ask({ type: 'MSG', to: guest.id, content: 'x' })).toMatchObject({
      code: 'AGENT_NOT_FOUND',
    })
  })

  test('are not for an agent without a key to move a cursor over', async () => {
    const guest = await anon(await serve(), 'guest')
    expect(await guest.ask({ type: 'ACK', position: 0 })).toMatchObject({
      code: 'SIGNATURE_REQUIRED',
    })
  })

  test('have a cursor that cannot be moved into the future', async () => {
    const agent = await keyed(await serve(), 'bob', bob)
    expect(await agent.ask({ type: 'ACK', position: 1_000 })).toMatchObject({ code: 'INVALID_MSG' })
  })
})

test('while messages are held back everything else is told', async () => {
  const server = await serve(hasty)
  const talker = await anon(server, 'alice')
  const back = await keyed(server, 'bob', bob, { resume: true })
  for (const peer of [talker, back]) await peer.ask({ type: 'JOIN', channel: '#general' })
  const { position } = await talker.ask({ type: 'MSG', to: '#general', content: 'x' })
  await talker.ask({ type: 'SET_PRESENCE', status: 'busy' })
  expect((await back.settled()).map(({ type }) => type)).toEqual(['PRESENCE_CHANGED'])
  expect(await back.ask({ type: 'RESUME' })).toMatchObject({ count: 1, position, more: false })
  expect((await back.settled('MSG')).map((frame) => frame.position)).toEqual([position])
})

describe('after a JOIN', () => {
  test.each([
    ['the newest fifty', {}, 50],
    ['as many as are asked for', { replay: 7 }, 7],
    ['none when none are asked for', { replay: 0 }, 0],
    ['all there are', { replay: 200 }, 60],
  ])('%s come again, marked, in order, behind JOINED', async (_what, more, count) => {
    const server = await serve(hasty)
    const talker = await anon(server, 'alice')
    await talker.ask({ type: 'JOIN', channel: '#general' })
    for (let at = 0; at < 60; at++) talker.send({ type: 'MSG', to: '#general', content: `${at}` })
    await talker.settled()
    const peer = await anon(server, 'bob')
    peer.send({ type: 'JOIN', channel: '#general', ...more })
    talker.send({ type: 'MSG', to: '#general', content: 'live' })
    await peer.next(({ content }) => content === 'live')
    const [first, ...replayed] = await peer.settled()
    expect(first?.type).toBe('JOINED')
    expect(replayed.map(({ content }) => content)).toEqual(
      Array.from({ length: count }, (_, at) => `${60 - count + at}`),
    )
    expect(replayed.every(({ replay }) => replay === true)).toBe(true)
  })
})
