// Who makes deals in stories of the core, and the ways that lead to each stage of a proposal.

import type { Proposal } from '../../src/core/world.ts'
import type { Heard, TellType } from '../../src/protocol/frames.ts'
import type { Stage } from '../../src/protocol/proposal-life.ts'
import type { Actor } from './actor.ts'
import { type CoreDriver, coreTown } from './core.ts'
import type { Town } from './town.ts'

export const second = 1_000
export const day = 86_400_000

/** A proposal as it was answered for last: what the next step signs. */
export type State = Heard<'PROPOSAL_STATE'>

export interface Market {
  readonly town: Town<CoreDriver>
  /** Proposes. */
  readonly alice: Actor
  /** Is proposed to. */
  readonly bob: Actor
  /** Has to sign FUNDED, where a story names it. */
  readonly trent: Actor
  /** Shares the channel with the others, and has no part in their deals. */
  readonly eve: Actor
}

/** Four agents with keys in #jobs; nothing is left to be heard. */
export async function market(): Promise<Market> {
  const town = await coreTown()
  const [alice, bob, trent, eve] = [
    await town.keyed('alice'),
    await town.keyed('bob'),
    await town.keyed('trent'),
    await town.keyed('eve'),
  ]
  await alice.creates('#jobs')
  for (const actor of [bob, trent, eve]) await actor.join('#jobs')
  for (const actor of [alice, bob, trent, eve]) await actor.heardSoFar()
  return { town, alice, bob, trent, eve }
}

/** The same, with an escrow that has so many milliseconds to sign FUNDED. */
export async function escrowMarket(timeoutMs = 3_600 * second): Promise<Market> {
  const place = await market()
  place.town.driver.escrow = { agent: place.trent.id, timeoutMs }
  return place
}

type Ended = 'pending' | 'accepted' | 'claimed' | 'disputed'
type Making = Parameters<Actor['proposes']>[2]

/** A proposal of alice to bob that has come so far; bob is who claims, and alice who disputes. */
export async function dealAt(
  stage: Ended,
  { alice, bob }: Pick<Market, 'alice' | 'bob'>,
  fields: Making = {},
): Promise<State> {
  const made = await alice.proposes(bob, 'translate the page', fields)
  if (stage === 'pending') return made
  const accepted = await bob.step('ACCEPT', made)
  if (stage === 'accepted') return accepted
  const claimed = await bob.step('COMPLETE', accepted)
  if (stage === 'claimed') return claimed
  return alice.step('DISPUTE', claimed, { reason: 'nothing came' })
}

/** The record that the world holds of a proposal. @throws when there is none */
export function recordOf({ driver }: Town<CoreDriver>, id: string): Proposal {
  const proposal = driver.world.proposals.get(id)
  if (!proposal) throw new Error(`There is no proposal ${id}.`)
  return proposal
}

export function stageOf(town: Town<CoreDriver>, { proposal_id: id }: State): Stage {
  return recordOf(town, id).stage
}

const dealTypes: readonly TellType[] = [
  ...(['PROPOSAL', 'ACCEPT', 'REJECT', 'WITHDRAW', 'FUNDED', 'COMPLETE', 'CONFIRM'] as const),
  ...(['DISPUTE', 'SETTLE', 'TIME_UP', 'OFFER_CLOSED'] as const),
]

/** All that an agent has heard of proposals and not taken, in order. */
export async function dealNews(actor: Actor): Promise<Heard[]> {
  const frames = await actor.heardSoFar()
  return frames.filter(({ type }) => dealTypes.includes(type))
}

/** The types of what an agent has heard of proposals. */
export async function dealWords(actor: Actor): Promise<TellType[]> {
  return (await dealNews(actor)).map(({ type }) => type)
}
