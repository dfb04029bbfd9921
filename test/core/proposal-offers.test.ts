// Open offers: told to a channel, taken once, by the first of its members; who took it, the others never hear.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { dealNews, dealWords, market, type State, stageOf } from '../kit/deals.ts'

/** The one word that a step is refused with. */
async function refusedWith(who: Actor, type: 'ACCEPT' | 'REJECT' | 'WITHDRAW', deal: State) {
  const asked = who.signedStep(type, deal) as never
  return (await who.refused('INVALID_PROPOSAL', type, asked)).message
}

/** There is no such proposal for this agent. */
function hiddenFrom(who: Actor, { proposal_id }: State) {
  return who.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id })
}

/** The ids that LIST_PROPOSALS gives of the offers in a channel. */
async function offersSeenBy(who: Actor, channel = '#jobs') {
  const { list } = await who.asks('LIST_PROPOSALS', { channel })
  return list.map(({ proposal_id }) => proposal_id)
}

describe('an open offer', () => {
  test('can be taken neither by who made it, nor by who is not there, nor be rejected', async () => {
    const { town, alice, bob } = await market()
    const outsider = await town.keyed('outsider')
    const offer = await alice.proposes('#jobs', 'translate')
    expect(await refusedWith(alice, 'ACCEPT', offer)).toBe('NOT_PROPOSAL_RECIPIENT')
    expect(await refusedWith(outsider, 'ACCEPT', offer)).toBe('NOT_PROPOSAL_RECIPIENT')
    expect(await refusedWith(bob, 'REJECT', offer)).toBe('NOT_PROPOSAL_RECIPIENT')
    await hiddenFrom(outsider, offer)
    await outsider.refused('NOT_INVITED', 'LIST_PROPOSALS', { channel: '#jobs' })
    expect(stageOf(town, offer)).toBe('pending')
    await outsider.heardNothing()
  })

  test('is signed with the name of the channel as it is called', async () => {
    const { alice } = await market()
    const misspelt = alice.signedProposal('#JOBS', 'translate') as never
    const refusal = await alice.refused('VERIFICATION_FAILED', 'PROPOSAL', misspelt)
    expect(refusal.message).toContain('#jobs')
  })

  test('is told to the members, listed to them, and can be read by them', async () => {
    const { alice, bob, eve } = await market()
    const offer = await alice.proposes('#jobs', 'translate', { amount: '1' })
    expect(offer).toMatchObject({ to: null, channel: '#jobs', status: 'pending' })
    for (const actor of [alice, bob, eve]) {
      expect(await actor.heard('PROPOSAL')).toMatchObject({ to: '#jobs', from: alice.id })
      expect(await offersSeenBy(actor)).toEqual([offer.proposal_id])
      const { chain } = await actor.asks('GET_PROPOSAL', { proposal_id: offer.proposal_id })
      expect(chain.map(({ type }) => type)).toEqual(['PROPOSAL'])
      await actor.heardNothing()
    }
    expect((await eve.asks('LIST_PROPOSALS', {})).total).toBe(0)
  })

  test('is the first taker’s: the second is refused, and hears only that it is closed', async () => {
    const { alice, bob, trent, eve } = await market()
    const offer = await alice.proposes('#jobs', 'translate')
    for (const actor of [alice, bob, trent, eve]) await actor.heardSoFar()
    const taken = await bob.step('ACCEPT', offer)
    expect(taken).toMatchObject({ status: 'accepted', to: bob.id, channel: '#jobs' })
    expect(await refusedWith(eve, 'ACCEPT', offer)).toBe('PROPOSAL_NOT_PENDING')
    for (const actor of [trent, eve]) {
      const heard = await dealNews(actor)
      expect(heard).toMatchObject([
        { type: 'OFFER_CLOSED', channel: '#jobs', proposal_id: offer.proposal_id },
      ])
      expect(JSON.stringify(heard)).not.toContain(bob.id)
      await hiddenFrom(actor, offer)
      expect(await offersSeenBy(actor)).toEqual([])
      await actor.asks('RESUME', { after: 0 })
      expect(JSON.stringify(await dealNews(actor))).not.toContain(bob.id)
    }
    expect(await dealWords(alice)).toEqual(['ACCEPT', 'OFFER_CLOSED'])
    expect(await dealWords(bob)).toEqual(['ACCEPT', 'OFFER_CLOSED'])
  })

  test('once taken is a deal of two: nobody else hears how it goes on', async () => {
    const { alice, bob, eve } = await market()
    const taken = await bob.step('ACCEPT', await alice.proposes('#jobs', 'translate'))
    await eve.heardSoFar()
    const claimed = await bob.step('COMPLETE', taken)
    await alice.step('DISPUTE', claimed, { reason: 'nothing came' })
    await eve.heardNothing()
    const { list } = await bob.asks('LIST_PROPOSALS', { role: 'recipient' })
    expect(list).toMatchObject([{ proposal_id: taken.proposal_id, status: 'disputed' }])
  })

  test('that is withdrawn or expires is closed for all, and told so', async () => {
    const { town, alice, eve } = await market()
    const one = await alice.proposes('#jobs', 'one')
    const other = await alice.proposes('#jobs', 'two', { expires: 60 })
    await eve.heardSoFar()
    await alice.step('WITHDRAW', one)
    expect(await alice.heard('WITHDRAW')).toMatchObject({ by: alice.id, to: null })
    await town.clock.advance(61_000)
    expect(await alice.heard('TIME_UP')).toMatchObject({ proposal_id: other.proposal_id, to: null })
    expect(await dealNews(eve)).toMatchObject([
      { type: 'OFFER_CLOSED', proposal_id: one.proposal_id, status: 'withdrawn' },
      { type: 'OFFER_CLOSED', proposal_id: other.proposal_id, status: 'expired' },
    ])
    expect(await refusedWith(eve, 'ACCEPT', one)).toBe('PROPOSAL_NOT_PENDING')
    expect(await refusedWith(eve, 'ACCEPT', other)).toBe('PROPOSAL_EXPIRED')
  })

  test('of the older wire is taken the older way', async () => {
    const { town, bob, eve } = await market()
    const olga = await town.keyed('olga', { version: 'v0' })
    await olga.join('#jobs')
    const offer = await olga.proposes('#JOBS', 'translate')
    expect(await bob.heard('PROPOSAL')).toMatchObject({ to: '#jobs', sig_to: '#JOBS' })
    await bob.step('ACCEPT', offer)
    expect(await olga.heard('ACCEPT')).toMatchObject({ by: bob.id, to: bob.id })
    expect(await dealWords(eve)).toEqual(['PROPOSAL', 'OFFER_CLOSED'])
  })
})

describe('members that come and go', () => {
  test('who came later finds it in the list, and may take it', async () => {
    const { town, alice } = await market()
    const offer = await alice.proposes('#jobs', 'translate')
    const carol = await town.keyed('carol')
    await carol.join('#jobs')
    await carol.asks('RESUME', { after: 0 })
    expect(await dealNews(carol)).toEqual([])
    expect(await offersSeenBy(carol)).toEqual([offer.proposal_id])
    expect(await carol.step('ACCEPT', offer)).toMatchObject({ to: carol.id })
  })

  test('who has left may take it no more, until it comes back', async () => {
    const { alice, bob } = await market()
    const offer = await alice.proposes('#jobs', 'translate')
    await bob.asks('LEAVE', { channel: '#jobs' })
    await bob.heardSoFar()
    expect(await refusedWith(bob, 'ACCEPT', offer)).toBe('NOT_PROPOSAL_RECIPIENT')
    await hiddenFrom(bob, offer)
    await bob.asks('RESUME', { after: 0 })
    expect(await dealNews(bob)).toEqual([])
    await bob.join('#jobs')
    await bob.step('ACCEPT', offer)
  })

  test('when its maker has left, it can be taken all the same', async () => {
    const { alice, bob } = await market()
    const offer = await alice.proposes('#jobs', 'translate')
    await alice.asks('LEAVE', { channel: '#jobs' })
    await bob.step('ACCEPT', offer)
    expect(await alice.heard('ACCEPT')).toMatchObject({ by: bob.id })
  })

  test('who was away hears of the open ones with RESUME, in order, once', async () => {
    const { alice, bob } = await market()
    await bob.leaves()
    await alice.says('#jobs', 'one')
    const offer = await alice.proposes('#jobs', 'translate')
    await alice.says('#jobs', 'two')
    const back = await bob.again()
    const { position, count } = await back.asks('RESUME', {})
    const heard = (await back.heardSoFar()).map(({ type }) => type)
    expect([heard, count]).toEqual([['MSG', 'PROPOSAL', 'MSG'], 3])
    await back.asks('ACK', { position })
    expect((await back.asks('RESUME', {})).count).toBe(0)
    await back.step('ACCEPT', offer)
  })

  test('who was away hears nothing of those that are closed by now, also when another is open', async () => {
    const { alice, bob, eve } = await market()
    await bob.leaves()
    const taken = await alice.proposes('#jobs', 'taken')
    const open = await alice.proposes('#jobs', 'open')
    await alice.step('WITHDRAW', await alice.proposes('#jobs', 'withdrawn'))
    await eve.step('ACCEPT', taken)
    const late = await alice.proposes('#jobs', 'late')
    const back = await bob.again()
    const told: unknown[] = []
    let page = await back.asks('RESUME', { limit: 1 })
    for (; page.count > 0; page = await back.asks('RESUME', { after: page.position, limit: 1 })) {
      const heard = await dealNews(back)
      told.push(...heard.map((frame) => Reflect.get(frame, 'proposal_id')))
    }
    expect(told).toEqual([open.proposal_id, late.proposal_id])
  })

  test('a channel that was forgotten and made again has no part in the offers of the old one', async () => {
    const { town, alice, bob } = await market()
    const anybody = await town.agent('anybody')
    await anybody.creates('#passing')
    for (const actor of [alice, bob]) await actor.join('#passing')
    const offer = await alice.proposes('#passing', 'translate')
    for (const actor of [anybody, alice, bob]) {
      await actor.asks('LEAVE', { channel: '#passing' })
    }
    await town.clock.advance(limits.empty_channel_ms + 1_000)
    expect(town.driver.world.channels.has('#passing')).toBe(false)
    await bob.creates('#passing')
    await bob.heardSoFar()
    expect(await offersSeenBy(bob, '#passing')).toEqual([])
    await hiddenFrom(bob, offer)
    expect(await refusedWith(bob, 'ACCEPT', offer)).toBe('NOT_PROPOSAL_RECIPIENT')
    await alice.step('WITHDRAW', offer)
    await bob.heardNothing()
  })
})
