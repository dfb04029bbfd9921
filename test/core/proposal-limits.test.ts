// How many proposals there may be: open ones of an agent and to one, and those that are over and still listed.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { dealAt, type Market, market, recordOf, stageOf } from '../kit/deals.ts'
import { fillWorld } from '../kit/worlds.ts'

const { open_proposals_to_one: toOne, closed_proposals: closed } = limits

describe('open proposals', () => {
  test('are at most a hundred of one agent, whomever they are made to', async () => {
    const { town, alice, bob } = await market()
    const filler = fillWorld(town.driver.world)
    const plan = { from: alice.id, to: '@somebody' }
    const [first = ''] = filler.proposals(limits.open_proposals, plan)
    const asked = () => alice.signedProposal(bob, 'one more') as never
    const refusal = await alice.refused('LIMIT_REACHED', 'PROPOSAL', asked())
    expect(refusal).toMatchObject({ limit: 'open_proposals' })
    recordOf(town, first).stage = 'withdrawn'
    await alice.asks('PROPOSAL', asked())
  })

  test('are at most ten to one agent, and as many in one channel', async () => {
    const { alice, bob, eve } = await market()
    for (const to of [bob, '#jobs']) {
      for (let made = 0; made < toOne; made++) await alice.proposes(to, 'translate')
      const more = alice.signedProposal(to, 'one more') as never
      const refusal = await alice.refused('LIMIT_REACHED', 'PROPOSAL', more)
      expect(refusal).toMatchObject({ limit: 'open_proposals_to_one' })
    }
    await alice.proposes(eve, 'translate')
    await bob.proposes(alice, 'translate')
  })

  test('count until they are over: accepted ones do, rejected and disputed ones do not', async () => {
    const place = await market()
    const { alice, bob } = place
    const deals = []
    for (let made = 0; made < toOne; made++) {
      deals.push(await alice.proposes(bob, `page ${made}`))
    }
    const [first, second] = deals
    if (!first || !second) throw new Error('There are ten.')
    const accepted = await bob.step('ACCEPT', first)
    const asked = () => alice.signedProposal(bob, 'one more') as never
    await alice.refused('LIMIT_REACHED', 'PROPOSAL', asked())
    await bob.step('DISPUTE', accepted, { reason: 'late' })
    await alice.asks('PROPOSAL', asked())
    await alice.refused('LIMIT_REACHED', 'PROPOSAL', asked())
    await bob.step('REJECT', second)
    await alice.asks('PROPOSAL', asked())
  })

  test('that nobody has answered make room when they expire', async () => {
    const { town, alice, bob } = await market()
    for (let made = 0; made < toOne; made++) {
      await alice.proposes(bob, 'translate', { expires: 60 })
    }
    town.driver.elapse(61_000)
    await alice.proposes(bob, 'one more')
  })
})

describe('proposals that are over', () => {
  const plan = ({ alice, bob }: Market) => ({ from: alice.id, to: bob.id, isOver: true })

  test('are listed up to a thousand, the newest, and no open one is lost for them', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const open = await dealAt('accepted', place)
    const oldest = await alice.step('WITHDRAW', await alice.proposes(bob, 'the oldest'))
    fillWorld(town.driver.world).proposals(closed, plan(place))
    for (const actor of [alice, bob]) {
      const { total } = await actor.asks('LIST_PROPOSALS', {})
      expect(total).toBe(closed + 1)
      const { proposal_id } = oldest
      await actor.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id })
    }
    expect(await bob.step('COMPLETE', open)).toMatchObject({ awaiting: 'confirmation' })
  })

  test('stay as long as one of the two parties lists them', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const shared = await alice.step('WITHDRAW', await alice.proposes(bob, 'translate'))
    const others = { from: alice.id, to: '@somebody', isOver: true }
    fillWorld(town.driver.world).proposals(closed, others)
    const listed = async (actor: typeof bob) => {
      const { list } = await actor.asks('LIST_PROPOSALS', { prefix: shared.proposal_id })
      return list.length
    }
    expect([await listed(alice), await listed(bob)]).toEqual([0, 1])
    expect(
      (await alice.asks('GET_PROPOSAL', { proposal_id: shared.proposal_id })).chain,
    ).toHaveLength(2)
  })

  test('are not driven out by open ones, however many others make', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const first = await alice.step('WITHDRAW', await alice.proposes(bob, 'translate'))
    const filler = fillWorld(town.driver.world)
    for (let other = 0; other < 20; other++) {
      filler.proposals(100, { from: `@other${other}`, to: bob.id })
    }
    await alice.step('WITHDRAW', await alice.proposes(bob, 'translate more'))
    const { list } = await bob.asks('LIST_PROPOSALS', { status: 'withdrawn' })
    expect(list.map(({ proposal_id }) => proposal_id)).toContain(first.proposal_id)
  })

  test('go by when they were over, not by when they were made', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const long = await dealAt('claimed', place)
    fillWorld(town.driver.world).proposals(closed + 200, plan(place))
    await town.clock.advance(1_000)
    const done = await alice.step('CONFIRM', long)
    expect(done.status).toBe('completed')
    await alice.step('WITHDRAW', await alice.proposes(bob, 'one more'))
    expect(
      (await bob.asks('GET_PROPOSAL', { proposal_id: done.proposal_id })).chain.at(-1)?.type,
    ).toBe('CONFIRM')
  })

  test('do not drive out a dispute that is not settled', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const disputed = await dealAt('disputed', place)
    fillWorld(town.driver.world).proposals(closed + 200, plan(place))
    const offered = await alice.step('SETTLE', disputed, { outcome: 'half is paid' })
    await bob.step('SETTLE', offered, { outcome: 'half is paid' })
    expect(stageOf(town, disputed)).toBe('settled')
  })
})

test('a party says no more than so much in a dispute, and the other can still end it', async () => {
  const place = await market()
  const { alice, bob } = place
  let now = await dealAt('disputed', place)
  const { chain } = await alice.asks('GET_PROPOSAL', { proposal_id: now.proposal_id })
  const before = chain.filter(({ by }) => by === alice.id).length
  for (let steps = before; steps < limits.proposal_steps; steps++) {
    now = await alice.step('SETTLE', now, { outcome: `${steps} is paid` })
  }
  const more = alice.signedStep('SETTLE', now, { outcome: 'half is paid' }) as never
  const refusal = await alice.refused('LIMIT_REACHED', 'SETTLE', more)
  expect(refusal).toMatchObject({ limit: 'proposal_steps' })
  now = await bob.step('SETTLE', now, { outcome: 'nothing is paid' })
  now = await alice.step('SETTLE', now, { outcome: 'nothing is paid' })
  expect(now.status).toBe('settled')
})
