// The same proposal or step sent twice: it happens once, and is answered again.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { dealAt, dealWords, market, stageOf } from '../kit/deals.ts'
import { fillWorld } from '../kit/worlds.ts'

const cid = 'c'.repeat(22)

/** Says so much that the cid of what came before is forgotten. */
async function talkOn(who: Actor, to: Actor): Promise<void> {
  for (let said = 0; said < limits.cids_remembered; said++) await who.says(to, `${said}`)
}

describe('a proposal of version 1', () => {
  test('with a cid that names another one is refused, whatever differs', async () => {
    const { town, alice, bob, eve } = await market()
    await alice.proposes(bob, 'translate', { cid, terms: 'three pages', expires: 60 })
    const others = [
      alice.signedProposal(eve, 'translate', { cid, terms: 'three pages', expires: 60 }),
      alice.signedProposal(bob, 'translate', { cid, terms: 'four pages', expires: 60 }),
      alice.signedProposal(bob, 'translate', { cid, terms: 'three pages', expires: 61 }),
      alice.signedProposal(bob, 'explain', { cid, terms: 'three pages', expires: 60 }),
    ]
    for (const other of others) await alice.refused('CID_CONFLICT', 'PROPOSAL', other as never)
    const said = { to: bob.id, content: 'translate', cid }
    await alice.refused('CID_CONFLICT', 'MSG', said)
    expect(town.driver.world.proposals.size).toBe(1)
  })

  test('that is sent twice is one, also when it is over, and told once', async () => {
    const { town, alice, bob } = await market()
    const frame = alice.signedProposal(bob, 'translate') as never
    const made = await alice.asks('PROPOSAL', frame)
    expect(made.repeat).toBeUndefined()
    const { ts: _ts, ref: _ref, ...state } = made
    expect(await alice.asks('PROPOSAL', frame)).toMatchObject({ ...state, repeat: true })
    expect(await dealWords(bob)).toEqual(['PROPOSAL'])
    await alice.step('WITHDRAW', made)
    const before = town.driver.frozen()
    expect(await alice.asks('PROPOSAL', frame)).toMatchObject({ status: 'withdrawn', repeat: true })
    expect(town.driver.frozen()).toBe(before)
    await town.restart()
    const back = await alice.again()
    expect(await back.asks('PROPOSAL', frame)).toMatchObject({ status: 'withdrawn', repeat: true })
  })

  test('that is signed anew with the same cid and content is the same one', async () => {
    const { town, alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', { cid })
    await town.clock.advance(1_000)
    expect(await alice.proposes(bob, 'translate', { cid })).toMatchObject({
      proposal_id: made.proposal_id,
      repeat: true,
    })
    expect(town.driver.world.proposals.size).toBe(1)
  })

  test('is not taken for that of another agent with the same cid', async () => {
    const { alice, bob, eve } = await market()
    const one = await alice.proposes(bob, 'translate', { cid })
    const other = await eve.proposes(bob, 'translate', { cid })
    expect(other.proposal_id).not.toBe(one.proposal_id)
  })

  test('that its maker lists no longer, and the recipient does, is not made anew', async () => {
    const { town, alice, bob } = await market()
    const frame = alice.signedProposal(bob, 'translate') as never
    const made = await alice.asks('PROPOSAL', frame)
    await bob.step('REJECT', made)
    const plan = { from: alice.id, isOver: true }
    fillWorld(town.driver.world).proposals(limits.closed_proposals, plan)
    await talkOn(alice, bob)
    expect((await alice.asks('LIST_PROPOSALS', { status: 'rejected' })).total).toBe(0)
    expect(await alice.asks('PROPOSAL', frame)).toMatchObject({ status: 'rejected', repeat: true })
    expect(stageOf(town, made)).toBe('rejected')
  })

  test('that is forgotten is not made a second time; what is signed later is new', async () => {
    const { town, alice, bob } = await market()
    const frame = alice.signedProposal(bob, 'translate') as never
    const made = await alice.asks('PROPOSAL', frame)
    await bob.step('REJECT', made)
    const plan = { from: alice.id, to: bob.id, isOver: true }
    fillWorld(town.driver.world).proposals(limits.closed_proposals, plan)
    await talkOn(alice, bob)
    expect(town.driver.world.proposals.has(made.proposal_id)).toBe(false)
    await alice.refused('VERIFICATION_FAILED', 'PROPOSAL', frame)
    await town.clock.advance(1_000)
    const next = await alice.proposes(bob, 'translate')
    expect(next.repeat).toBeUndefined()
  })

  test('that is listed no longer is over: its cid makes no second one', async () => {
    const { town, alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', { cid })
    await alice.step('WITHDRAW', made)
    const plan = { from: alice.id, to: bob.id, isOver: true }
    fillWorld(town.driver.world).proposals(limits.closed_proposals + 200, plan)
    expect(town.driver.world.proposals.has(made.proposal_id)).toBe(false)
    const again = alice.signedProposal(bob, 'translate', { cid }) as never
    const refusal = await alice.refused('INVALID_PROPOSAL', 'PROPOSAL', again)
    expect(refusal.message).toBe('PROPOSAL_NOT_PENDING')
  })
})

describe('a proposal of the older wire', () => {
  async function older() {
    const place = await market()
    const olga = await place.town.keyed('olga', { version: 'v0' })
    return { ...place, olga }
  }

  test('is the same while the one before is open, and another one afterwards', async () => {
    const { bob, olga } = await older()
    const say = () => olga.proposes(bob, 'translate', { amount: 5, expires: 60 })
    const one = await say()
    expect(await say()).toMatchObject({ proposal_id: one.proposal_id, repeat: true })
    await bob.step('ACCEPT', one)
    expect(await say()).toMatchObject({ proposal_id: one.proposal_id, status: 'accepted' })
    await olga.step('COMPLETE', one)
    const other = await say()
    expect(other.proposal_id).not.toBe(one.proposal_id)
    expect(other).toMatchObject({ status: 'pending', hash: one.hash })
    expect(other.repeat).toBeUndefined()
    expect(await dealWords(bob)).toEqual(['PROPOSAL', 'ACCEPT', 'COMPLETE', 'PROPOSAL'])
  })

  test('is another one as soon as the time of the one before is over', async () => {
    const { town, bob, olga } = await older()
    const one = await olga.proposes(bob, 'translate', { expires: 60 })
    town.driver.elapse(61_000)
    const other = await olga.proposes(bob, 'translate', { expires: 60 })
    expect(other.proposal_id).not.toBe(one.proposal_id)
  })

  test('with a cid that names another one is refused, too', async () => {
    const { bob, olga } = await older()
    await olga.proposes(bob, 'one', { cid })
    const other = olga.signedProposal(bob, 'two', { cid }) as never
    await olga.refused('CID_CONFLICT', 'PROPOSAL', other)
  })

  test('takes each step once, and answers it again', async () => {
    const { bob, olga } = await older()
    const made = await bob.proposes(olga, 'translate')
    await olga.step('ACCEPT', made)
    expect(await olga.step('ACCEPT', made)).toMatchObject({ status: 'accepted', repeat: true })
    await olga.step('DISPUTE', made, { reason: 'late' })
    expect(await olga.step('ACCEPT', made)).toMatchObject({ status: 'disputed', repeat: true })
    expect(await dealWords(bob)).toEqual(['PROPOSAL', 'ACCEPT', 'DISPUTE'])
  })
})

describe('a step', () => {
  test('that is sent twice happens once, also when others came after it', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const made = await dealAt('pending', place)
    const accepting = bob.signedStep('ACCEPT', made) as never
    const accepted = await bob.asks('ACCEPT', accepting)
    expect(accepted.repeat).toBeUndefined()
    await bob.step('COMPLETE', accepted)
    const before = town.driver.frozen()
    expect(await bob.asks('ACCEPT', accepting)).toMatchObject({
      repeat: true,
      awaiting: 'confirmation',
    })
    expect(town.driver.frozen()).toBe(before)
    expect(await dealWords(alice)).toEqual(['PROPOSAL', 'ACCEPT', 'COMPLETE'])
  })

  test('is not repeated by another agent that sends the same words', async () => {
    const place = await market()
    const { alice, bob } = place
    const accepted = await dealAt('accepted', place)
    const claiming = bob.signedStep('COMPLETE', accepted) as never
    await bob.asks('COMPLETE', claiming)
    // As alice's own it is signed behind a step that is no longer the newest.
    await alice.refused('INVALID_PROPOSAL', 'COMPLETE', claiming)
    expect(stageOf(place.town, accepted)).toBe('claimed')
  })

  test('signed before another one came is refused, and does nothing', async () => {
    const place = await market()
    const { alice, bob } = place
    const accepted = await dealAt('accepted', place)
    const disputing = alice.signedStep('DISPUTE', accepted, { reason: 'late' }) as never
    await bob.step('COMPLETE', accepted)
    const refusal = await alice.refused('INVALID_PROPOSAL', 'DISPUTE', disputing)
    expect(refusal.message).toBe('PROPOSAL_CHANGED')
    expect(stageOf(place.town, accepted)).toBe('claimed')
  })
})
