// What hooks are told, in which order, how often, and what becomes of what they cannot be told.

import { expect, test } from 'vitest'
import { backoffMs } from '../../src/server/hooks/deliver.ts'
import { hurry, Receiver, Scene, webhook } from './kit.ts'

const accepted = { status: 'accepted', from: '@a', to: '@b' }

test('each event is told once, in order, with its proposal, and all else is nobody’s', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  await scene.start([webhook(receiver.url)])
  const told: [string, string, object][] = [
    ['PROPOSAL', 'one', { task: 'dig', amount: '5' }],
    ['PROPOSAL', 'two', { task: 'sing' }],
    ['ACCEPT', 'one', { ...accepted, awaiting: 'escrow', until: 1_795_518_200_000 }],
    ['FUNDED', 'one', accepted],
    ['COMPLETE', 'one', { ...accepted, awaiting: 'confirmation', until: 1_795_518_300_000 }],
    ['CONFIRM', 'one', { status: 'completed' }],
    ['REJECT', 'two', { status: 'rejected' }],
    ['PROPOSAL', 'three', {}],
    ['WITHDRAW', 'three', { status: 'withdrawn' }],
    ['PROPOSAL', 'four', {}],
    ['ACCEPT', 'four', accepted],
    ['DISPUTE', 'four', { status: 'disputed' }],
    ['SETTLE', 'four', { status: 'disputed' }],
    ['SETTLE', 'four', { status: 'settled' }],
    ['PROPOSAL', 'five', {}],
    ['TIME_UP', 'five', { status: 'expired', was: 'pending' }],
    ['COMPLETE', 'six', { status: 'completed' }],
  ]
  const positions = told.map(([type, id, more]) => scene.tell(type, id, more))
  const calls = await receiver.had(11)
  await scene.reached('books', positions.at(-1) ?? 0)
  expect(calls.map(({ type, data }) => `${type} ${data.proposal.proposal_id}`)).toEqual([
    'proposal.created one',
    'proposal.created two',
    'proposal.accepted one',
    'proposal.completed one',
    'proposal.created three',
    'proposal.created four',
    'proposal.accepted four',
    'proposal.disputed four',
    'proposal.settled four',
    'proposal.created five',
    'proposal.expired five',
  ])
  expect(receiver.faults).toEqual([])
  expect(calls[2]).toMatchObject({
    id: `books.${positions[2]}`,
    timestamp: '2026-11-24T11:02:42.123Z',
    data: {
      server: 'chat.example',
      proposal: { type: 'PROPOSAL', task: 'dig', amount: '5', position: positions[0] },
      step: { type: 'ACCEPT', awaiting: 'escrow', position: positions[2] },
      held_until: 1_795_518_200_000,
    },
  })
  expect(calls.filter(({ data }) => 'held_until' in data)).toHaveLength(1)
  expect(calls[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^agentchat\/\d/),
  })
  // The chain of the last does not begin with its PROPOSAL, so there is nothing to tell it by.
  const [letter] = scene.states.read('books')?.dead ?? []
  expect(letter).toMatchObject({
    proposal_id: 'six',
    attempts: 0,
    reason: expect.stringMatching(/kept no longer/),
  })
})

test('a hook hears only of what it is attached to, and of nothing that was before it', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  scene.tell('PROPOSAL', 'old')
  const before = scene.tell('ACCEPT', 'old', accepted)
  await scene.start([webhook(receiver.url, { on: ['accepted'] })])
  expect(scene.states.read('books')).toEqual({ position: before, dead: [] })
  scene.tell('PROPOSAL', 'new')
  scene.tell('ACCEPT', 'new', accepted)
  const calls = await receiver.had(1)
  expect(calls[0]).toMatchObject({
    type: 'proposal.accepted',
    data: { step: { proposal_id: 'new' } },
  })
})

test('what fails is tried again under the same id, until it is taken', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = [503, 'drop', 408, 425, 429]
  const patience = hurry()
  scene.patience = patience
  await scene.start([webhook(receiver.url)])
  const first = scene.tell('PROPOSAL', 'one')
  const second = scene.tell('PROPOSAL', 'two')
  const calls = await receiver.had(7)
  expect(calls.map(({ id }) => id)).toEqual([
    ...Array<string>(6).fill(`books.${first}`),
    `books.${second}`,
  ])
  expect(patience.pauses).toEqual(backoffMs)
  expect(receiver.faults).toEqual([])
  expect((await scene.reported('hook-failed', 5)).map(({ reason }) => reason)).toEqual([
    'HTTP 503',
    'UND_ERR_SOCKET',
    'HTTP 408',
    'HTTP 425',
    'HTTP 429',
  ])
  expect(await scene.reported('hook-called', 2)).toMatchObject([{ attempt: 6 }, { attempt: 1 }])
  expect(scene.states.read('books')?.dead).toEqual([])
})

test('after the last attempt there is a dead letter, and the next is told', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = Array<number>(6).fill(500)
  await scene.start([webhook(receiver.url)])
  const first = scene.tell('PROPOSAL', 'one')
  const second = scene.tell('PROPOSAL', 'two')
  const calls = await receiver.had(7)
  expect(calls.at(-1)?.id).toBe(`books.${second}`)
  await scene.reached('books', second)
  expect(scene.states.read('books')?.dead).toEqual([
    {
      id: `books.${first}`,
      position: first,
      proposal_id: 'one',
      event: 'created',
      attempts: 6,
      at: expect.any(Number),
      reason: 'HTTP 500',
    },
  ])
  expect(await scene.reported('hook-dead')).toMatchObject([{ hook: 'books', attempts: 6 }])
})

test.each([400, 401, 404, 410, 301, 307])(
  '%i is a dead letter at once, and nowhere else is called',
  async (status) => {
    const [scene, receiver, other] = [
      await Scene.open(),
      await Receiver.open(),
      await Receiver.open(),
    ]
    receiver.answers = [{ status, headers: { location: other.url } }]
    await scene.start([webhook(receiver.url)])
    scene.tell('PROPOSAL', 'one')
    await scene.reached('books', scene.tell('PROPOSAL', 'two'))
    expect(receiver.calls).toHaveLength(2)
    expect(other.calls).toHaveLength(0)
    expect(scene.states.read('books')?.dead).toMatchObject([
      { attempts: 1, reason: `HTTP ${status}` },
    ])
  },
)

test.each([
  ['20', 429, 20_000],
  ['7200', 503, 600_000],
  ['0', 503, 1_000],
  ['soon', 503, 1_000],
  ['20', 500, 1_000],
])('Retry-After: %s with %i makes a pause of %i ms', async (after, status, pauseMs) => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = [{ status, headers: { 'retry-after': after } }]
  const patience = hurry()
  scene.patience = patience
  await scene.start([webhook(receiver.url)])
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  expect(patience.pauses).toEqual([pauseMs])
})

test('pauses are a little longer than they say, by chance', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = [500, 500]
  const patience = { ...hurry(), random: () => 0.5 }
  scene.patience = patience
  await scene.start([webhook(receiver.url)])
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  expect(patience.pauses).toEqual([1_050, 5_250])
})

test('Retry-After may be a date', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  const date = new Date(Date.now() + 90_000).toUTCString()
  receiver.answers = [{ status: 503, headers: { 'retry-after': date } }]
  const patience = hurry()
  scene.patience = patience
  await scene.start([webhook(receiver.url)])
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  expect(patience.pauses[0]).toBeGreaterThan(60_000)
  expect(patience.pauses[0]).toBeLessThanOrEqual(90_000)
})

test('an attempt ends when it takes too long', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = ['hang']
  scene.limitMs = 50
  await scene.start([webhook(receiver.url)])
  scene.tell('PROPOSAL', 'one')
  await receiver.had(2)
  expect(await scene.reported('hook-failed')).toMatchObject([{ reason: 'TIME_LIMIT', attempt: 1 }])
})

test('nobody listens: that too is tried again', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  const patience = hurry()
  scene.patience = patience
  await scene.start([webhook(receiver.url.replace('/hook', '.invalid/?secret=1'))])
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  expect(patience.pauses).toEqual(backoffMs)
  expect(JSON.stringify([scene.reports, scene.states.read('books')])).not.toMatch('secret')
})

test('a thousand dead letters are kept, and then the oldest goes, and it is said', async () => {
  const scene = await Scene.open()
  const dead = Array.from({ length: 1_000 }, (_, index) => ({
    id: `books.${index}`,
    position: index,
    proposal_id: 'x',
    event: 'created' as const,
    attempts: 1,
    at: 1,
    reason: 'HTTP 404',
  }))
  await scene.states.write('books', { position: 0, dead })
  const call = async () => ({ kind: 'refused', reason: 'HTTP 404' }) as const
  await scene.start([{ name: 'books', on: new Set(['created'] as const), call }])
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  const left = scene.states.read('books')?.dead ?? []
  expect(left).toHaveLength(1_000)
  expect(left[0]?.id).toBe('books.1')
  expect(await scene.reported('hook-dead')).toMatchObject([{ dropped: 'books.0' }])
})
