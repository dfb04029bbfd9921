// What time does to proposals: each is noted once, both parties are told, and what comes late is refused.

import { describe, expect, test } from 'vitest'
import { nextDue } from '../../src/core/tick.ts'
import { limits } from '../../src/protocol/limits.ts'
import {
  day,
  dealAt,
  dealWords,
  escrowMarket,
  market,
  recordOf,
  second,
  stageOf,
} from '../kit/deals.ts'
import { fillWorld } from '../kit/worlds.ts'

describe('what comes late, before anybody has noted that the time is over', () => {
  test.each(['ACCEPT', 'REJECT', 'WITHDRAW'] as const)('%s is refused', async (type) => {
    const place = await market()
    const made = await dealAt('pending', place, { expires: 60 })
    place.town.driver.elapse(60 * second)
    const who = type === 'WITHDRAW' ? place.alice : place.bob
    const refusal = await who.refused('INVALID_PROPOSAL', type, who.signedStep(type, made) as never)
    expect(refusal.message).toBe('PROPOSAL_EXPIRED')
    expect(stageOf(place.town, made)).toBe('pending')
    await place.town.clock.advance(0)
    expect(stageOf(place.town, made)).toBe('expired')
  })

  test('COMPLETE of what was due is refused', async () => {
    const place = await market()
    const { bob } = place
    const accepted = await dealAt('accepted', place, { due_seconds: 60 })
    place.town.driver.elapse(61 * second)
    const late = bob.signedStep('COMPLETE', accepted) as never
    expect((await bob.refused('INVALID_PROPOSAL', 'COMPLETE', late)).message).toBe(
      'PROPOSAL_EXPIRED',
    )
  })

  test('CONFIRM and DISPUTE of a claim that stands are refused', async () => {
    const place = await market()
    const { alice } = place
    const claimed = await dealAt('claimed', place)
    place.town.driver.elapse(day + second)
    const confirming = alice.signedStep('CONFIRM', claimed) as never
    await alice.refused('INVALID_PROPOSAL', 'CONFIRM', confirming)
    const disputing = alice.signedStep('DISPUTE', claimed, { reason: 'late' }) as never
    await alice.refused('INVALID_PROPOSAL', 'DISPUTE', disputing)
    await place.town.clock.advance(0)
    expect(stageOf(place.town, claimed)).toBe('completed')
  })

  test('FUNDED after the escrow’s time is refused', async () => {
    const place = await escrowMarket(60 * second)
    const { bob, trent } = place
    const held = await bob.step('ACCEPT', await dealAt('pending', place, { amount: '1' }))
    place.town.driver.elapse(61 * second)
    const late = trent.signedStep('FUNDED', held) as never
    expect((await trent.refused('INVALID_PROPOSAL', 'FUNDED', late)).message).toBe(
      'PROPOSAL_EXPIRED',
    )
  })
})

describe('a proposal that nobody has answered', () => {
  test('expires when it says, and both parties are told once', async () => {
    const place = await market()
    const { town, alice, bob, eve } = place
    const made = await dealAt('pending', place, { expires: 60 })
    expect(made.until).toBe(town.clock.now() + 60 * second)
    await town.clock.advance(59 * second)
    expect(stageOf(town, made)).toBe('pending')
    await town.clock.advance(second)
    for (const actor of [alice, bob]) {
      const { proposal_id } = made
      expect(await actor.heard('TIME_UP')).toMatchObject({
        proposal_id,
        status: 'expired',
        was: 'pending',
        from: alice.id,
        to: bob.id,
        position: town.driver.world.position,
      })
    }
    await town.clock.advance(day)
    for (const actor of [alice, bob, eve]) await actor.heardNothing('TIME_UP')
  })

  test('expires by the time that was signed, not by when it came', async () => {
    const { town, alice, bob } = await market()
    const frame = alice.signedProposal(bob, 'translate', { expires: 60 }) as never
    await town.clock.advance(40 * second)
    const made = await alice.asks('PROPOSAL', frame)
    expect(made.until).toBe(town.clock.now() + 20 * second)
    const heard = await bob.heard('PROPOSAL')
    expect(heard.expires).toBe(made.until)
  })

  test.each([
    ['says nothing', {}, limits.proposal_open_ms],
    ['says 0, as older clients do', { expires: 0 }, limits.proposal_open_ms],
    ['says 200 days', { expires: 200 * 86_400 }, 200 * day],
  ])('and %s is open for its time', async (_what, fields, ms) => {
    const { town, alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', fields)
    await town.clock.advance(ms - second)
    expect(stageOf(town, made)).toBe('pending')
    await town.clock.advance(2 * second)
    expect(stageOf(town, made)).toBe('expired')
  })

  test('of the older wire expires as it says from when it came, or after 90 days', async () => {
    const { town, bob } = await market()
    const olga = await town.keyed('olga', { version: 'v0' })
    const brief = await olga.proposes(bob, 'one', { expires: 60 })
    const long = await olga.proposes(bob, 'two', { expires: 0 })
    const heard = await bob.heard('PROPOSAL', { id: brief.proposal_id })
    expect(heard).toMatchObject({ expires: brief.until, sig_expires: 60 })
    expect((await bob.heard('PROPOSAL', { id: long.proposal_id })).expires).toBe(null)
    await town.clock.advance(61 * second)
    expect([stageOf(town, brief), stageOf(town, long)]).toEqual(['expired', 'pending'])
    await town.clock.advance(90 * day)
    expect(stageOf(town, long)).toBe('expired')
  })

  test('leaves nothing due once it is answered', async () => {
    const place = await market()
    await place.alice.step('WITHDRAW', await dealAt('pending', place, { expires: 60 }))
    expect(place.town.driver.world.proposalDues).toEqual([])
    expect(nextDue(place.town.driver.world)).toBe(Infinity)
  })
})

describe('an accepted proposal', () => {
  test('expires after due_seconds, counted from the acceptance', async () => {
    const place = await market()
    const { town, bob } = place
    const made = await dealAt('pending', place, { due_seconds: 60 })
    await town.clock.advance(30 * second)
    const accepted = await bob.step('ACCEPT', made)
    expect(Math.floor(accepted.until ?? 0)).toBe(town.clock.now() + 60 * second)
    await town.clock.advance(59 * second)
    expect(stageOf(town, made)).toBe('accepted')
    await town.clock.advance(2 * second)
    expect(await bob.heard('TIME_UP')).toMatchObject({ status: 'expired', was: 'accepted' })
  })

  test('expires after a year when it says nothing', async () => {
    const place = await market()
    const accepted = await dealAt('accepted', place)
    await place.town.clock.advance(365 * day - second)
    expect(stageOf(place.town, accepted)).toBe('accepted')
    await place.town.clock.advance(2 * second)
    expect(stageOf(place.town, accepted)).toBe('expired')
  })
})

describe('a claim', () => {
  test.each([
    ['confirm_seconds', { confirm_seconds: 60 }, 60 * second],
    ['24 hours when nothing is said', {}, day],
  ])('stands after %s', async (_what, fields, ms) => {
    const place = await market()
    const { town, alice, bob } = place
    const claimed = await dealAt('claimed', place, fields)
    expect(Math.floor(claimed.until ?? 0)).toBe(town.clock.now() + ms)
    await town.clock.advance(ms - second)
    expect(stageOf(town, claimed)).toBe('claimed')
    await town.clock.advance(2 * second)
    expect(stageOf(town, claimed)).toBe('completed')
    for (const actor of [alice, bob]) {
      expect(await actor.heard('TIME_UP')).toMatchObject({ status: 'completed', was: 'claimed' })
    }
  })

  test('that is disputed in time never stands', async () => {
    const place = await market()
    const disputed = await dealAt('disputed', place)
    await place.town.clock.advance(89 * day)
    expect(stageOf(place.town, disputed)).toBe('disputed')
    expect(place.town.driver.world.proposalDues).toEqual([])
  })
})

test('what an escrow does not fund in time expires, and all three are told', async () => {
  const place = await escrowMarket(60 * second)
  const { town, alice, bob, trent, eve } = place
  const held = await bob.step('ACCEPT', await dealAt('pending', place, { amount: '1' }))
  expect(held.until).toBeCloseTo(town.clock.now() + 60 * second, 1)
  await town.clock.advance(61 * second)
  for (const actor of [alice, bob, trent]) {
    expect(await actor.heard('TIME_UP')).toMatchObject({ was: 'awaiting_escrow' })
  }
  expect(await dealWords(eve)).toEqual([])
})

test('what falls due together is noted in its order, each in an entry of its own, once', async () => {
  const { town, alice, bob } = await market()
  const late = await alice.proposes(bob, 'late', { expires: 70 })
  const soon = await alice.proposes(bob, 'soon', { expires: 60 })
  const before = town.driver.entries.length
  await town.clock.advance(80 * second)
  const notes = town.driver.entries.slice(before)
  expect(notes.map(({ type, fields }) => [type, fields.proposal_id])).toEqual([
    ['PROPOSAL_DUE', soon.proposal_id],
    ['PROPOSAL_DUE', late.proposal_id],
  ])
  expect(town.driver.note('PROPOSAL_DUE', { proposal_id: soon.proposal_id }).accepted).toBe(false)
  expect(town.driver.note('PROPOSAL_DUE', { proposal_id: 'f00d' }).accepted).toBe(false)
})

test('a note that comes before the time is over does nothing', async () => {
  const place = await market()
  for (const stage of ['pending', 'accepted', 'claimed', 'disputed'] as const) {
    const { proposal_id } = await dealAt(stage, place, { terms: stage })
    expect(place.town.driver.note('PROPOSAL_DUE', { proposal_id }).accepted).toBe(false)
    expect(recordOf(place.town, proposal_id).stage).toBe(stage)
  }
})

test('more than a hundred that are due are noted in parts, and none is left', async () => {
  const { town } = await market()
  fillWorld(town.driver.world).proposals(250)
  const left = () => town.driver.world.proposalDues.length
  await town.clock.advance(2 * day)
  expect(left()).toBe(150)
  await town.clock.advance(0)
  await town.clock.advance(0)
  expect(left()).toBe(0)
})
