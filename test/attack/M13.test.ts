// M13: Proposals are made without end, accepted twice, or accepted when their time is over.

import { describe, expect, test } from 'vitest'
import { type Frame, hasty, idOf, keyed, keyedV0, makeKeys, type Peer, serve } from '../wire/kit.ts'
import { proposalV0, proposalV1, refusedOnce, stepV0, stepV1, told } from '../wire/proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const bobId = idOf(bob)
const notPending = { code: 'INVALID_PROPOSAL', message: 'PROPOSAL_NOT_PENDING' }

/** A server whose clock the test moves, with alice and bob. */
async function two() {
  const clock = { aheadMs: 0 }
  const server = await serve(hasty, { now: () => Date.now() + clock.aheadMs })
  const one = await keyed(server, 'alice', alice)
  const other = await keyed(server, 'bob', bob)
  const now = () => Date.now() + clock.aheadMs
  return { clock, now, server, one, other, both: [one, other] as const }
}

/** How many answers are of each kind: what was won, what was the same once more, and the words of refusals. */
function tally(answers: readonly Frame[]): Record<string, number> {
  const kinds = answers.map(({ type, repeat, code, message }) =>
    type !== 'ERROR' ? (repeat ? 'repeat' : 'won') : `${code} ${message}`,
  )
  return Object.fromEntries(
    [...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]),
  )
}

describe('accepted when its time is over', () => {
  test.each([1, 60_000])('by %i ms, though nobody has noted it yet', async (lateMs) => {
    const { clock, now, one, other, both } = await two()
    const frame = proposalV1(alice, { to: bobId, task: 'x', expires: 3_600 })
    const proposal = await told(one, both, frame)
    clock.aheadMs = Number(proposal.until) - Date.now() + lateMs
    const error = await refusedOnce(other, stepV1(bob, 'ACCEPT', proposal, { ts: now() }))
    expect(error).toMatchObject({ code: 'INVALID_PROPOSAL', message: 'PROPOSAL_EXPIRED' })
  })

  test('after all have been told', async () => {
    const { clock, now, one, other, both } = await two()
    const frame = proposalV1(alice, { to: bobId, task: 'x', expires: 3_600 })
    const proposal = await told(one, both, frame)
    clock.aheadMs = 3_600_001
    for (const peer of both) {
      expect(await peer.next('TIME_UP')).toMatchObject({ status: 'expired', was: 'pending' })
    }
    const at = stepV1(bob, 'ACCEPT', proposal, { ts: now() })
    expect(await refusedOnce(other, at)).toMatchObject({ message: 'PROPOSAL_EXPIRED' })
  })

  test('with a time of its own that lies before', async () => {
    const { clock, one, other, both } = await two()
    const frame = proposalV1(alice, { to: bobId, task: 'x', expires: 3_600 })
    const proposal = await told(one, both, frame)
    const early = stepV1(bob, 'ACCEPT', proposal)
    clock.aheadMs = 3_600_001
    expect(await refusedOnce(other, early)).toMatchObject({ message: 'PROPOSAL_EXPIRED' })
  })

  test('but up to then it can be accepted', async () => {
    const { clock, now, one, other, both } = await two()
    const proposal = await told(one, both, proposalV1(alice, { to: bobId, task: 'x', expires: 60 }))
    clock.aheadMs = 50_000
    const accept = stepV1(bob, 'ACCEPT', proposal, { ts: now() })
    expect(await told(other, both, accept)).toMatchObject({ status: 'accepted' })
  })
})

describe('accepted twice', () => {
  test('by twenty agents that race for one open offer: one has it', async () => {
    const server = await serve(hasty)
    const one = await keyed(server, 'alice', alice)
    await one.ask({ type: 'JOIN', channel: '#bounties' })
    const racers = await Promise.all(
      Array.from({ length: 20 }, async (_none, at) => {
        const keys = makeKeys()
        const peer = await keyed(server, `racer${at}`, keys)
        await peer.ask({ type: 'JOIN', channel: '#bounties' })
        return { keys, peer }
      }),
    )
    one.send(proposalV1(alice, { to: '#bounties', task: 'x', amount: '5', currency: 'SOL' }))
    const offers = await Promise.all(racers.map(({ peer }) => peer.next('PROPOSAL')))
    const answers = await Promise.all(
      racers.map(({ keys, peer }, at) => peer.ask(stepV1(keys, 'ACCEPT', offers[at] ?? {}))),
    )
    expect(tally(answers)).toEqual({ won: 1, 'INVALID_PROPOSAL PROPOSAL_NOT_PENDING': 19 })
    const winner = racers[answers.findIndex(({ type }) => type !== 'ERROR')]
    if (!winner) throw new Error('Nobody has it.')
    const accepts = await one.settled('ACCEPT')
    expect(accepts.map(({ by, to }) => [by, to])).toEqual([[winner.peer.id, winner.peer.id]])
    for (const { peer } of racers) {
      const heard = (await peer.settled()).map(({ type }) => type)
      expect(heard.filter((type) => type === 'OFFER_CLOSED')).toHaveLength(1)
      expect(heard.filter((type) => type === 'ACCEPT')).toHaveLength(peer === winner.peer ? 1 : 0)
    }
    const { list } = await one.ask({ type: 'LIST_PROPOSALS', channel: '#bounties' })
    expect(list).toEqual([])
  })

  /** The answers to eight sessions of bob that accept at once, and what alice and each of them hear. */
  async function eightSessions(ts: (at: number) => number) {
    const server = await serve(hasty)
    const one = await keyed(server, 'alice', alice)
    const sessions = await Promise.all(Array.from({ length: 8 }, () => keyed(server, 'bob', bob)))
    one.send(proposalV1(alice, { to: bobId, task: 'x' }))
    const heard = await Promise.all(sessions.map((peer) => peer.next('PROPOSAL')))
    const answers = await Promise.all(
      sessions.map((peer, at) => peer.ask(stepV1(bob, 'ACCEPT', heard[at] ?? {}, { ts: ts(at) }))),
    )
    for (const peer of [one, ...sessions]) expect(await peer.settled('ACCEPT')).toHaveLength(1)
    return tally(answers)
  }

  test('by eight sessions of one agent, each with a signature of its own', async () => {
    const now = Date.now()
    expect(await eightSessions((at) => now + at)).toEqual({
      won: 1,
      'INVALID_PROPOSAL PROPOSAL_NOT_PENDING': 7,
    })
  })

  test('by eight sessions of one agent with the same signature, which is one acceptance', async () => {
    const now = Date.now()
    expect(await eightSessions(() => now)).toEqual({ won: 1, repeat: 7 })
  })

  test('and withdrawn and rejected at the same time: one of the three has happened', async () => {
    const { one, other, both } = await two()
    for (let round = 0; round < 5; round++) {
      const proposal = await told(one, both, proposalV1(alice, { to: bobId, task: `x${round}` }))
      const answers = await Promise.all([
        one.ask(stepV1(alice, 'WITHDRAW', proposal)),
        other.ask(stepV1(bob, 'ACCEPT', proposal)),
        other.ask(stepV1(bob, 'REJECT', proposal)),
      ])
      expect(tally(answers)).toEqual({ won: 1, 'INVALID_PROPOSAL PROPOSAL_NOT_PENDING': 2 })
      const steps = await Promise.all(both.map((peer) => peer.settled()))
      expect(steps[0]).toEqual(steps[1])
      expect(steps[0]).toHaveLength(1)
    }
  })

  test('in version 0, by frames that differ in what they pay to', async () => {
    const server = await serve(hasty)
    const both = [await keyedV0(server, 'alice', alice), await keyedV0(server, 'bob', bob)] as const
    const { proposal_id } = await told(both[0], both, proposalV0(alice, { to: bobId, task: 'x' }))
    const accepts = Array.from({ length: 20 }, (_none, at) =>
      both[1].ask(stepV0(bob, 'ACCEPT', { proposal_id, payment_code: `account ${at % 10}` })),
    )
    expect(tally(await Promise.all(accepts))).toEqual({
      won: 1,
      repeat: 1,
      'INVALID_PROPOSAL PROPOSAL_NOT_PENDING': 18,
    })
    expect(await both[0].settled('ACCEPT')).toHaveLength(1)
  })
})

describe('made without end', () => {
  /** So many proposals at once from a new agent, one to each of the names. */
  async function flood(peer: Peer, keys: typeof alice, count: number, to: string) {
    const frames = Array.from({ length: count }, (_none, at) =>
      proposalV1(keys, { to, task: `x${at}` }),
    )
    return tally(await Promise.all(frames.map((frame) => peer.ask(frame))))
  }

  test('at the pace of messages, as messages are', async () => {
    const server = await serve({ rate: '1', burst: '5' })
    const one = await keyed(server, 'alice', alice)
    await keyed(server, 'bob', bob)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_none, at) =>
        one.ask(proposalV1(alice, { to: bobId, task: `x${at}` })),
      ),
    )
    const late = answers.filter(({ code }) => code === 'RATE_LIMITED')
    expect(late.length).toBeGreaterThanOrEqual(2)
    for (const { retry_after_ms } of late) expect(retry_after_ms).toBeGreaterThan(0)
  })

  test('to one agent, who hears of ten and can still be reached by others', async () => {
    const { server, one, other } = await two()
    const answers = await flood(one, alice, 30, bobId)
    expect(answers.won).toBe(10)
    expect(await other.settled('PROPOSAL')).toHaveLength(10)
    const keys = makeKeys()
    const third = await keyed(server, 'carol', keys)
    expect((await flood(third, keys, 1, bobId)).won).toBe(1)
  })

  test('by making room: what is withdrawn counts no more, and stays withdrawn', async () => {
    const { one, other, both } = await two()
    const frames = Array.from({ length: 10 }, (_none, at) =>
      proposalV1(alice, { to: bobId, task: `x${at}` }),
    )
    const first = await Promise.all(frames.map((frame) => one.ask(frame)))
    const spare = proposalV1(alice, { to: bobId, task: 'one more' })
    expect(await one.ask(spare)).toMatchObject({ limit: 'open_proposals_to_one' })
    await one.ask(stepV1(alice, 'WITHDRAW', first[0] ?? {}))
    expect(await one.ask(spare)).toMatchObject({ status: 'pending' })
    expect(await one.ask(frames[0] ?? {})).toMatchObject({ status: 'withdrawn', repeat: true })
    expect(await other.ask(stepV1(bob, 'ACCEPT', first[0] ?? {}))).toMatchObject(notPending)
    for (const peer of both) expect(await peer.settled('ACCEPT')).toEqual([])
  })
})
