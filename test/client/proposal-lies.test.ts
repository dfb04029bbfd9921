// A server that lies about a deal: whatever it says, the library signs only what it has checked.

import { describe, expect, test } from 'vitest'
import { createIdentity, IdentityError, RefusedError } from '../../src/index.ts'
import { connect, connectKeyed } from './kit/agents.ts'
import {
  after,
  alice,
  chainFrame,
  changed,
  type Deal,
  keysOf,
  mallory,
  proposed,
  retold,
  sealed,
  startMs,
  type Told,
  timePassed,
} from './kit/deals.ts'
import {
  type Frame,
  type HostileServer,
  hospitable,
  hostileServer,
  serverKeys,
} from './kit/hostile.ts'

const task = 'translate the page'
const ofServer = { server_key: serverKeys.text }

/** A server that tells bob of one deal with alice, and stores nothing. */
async function dealingServer(tell: (bob: string) => (ref: string) => object) {
  let told = (_ref: string): object => ({})
  const server = await hostileServer(
    hospitable(({ type, ref }, { say }) => {
      if (type === 'GET_PROPOSAL') say(told(ref))
      else say({ type: 'ERROR', ref, code: 'INTERNAL', message: 'stored nothing' })
    }),
  )
  const bob = await connectKeyed(server.url, 'bob')
  told = tell(bob.id)
  return { server, bob }
}

const steps = new Set([
  ...['ACCEPT', 'REJECT', 'WITHDRAW', 'FUNDED'],
  ...['COMPLETE', 'CONFIRM', 'DISPUTE', 'SETTLE'],
])

function signedBy({ heard }: HostileServer): Frame[] {
  return heard.filter(({ type }) => steps.has(type))
}

describe('a server that lies gets nothing signed', () => {
  const more = { terms: { pages: 2 }, payment_code: 'x:alice', expires: 60 }
  const frame = (fields: Told) => (deal: Deal) => (ref: string) =>
    chainFrame(changed(deal, 0, fields), ref)
  test.each<[string, (deal: Deal) => (ref: string) => object]>([
    ['the task', frame({ task: 'translate all' })],
    ['the terms', frame({ terms: { pages: 3 } })],
    ['the amount', frame({ amount: '0.5' })],
    ['where to pay', frame({ payment_code: 'x:mallory' })],
    ['when it expires', frame({ expires: startMs + 1_000 })],
    ['the key', frame({ key: mallory.text })],
    ['the proposer', frame({ from: mallory.public.id })],
    ['the proposer and the key', frame({ from: mallory.public.id, key: mallory.text })],
    ['the status', frame({ status: 'accepted' })],
    ['the id', frame({ id: 'f'.repeat(64), proposal_id: 'f'.repeat(64) })],
    [
      'nothing, and tells of another one',
      ({ to }) => {
        const other = proposed({ to, task: 'something else' })
        return (ref) => chainFrame(other, ref)
      },
    ],
    [
      'who made it, with a signature of its own',
      ({ to }) => {
        const other = proposed({ to, ...more }, { by: mallory })
        return (ref) => chainFrame(other, ref)
      },
    ],
    [
      'that time has ended it',
      (deal) => (ref) => chainFrame(timePassed(deal, 'pending', 'expired', 3), ref),
    ],
    ['the seal', (deal) => (ref) => chainFrame(deal, ref, sealed(deal, mallory))],
    ['the name of the server', (deal) => (ref) => chainFrame(deal, ref, { server: 'other' })],
    ['no seal', (deal) => (ref) => chainFrame(deal, ref, { seal: undefined })],
    [
      'a seal over something else',
      (deal) => (ref) => chainFrame(deal, ref, { seal: sealed(proposed()).seal }),
    ],
    ['where it stands', (deal) => (ref) => chainFrame(deal, ref, { proposal: null })],
    ['no chain', (deal) => (ref) => chainFrame(deal, ref, { chain: undefined })],
    ['an empty chain', (deal) => (ref) => chainFrame(deal, ref, { chain: [] })],
  ])('that changes %s', async (_what, lie) => {
    const deals: Deal[] = []
    const { server, bob } = await dealingServer((to) => {
      deals.push(proposed({ to, ...more }))
      return lie(deals[0] as Deal)
    })
    const { id = '' } = deals[0] ?? {}
    const { proposals } = bob
    for (const attempt of [() => proposals.accept(id), () => proposals.get(id)]) {
      await expect(attempt()).rejects.toBeInstanceOf(IdentityError)
      await expect(attempt()).rejects.toMatchObject({ reason: 'substituted' })
    }
    expect(signedBy(server)).toEqual([])
  })

  test.each<[string, (deal: Deal) => Told]>([
    ['under the seal of the server', () => ({})],
    ['under the seal of the other', (deal) => sealed(deal, mallory)],
    ['as if it were for this one', (deal) => sealed(changed(deal, 0, ofServer))],
  ])('that tells of what was signed for another server of its name, %s', async (_what, lie) => {
    const made = (to: string) => proposed({ to, ...more }, { serverKey: mallory.text })
    const { server, bob } = await dealingServer((to) => (ref) => {
      return chainFrame(made(to), ref, lie(made(to)))
    })
    const { id } = made(bob.id)
    for (const attempt of [() => bob.proposals.accept(id), () => bob.proposals.get(id)]) {
      await expect(attempt()).rejects.toMatchObject({ reason: 'substituted' })
    }
    expect(signedBy(server)).toEqual([])
  })

  /** Bob has taken it, and alice says that it is done, and then how the dispute should end. */
  async function disputedBy(retell: (chain: readonly Told[]) => readonly unknown[]) {
    const identity = createIdentity('bob')
    const keys = keysOf(identity)
    const deal = proposed({ to: keys.public.id })
    const taken = after(deal, 'ACCEPT', { by: keys, stage: 'accepted' })
    const done = after(taken, 'COMPLETE', { by: alice, stage: 'claimed' })
    const disputed = after(done, 'DISPUTE', { by: keys, stage: 'disputed', own: { reason: 'no' } })
    const offer = { by: alice, stage: 'disputed' } as const
    const half = after(disputed, 'SETTLE', { ...offer, own: { outcome: 'half' } })
    const all = after(half, 'SETTLE', { ...offer, own: { outcome: 'all' } })
    const server = await hostileServer(
      hospitable(({ type, ref }, { say }) => {
        if (type === 'GET_PROPOSAL') say(chainFrame(retold(all, retell(all.chain)), ref))
        else say({ type: 'ERROR', ref, code: 'INTERNAL', message: 'stored nothing' })
      }),
    )
    return { bob: await connect(server.url, { identity }), server, id: all.id }
  }

  test('that drops a step, puts it elsewhere, or tells what nobody signed', async () => {
    const lies: ((chain: readonly Told[]) => readonly unknown[])[] = [
      (chain) => chain.filter((_frame, place) => place !== 4),
      (chain) => chain.filter((_frame, place) => place !== 2),
      ([a, b, c, d, half, all]) => [
        ...[a, b, c, d],
        { ...all, position: half?.position, updated_at: half?.updated_at },
        { ...half, position: all?.position, updated_at: all?.updated_at },
      ],
      (chain) => chain.map((frame, place) => (place === 5 ? { ...frame, outcome: 'none' } : frame)),
      (chain) =>
        chain.map((frame, place) => (place === 5 ? { ...frame, status: 'settled' } : frame)),
    ]
    for (const lie of lies) {
      const { bob, server, id } = await disputedBy(lie)
      const attempt = bob.proposals.settle(id, { outcome: 'all' })
      await expect(attempt).rejects.toMatchObject({ reason: 'substituted' })
      expect(signedBy(server)).toEqual([])
    }
    const { bob, server, id } = await disputedBy((chain) => chain)
    await expect(bob.proposals.settle(id, { outcome: 'all' })).rejects.toThrow('stored nothing')
    expect(signedBy(server)).toHaveLength(1)
  })
})

test('what another agent may do is not signed, and neither is what is over', async () => {
  const { server, bob } = await dealingServer((to) => {
    const deal = proposed({ to })
    return (ref) => chainFrame(after(deal, 'WITHDRAW', { by: alice, stage: 'withdrawn' }), ref)
  })
  const { id } = proposed({ to: bob.id })
  const { proposals } = bob
  const attempts: [() => Promise<unknown>, string][] = [
    [() => proposals.accept(id), 'PROPOSAL_NOT_PENDING'],
    [() => proposals.withdraw(id), 'PROPOSAL_NOT_PENDING'],
    [() => proposals.complete(id), 'PROPOSAL_NOT_ACCEPTED'],
    [() => proposals.settle(id, { outcome: 'x' }), 'PROPOSAL_NOT_DISPUTED'],
  ]
  for (const [attempt, message] of attempts) {
    await expect(attempt()).rejects.toBeInstanceOf(RefusedError)
    const frame = { hint: expect.stringMatching(/\.$/) }
    await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_PROPOSAL', message, frame })
  }
  expect(signedBy(server)).toEqual([])
})

test('a step that is refused is signed anew only where another came first', async () => {
  const { server, bob } = await dealingServer((to) => (ref) => chainFrame(proposed({ to }), ref))
  const refusal = { type: 'ERROR', code: 'INVALID_PROPOSAL', message: 'PROPOSAL_CHANGED' }
  const changing = await hostileServer(
    hospitable(({ type, ref }, { say }) => {
      if (type === 'GET_PROPOSAL') say(chainFrame(proposed({ to: carol.id }), ref))
      else say({ ...refusal, ref })
    }),
  )
  const carol = await connectKeyed(changing.url, 'carol')
  const { id } = proposed({ to: carol.id })
  await expect(carol.proposals.accept(id)).rejects.toMatchObject({ message: 'PROPOSAL_CHANGED' })
  expect(signedBy(changing)).toHaveLength(1)

  const other = proposed({ to: bob.id })
  await expect(bob.proposals.accept(other.id)).rejects.toThrow('stored nothing')
  expect(signedBy(server)).toHaveLength(1)
})

test('an answer that is to another step is no answer', async () => {
  const answers: ((deal: Deal) => object)[] = [
    ({ hash }) => ({ proposal_id: 'f'.repeat(64), hash }),
    ({ id }) => ({ proposal_id: id, hash: 'A'.repeat(43) }),
    ({ id, hash }) => ({ proposal_id: id, hash, link: hash }),
  ]
  for (const answer of answers) {
    const server = await hostileServer(
      hospitable(({ type, ref }, { say }) => {
        const deal = proposed({ to: bob.id })
        if (type === 'GET_PROPOSAL') say(chainFrame(deal, ref))
        else say({ type: 'PROPOSAL_STATE', ref, ...answer(deal) })
      }),
    )
    const bob = await connectKeyed(server.url, 'bob')
    const accepted = bob.proposals.accept(proposed({ to: bob.id }).id)
    await expect(accepted).rejects.toMatchObject({ reason: 'nonsense' })
  }
})

test('a server that says something else was proposed is not believed', async () => {
  const other = proposed({ task })
  const server = await hostileServer(
    hospitable(({ type, ref }, { say }) => {
      if (type === 'GET_PROPOSAL') say(chainFrame(other, ref))
      else say({ type: 'PROPOSAL_STATE', ref, proposal_id: other.id, hash: other.hash })
    }),
  )
  const bob = await connectKeyed(server.url, 'bob')
  const made = bob.proposals.propose(alice.public.id, { task })
  await expect(made).rejects.toMatchObject({ reason: 'substituted' })
})
