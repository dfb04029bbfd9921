// What wakes an agent and what does not, and that what comes together wakes once.

import { expect, onTestFinished, test, vi } from 'vitest'
import { type Batch, concerns, type WakeOn, Wakes, type Work } from '../../src/doors/waking.ts'
import { type AgentChat, createIdentity } from '../../src/index.ts'
import { connect } from '../client/kit/agents.ts'
import { hospitable, hostileServer } from '../client/kit/hostile.ts'
import { hasty, serve } from '../wire/kit.ts'

const me = `@anon-${'0'.repeat(32)}`
const other = '@0123456789abcdef'
const third = '@fedcba9876543210'

function message(position: number, said: object = {}): Work {
  return {
    type: 'MSG',
    ts: 1,
    from: other,
    from_name: 'bob',
    to: '#general',
    content: String(position),
    msg_id: `m${position}`,
    auth: 'anon',
    position,
    ...said,
  }
}

function wakesFor(...on: WakeOn[]) {
  return (piece: Work) => concerns(piece, { id: me, on: new Set(on) })
}

const everything = wakesFor('mention', 'dm', 'question', 'all')

/** A connection to a server that says these frames when it is asked for a PONG. */
async function hearing() {
  const speech: object[] = []
  const server = await hostileServer(
    hospitable(({ ref }, visitor) => {
      for (const frame of speech.splice(0)) visitor.say(frame)
      visitor.say({ type: 'PONG', ref })
    }),
  )
  const chat = await connect(server.url, { name: 'alice', reconnect: false })
  const say = async (...frames: object[]) => {
    speech.push(...frames)
    await chat.request('PING', {})
  }
  return { chat, say }
}

function direct(position: number, said: object = {}): Work {
  return message(position, { to: me, ...said })
}

function placesOf({ items }: Batch): (number | undefined)[] {
  return items.map(({ position }) => position)
}

test.each<[string, Work]>([
  ['its own', message(11, { from: me, wakes: [me] })],
  ['information', message(11, { to: me, wakes: [me], expects: 'none' })],
  [
    'what the server lets it sleep for',
    message(11, { unwoken: [{ agent: me, why: 'WAKE_LIMIT' }] }),
  ],
  ['a notice without a place in the log', message(11, { to: me, position: undefined })],
])('%s wakes nobody', (_name, piece) => {
  expect(everything(piece)).toBe(false)
})

test.each<[string, Work, WakeOn[]]>([
  ['a direct message', direct(11, { wakes: [me] }), ['dm', 'all']],
  ['a direct message of an older server', direct(11), ['dm', 'all']],
  ['a direct message that wakes nobody', direct(11, { wakes: [] }), ['all']],
  ['a mention, or an answer to it', message(11, { wakes: [third, me] }), ['mention', 'all']],
  ['a mention by an older server', message(11, { mentions: [me] }), ['mention', 'all']],
  ['a mention of another', message(11, { mentions: [third], expects: 'reply' }), ['all']],
  ['an answer to another', message(11, { wakes: [third], expects: 'reply' }), ['all']],
  ['a question to everybody', message(11, { expects: 'reply' }), ['question', 'all']],
  ['talk', message(11), ['all']],
  ['what a lying server says', message(11, { wakes: me, mentions: 5, unwoken: 'x' }), ['all']],
])('%s wakes as it was wished', (_name, piece, expected) => {
  const words: WakeOn[] = ['mention', 'dm', 'question', 'all']
  expect(words.filter((word) => wakesFor(word)(piece))).toEqual(expected)
})

test.each<[string, object, boolean]>([
  ['a proposal to it', { type: 'PROPOSAL', from: other, to: me }, true],
  ['its own proposal', { type: 'PROPOSAL', from: me, to: other }, false],
  ['an open offer', { type: 'PROPOSAL', from: other, to: '#jobs' }, false],
  ['a step of the other party', { type: 'ACCEPT', from: me, to: other, by: other }, true],
  ['its own step', { type: 'ACCEPT', from: other, to: me, by: me }, false],
  ['time', { type: 'TIME_UP', from: other, to: me }, true],
])('of proposals: %s', (_name, said, expected) => {
  const news = { ts: 1, position: 11, proposal_id: 'f00d', ...said } as Work // what decides is there
  expect(wakesFor('dm')(news)).toBe(expected)
  expect(wakesFor('all')(news)).toBe(expected)
  expect(wakesFor('mention', 'question')(news)).toBe(false)
})

test('nothing in time is an empty batch, and no error', async () => {
  const { chat } = await hearing()
  expect((await new Wakes(chat, ['dm']).next({ timeoutMs: 1 })).items).toEqual([])
})

test('a wait ends by its signal, and with the connection', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  const controller = new AbortController()
  const stopped = expect(wakes.next({ signal: controller.signal })).rejects.toThrow('enough')
  controller.abort(new Error('enough'))
  await stopped
  await say(direct(11))
  await chat.close()
  expect(placesOf(await wakes.next())).toEqual([11])
  await expect(wakes.next()).rejects.toMatchObject({ reason: 'closed' })
  await expect(new Wakes(chat, ['dm']).next()).rejects.toMatchObject({ reason: 'closed' })
})

test('a wait ends when nobody listens any more', async () => {
  const { chat } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  const waiting = expect(wakes.next()).rejects.toThrow('Nobody listens')
  wakes.close()
  await waiting
})

test('what comes together is one batch, without what does not concern it', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['mention', 'dm'])
  const batch = wakes.next()
  await say(direct(11), message(12), message(13, { wakes: [me] }))
  await say(direct(14, { expects: 'none' }), direct(15))
  expect(placesOf(await batch)).toEqual([11, 13, 15])
})

test('what never pauses is handed out after a second all the same', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  let isOver = false
  const batch = wakes.next().finally(() => {
    isOver = true
  })
  for (let position = 11; position < 21; position++) {
    await say(direct(position))
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(placesOf(await batch)).toHaveLength(10)
})

test('what comes between two waits is in the second', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  const wait = async () => (await wakes.next()).items
  const first = wait()
  await say(direct(11))
  expect(await first).toMatchObject([{ position: 11 }])
  await say(direct(12))
  expect(await wait()).toMatchObject([{ position: 12 }])
})

test('of more than a thousand the earliest are handed out, and the others counted', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  await say(...Array.from({ length: 1_003 }, (_, index) => direct(11 + index)))
  const full = await wakes.next()
  expect([full.items.length, full.items.at(-1)?.position, full.left]).toEqual([1_000, 1_010, 3])
  await say(direct(2_000))
  expect(await wakes.next()).toMatchObject({ items: [{ position: 2_000 }], left: 0 })
})

test('texts that wait take bounded room', async () => {
  const { chat, say } = await hearing()
  const wakes = new Wakes(chat, ['dm'])
  const content = 'x'.repeat(200_000)
  await say(...Array.from({ length: 25 }, (_, index) => direct(11 + index, { content })))
  const full = await wakes.next()
  expect([full.items.length, full.left]).toEqual([20, 5])
})

/** Bob says this to alice while she is away. */
async function whileAway(say: (bob: AgentChat, alice: string) => Promise<unknown>) {
  const server = await serve(hasty)
  const identity = createIdentity('alice')
  const before = await connect(server.url, { identity })
  await before.close()
  const bob = await connect(server.url, { name: 'bob' })
  await say(bob, before.id)
  return { bob, comeBack: () => connect(server.url, { identity, resume: true }) }
}

test('what was unread before is in the first batch, also what takes several pages', async () => {
  const count = 250
  const { bob, comeBack } = await whileAway(async (bob, alice) => {
    for (let index = 0; index < count; index++) await bob.dm(alice, `${index}`)
  })
  const alice = await comeBack()
  const wakes = new Wakes(alice, ['dm'])
  await bob.dm(alice.id, 'live')
  const heard: Work[] = []
  while (heard.length <= count) heard.push(...(await wakes.next()).items)
  const texts = heard.map((piece) => (piece.type === 'MSG' ? piece.content : ''))
  expect(texts).toEqual([...Array.from({ length: count }, (_, index) => `${index}`), 'live'])
})

test('what the cursor has passed wakes no more', async () => {
  const { bob, comeBack } = await whileAway((bob, alice) => bob.dm(alice, 'one'))
  const alice = await comeBack()
  const wakes = new Wakes(alice, ['dm'])
  const heard = alice.once('MSG', { where: ({ content }) => content === 'two' })
  await bob.dm(alice.id, 'two')
  await alice.ack((await heard).position ?? 0)
  await bob.dm(alice.id, 'three')
  expect((await wakes.next()).items).toMatchObject([{ content: 'three' }])
})
