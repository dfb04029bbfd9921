// Proposals that an escrow holds: accepted and waiting, until it signs FUNDED, or its time is over.

import { describe, expect, test } from 'vitest'
import type { Actor } from '../kit/actor.ts'
import { verifyBytes } from '../kit/checking.ts'
import { dealAt, dealWords, escrowMarket, recordOf, type State, stageOf } from '../kit/deals.ts'

const amount = '0.05'

async function heldDeal() {
  const place = await escrowMarket()
  const held = await place.bob.step('ACCEPT', await dealAt('pending', place, { amount }))
  return { ...place, held }
}

async function refusedFunding(who: Actor, deal: State): Promise<string> {
  const asked = who.signedStep('FUNDED', deal) as never
  return (await who.refused('INVALID_PROPOSAL', 'FUNDED', asked)).message
}

describe('an accepted proposal with an amount', () => {
  test('is funded by its escrow alone', async () => {
    const { town, alice, bob, eve, held } = await heldDeal()
    for (const actor of [alice, bob, eve]) {
      expect(await refusedFunding(actor, held)).toBe('NOT_PROPOSAL_ESCROW')
    }
    expect(stageOf(town, held)).toBe('awaiting_escrow')
  })

  test('cannot be completed, disputed or withdrawn while it waits', async () => {
    const { town, alice, bob, held } = await heldDeal()
    for (const type of ['COMPLETE', 'DISPUTE', 'WITHDRAW', 'REJECT', 'ACCEPT'] as const) {
      for (const actor of [alice, bob]) {
        const asked = actor.signedStep(type, held, { reason: 'late' }) as never
        await actor.refused('INVALID_PROPOSAL', type, asked)
      }
    }
    expect(stageOf(town, held)).toBe('awaiting_escrow')
  })

  test('waits for FUNDED, of which all three hear, and begins then', async () => {
    const { town, alice, bob, trent, eve, held } = await heldDeal()
    expect(held).toMatchObject({ status: 'accepted', awaiting: 'escrow', escrow: trent.id })
    expect(held.until).toBeCloseTo(town.clock.now() + 3_600_000, 1)
    expect(await trent.heard('ACCEPT')).toMatchObject({ awaiting: 'escrow', by: bob.id })
    await town.clock.advance(60_000)
    const funded = await trent.step('FUNDED', held, { reference: 'account 7' })
    expect(funded).toMatchObject({ status: 'accepted' })
    expect(funded.awaiting).toBeUndefined()
    for (const actor of [alice, bob, trent]) {
      expect(await actor.heard('FUNDED')).toMatchObject({ by: trent.id, reference: 'account 7' })
    }
    expect(await refusedFunding(trent, funded)).toBe('PROPOSAL_NOT_HELD')
    const claimed = await bob.step('COMPLETE', funded)
    await alice.step('CONFIRM', claimed)
    expect(await dealWords(trent)).toEqual(['COMPLETE', 'CONFIRM'])
    await eve.heardNothing()
  })

  test('can be read by its escrow, with a chain that verifies', async () => {
    const { town, trent, held } = await heldDeal()
    const { proposal_id, link } = await trent.step('FUNDED', held)
    const { chain } = await trent.asks('GET_PROPOSAL', { proposal_id })
    expect(verifyBytes(town.driver, chain)).toEqual({ faults: [], link })
  })

  test('waits for an escrow that is away, and that nobody has seen before', async () => {
    const { town, bob, trent, held } = await heldDeal()
    await trent.leaves()
    await town.restart()
    const back = await trent.again()
    await back.asks('RESUME', { after: 0 })
    expect(await dealWords(back)).toEqual(['ACCEPT'])
    await back.step('FUNDED', held)
    const again = await bob.again()
    expect((await again.asks('LIST_PROPOSALS', { status: 'accepted' })).list).toMatchObject([
      { proposal_id: held.proposal_id, escrow: trent.id },
    ])
  })
})

describe('where there is nothing to fund', () => {
  test('a proposal without an amount begins at once', async () => {
    const place = await escrowMarket()
    const accepted = await place.bob.step('ACCEPT', await dealAt('pending', place))
    expect(accepted.awaiting).toBeUndefined()
    expect(accepted.escrow).toBeUndefined()
    expect(await dealWords(place.trent)).toEqual([])
    expect(await refusedFunding(place.trent, accepted)).toBe('NOT_PROPOSAL_ESCROW')
  })

  test.each([0, ''])('the amount %j of the older wire is none', async (nothing) => {
    const { town, bob } = await escrowMarket()
    const olga = await town.keyed('olga', { version: 'v0' })
    const made = await olga.proposes(bob, 'translate', { amount: nothing })
    expect((await bob.step('ACCEPT', made)).awaiting).toBeUndefined()
  })
})

test('an open offer is held for its taker', async () => {
  const place = await escrowMarket()
  const { town, alice, bob, trent, eve } = place
  const offer = await alice.proposes('#jobs', 'translate', { amount })
  const held = await bob.step('ACCEPT', offer)
  expect(await eve.heard('OFFER_CLOSED')).toMatchObject({ status: 'accepted' })
  const taking = eve.signedStep('ACCEPT', offer) as never
  await eve.refused('INVALID_PROPOSAL', 'ACCEPT', taking)
  expect(await trent.step('FUNDED', held)).toMatchObject({ to: bob.id, status: 'accepted' })
  expect(stageOf(town, offer)).toBe('accepted')
})

test('an escrow that is a party itself hears each step once', async () => {
  const { town, alice, bob } = await escrowMarket()
  town.driver.escrow = { agent: bob.id, timeoutMs: 60_000 }
  const held = await bob.step('ACCEPT', await alice.proposes(bob, 'translate', { amount }))
  await bob.step('FUNDED', held)
  expect(await dealWords(bob)).toEqual(['PROPOSAL', 'ACCEPT', 'FUNDED'])
  const { entry: _, outcome } = town.driver.accepted.at(-1) ?? {}
  const { streams = [] } = outcome?.kept ?? {}
  expect(new Set(streams).size).toBe(streams.length)
})

test('one that is changed later holds nothing that was accepted before', async () => {
  const { town, alice, trent, eve, held } = await heldDeal()
  town.driver.escrow = { agent: eve.id, timeoutMs: 60_000 }
  expect(await refusedFunding(eve, held)).toBe('NOT_PROPOSAL_ESCROW')
  await trent.step('FUNDED', held)
  expect(recordOf(town, held.proposal_id).escrow).toBe(trent.id)
  await alice.heardSoFar()
})
