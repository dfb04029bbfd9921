// Proposals: each refusal that is declared, and each reason that INVALID_PROPOSAL gives.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { type ProposalFault, proposalFaults } from '../../src/protocol/proposal-life.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import type { Actor } from '../kit/actor.ts'
import type { CoreDriver } from '../kit/core.ts'
import { dealAt, escrowMarket, type Market, market, recordOf, type State } from '../kit/deals.ts'
import { provesRefusals, type RefusalStories } from '../kit/refusals.ts'
import type { Town } from '../kit/town.ts'
import { fillWorld } from '../kit/worlds.ts'

const stepTypes = Object.keys(steps) as StepType[] // the keys of the table
const own = { DISPUTE: { reason: 'nothing came' }, SETTLE: { outcome: 'half is paid' } }
const ownOf = (type: StepType): object => Reflect.get(own, type) ?? {}
const nowhere = { proposal_id: 'f00d', hash: 'h'.repeat(43), link: 'l'.repeat(43) }

type Place = Pick<Market, 'alice' | 'bob'>

/** The pair of a market, in a town that is there already. */
async function pairIn(town: Town<CoreDriver>): Promise<Place> {
  return { alice: await town.keyed('alice'), bob: await town.keyed('bob') }
}

/** What all steps refuse alike. */
const ofSteps = Object.fromEntries(
  stepTypes.flatMap((type) => [
    [
      `${type} SIGNATURE_REQUIRED`,
      async (town: Town<CoreDriver>) => {
        const who = await town.agent('anybody')
        return { who, fields: { proposal_id: 'f00d', sig: 'x', ...ownOf(type) } }
      },
    ],
    [
      `${type} PROPOSAL_NOT_FOUND`,
      async (town: Town<CoreDriver>) => {
        const { alice } = await pairIn(town)
        return { who: alice, fields: alice.signedStep(type, nowhere, ownOf(type)) }
      },
    ],
    [
      `${type} INVALID_PROPOSAL`,
      async (town: Town<CoreDriver>) => {
        const place = await pairIn(town)
        const deal = await dealAt('pending', place)
        await place.bob.step('REJECT', deal)
        return { who: place.alice, fields: place.alice.signedStep(type, deal, ownOf(type)) }
      },
    ],
  ]),
) as RefusalStories

const ofOlderLogins = Object.fromEntries(
  (['WITHDRAW', 'FUNDED', 'CONFIRM', 'SETTLE'] as const).map((type) => [
    `${type} V1_REQUIRED`,
    async (town: Town<CoreDriver>) => {
      const alice = await town.keyed('alice', { version: 'v0' })
      const bob = await town.keyed('bob')
      const { proposal_id } = await alice.proposes(bob, 'translate')
      return { who: alice, fields: { proposal_id, sig: 'x', ...ownOf(type) } }
    },
  ]),
) as RefusalStories

provesRefusals(
  'proposals',
  {
    'PROPOSAL SIGNATURE_REQUIRED': async (town) => {
      const who = await town.agent('anybody')
      return { who, fields: { to: '@alice', task: 'translate', sig: 'x' } }
    },
    'PROPOSAL INVALID_MSG': async (town) => proposing(town, (alice) => [alice.id]),
    'PROPOSAL AGENT_NOT_FOUND': async (town) => proposing(town, () => ['@nobody']),
    'PROPOSAL NO_PUBKEY': async (town) => {
      const other = await town.agent('anybody')
      return proposing(town, () => [other.id])
    },
    'PROPOSAL VERIFICATION_FAILED': async (town) => proposing(town, () => ['@bob']),
    'PROPOSAL CHANNEL_NOT_FOUND': async (town) => proposing(town, () => ['#nowhere']),
    'PROPOSAL NOT_INVITED': async (town) => proposing(town, () => ['#general']),
    'PROPOSAL INVALID_PROPOSAL': async (town) => {
      const asking = await proposing(town, (_, bob) => [bob.id, { expires: 60 }])
      town.driver.elapse(60_000)
      return asking
    },
    'PROPOSAL CID_CONFLICT': async (town) => {
      const cid = 'c'.repeat(22)
      const asking = await proposing(town, (_, bob) => [bob.id, { cid, amount: '1' }])
      await asking.who.proposes(await town.keyed('bob'), 'translate', { cid, amount: '2' })
      return asking
    },
    'PROPOSAL LIMIT_REACHED': async (town) => {
      const { alice, bob } = await pairIn(town)
      for (let made = 0; made < limits.open_proposals_to_one; made++) {
        await alice.proposes(bob, 'translate')
      }
      return { who: alice, fields: alice.signedProposal(bob, 'once more') as never }
    },
    'ACCEPT LIMIT_REACHED': async (town) => {
      const { alice, bob } = await pairIn(town)
      const deal = await alice.proposes(bob, 'translate')
      const plan = { from: '@others', to: bob.id }
      for (const id of fillWorld(town.driver.world).proposals(limits.open_proposals, plan)) {
        recordOf(town, id).stage = 'accepted'
      }
      return { who: bob, fields: bob.signedStep('ACCEPT', deal) as never }
    },
    'SETTLE LIMIT_REACHED': async (town) => {
      const place = await pairIn(town)
      const deal = await dealAt('disputed', place)
      const filler = { by: place.alice.id, hash: deal.link }
      const { steps } = recordOf(town, deal.proposal_id)
      for (let more = 0; more < limits.proposal_steps; more++) steps.push(filler)
      return {
        who: place.alice,
        fields: place.alice.signedStep('SETTLE', deal, ownOf('SETTLE')) as never,
      }
    },
    ...ofSteps,
    ...ofOlderLogins,
    'LIST_PROPOSALS CHANNEL_NOT_FOUND': async (town) => {
      return { who: await town.keyed('alice'), fields: { channel: '#nowhere' } }
    },
    'LIST_PROPOSALS NOT_INVITED': async (town) => {
      return { who: await town.keyed('alice'), fields: { channel: '#general' } }
    },
    'GET_PROPOSAL PROPOSAL_NOT_FOUND': async (town) => {
      return { who: await town.keyed('alice'), fields: { proposal_id: 'f00d' } }
    },
  },
  [
    // Of a bad signature or time, of a missing link, of a payment code that is none.
    ...stepTypes.flatMap((type) => [`${type} VERIFICATION_FAILED`, `${type} INVALID_MSG`]),
  ],
)

async function proposing(
  town: Town<CoreDriver>,
  say: (alice: Actor, bob: Actor) => [to: string, fields?: Parameters<Actor['proposes']>[2]],
) {
  const { alice, bob } = await pairIn(town)
  const [to, fields] = say(alice, bob)
  return { who: alice, fields: alice.signedProposal(to, 'translate', fields) as never }
}

describe('INVALID_PROPOSAL says in one word why, and in a hint what to do', () => {
  type Telling = (place: Market) => Promise<readonly [who: Actor, type: StepType, deal: State]>
  const tellings: { readonly [F in ProposalFault]: Telling } = {
    async PROPOSAL_NOT_PENDING(place) {
      return [place.bob, 'REJECT', await dealAt('accepted', place)]
    },
    async PROPOSAL_EXPIRED(place) {
      const deal = await dealAt('pending', place, { expires: 60 })
      await place.town.clock.advance(61_000)
      return [place.bob, 'ACCEPT', deal]
    },
    async PROPOSAL_NOT_ACCEPTED(place) {
      return [place.bob, 'COMPLETE', await dealAt('pending', place)]
    },
    async PROPOSAL_NOT_CLAIMED(place) {
      return [place.alice, 'CONFIRM', await dealAt('accepted', place)]
    },
    async PROPOSAL_NOT_DISPUTED(place) {
      return [place.alice, 'SETTLE', await dealAt('claimed', place)]
    },
    async PROPOSAL_NOT_HELD(place) {
      return [place.bob, 'FUNDED', await dealAt('accepted', place)]
    },
    async PROPOSAL_CHANGED(place) {
      const pending = await dealAt('pending', place)
      await place.bob.step('ACCEPT', pending)
      return [place.bob, 'COMPLETE', pending]
    },
    async NOT_PROPOSAL_RECIPIENT(place) {
      return [place.alice, 'ACCEPT', await dealAt('pending', place)]
    },
    async NOT_PROPOSAL_PROPOSER(place) {
      return [place.bob, 'WITHDRAW', await dealAt('pending', place)]
    },
    async NOT_PROPOSAL_PARTY(place) {
      const deal = await dealAt('pending', place, { amount: '1' })
      const held = await place.bob.step('ACCEPT', deal)
      return [place.trent, 'COMPLETE', await place.trent.step('FUNDED', held)]
    },
    async NOT_PROPOSAL_COUNTERPARTY(place) {
      return [place.bob, 'CONFIRM', await dealAt('claimed', place)]
    },
    async NOT_PROPOSAL_ESCROW(place) {
      const deal = await dealAt('pending', place, { amount: '1' })
      return [place.alice, 'FUNDED', await place.bob.step('ACCEPT', deal)]
    },
  }

  test.each(Object.entries(tellings))('%s', async (fault, tell) => {
    const place = await escrowMarket()
    const [who, type, deal] = await tell(place)
    const before = place.town.driver.frozen()
    const asked = who.signedStep(type, deal, ownOf(type))
    expect(await who.refused('INVALID_PROPOSAL', type, asked as never)).toMatchObject({
      message: fault,
      hint: proposalFaults[fault as ProposalFault],
    })
    expect(place.town.driver.frozen()).toBe(before)
    for (const actor of [place.alice, place.bob, place.trent]) await actor.heardSoFar()
    await place.eve.heardNothing()
  })
})

describe('a frame that no edge has proven', () => {
  test.each(['PROPOSAL', 'ACCEPT', 'COMPLETE'] as const)('%s is not taken', async (type) => {
    const { town, bob, alice } = await market()
    const deal = await dealAt(type === 'COMPLETE' ? 'accepted' : 'pending', { alice, bob })
    await bob.heardSoFar()
    const { proposal_id, link } = deal
    const base = { proposal_id, link, to: alice.id, task: 'x', sig: 'x' }
    const older = { version: 'v0', key: 'x'.repeat(43), hash: 'h'.repeat(43) }
    for (const fields of [base, { ...base, signed: older }]) {
      const now = town.driver.world.now + 1
      const outcome = town.driver.submit({ type, session: bob.session, fields, now, ref: 'r' })
      expect(outcome.accepted).toBe(false)
      await bob.refused('SIGNATURE_REQUIRED')
    }
  })
})

test('with a world full of open proposals none is made, and one that is over makes room', async () => {
  const { town, alice, bob } = await market()
  const { proposals } = town.driver.world
  fillWorld(town.driver.world).proposals(limits.proposals - 1)
  const last = await alice.proposes(bob, 'the last one')
  expect(proposals.size).toBe(limits.proposals)
  const more = alice.signedProposal(bob, 'one more') as never
  expect(await alice.refused('LIMIT_REACHED', 'PROPOSAL', more)).toMatchObject({
    limit: 'proposals',
  })
  await alice.step('WITHDRAW', last)
  const made = await alice.proposes(bob, 'one more')
  expect([proposals.size, proposals.has(last.proposal_id)]).toEqual([limits.proposals, false])
  expect(proposals.has(made.proposal_id)).toBe(true)
  await alice.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id: last.proposal_id })
})
