// Where proposals are kept in the world: by whom, until when, and how many that are over.

import { limits } from '../protocol/limits.ts'
import { life, type Stage, weightOf } from '../protocol/proposal-life.ts'
import { addDue, removeDue } from './dues.ts'
import type { AgentId } from './entry.ts'
import type { ClosedWeight, Proposal, World } from './world.ts'

/** The keys of `world.dealings`. */
export const made = (agent: AgentId): string => `made ${agent}`
export const got = (agent: AgentId): string => `got ${agent}`
export const held = (escrow: AgentId): string => `held ${escrow}`
export const offered = (stream: string): string => `offered ${stream}`

/** The proposals of a key, in the order in which they came to it. */
export function proposalsOf(world: World, key: string): Proposal[] {
  const ids = world.dealings.get(key) ?? []
  return [...ids].flatMap((id) => world.proposals.get(id) ?? [])
}

/** The stage as it is now, also when nobody has noted yet that its time is over. */
export function stageAt({ stage, until }: Proposal, now: number): Stage {
  if (until === null || until > now) return stage
  return life[stage].pass?.to ?? stage
}

/** In the order in which they are forgotten where there are too many. */
const weights = ['void', 'agreed', 'disputed'] as const

/** True when there is room for one more; those that are over make room. */
export function hasRoom(world: World): boolean {
  return world.proposals.size < limits.proposals || longestClosed(world) !== undefined
}

function longestClosed({ closedProposals }: World): string | undefined {
  for (const weight of weights) {
    const [id] = closedProposals[weight]
    if (id !== undefined) return id
  }
  return undefined
}

/** Proposals that are neither open nor in dispute. */
export function countOver({ closedProposals }: World): number {
  return closedProposals.void.size + closedProposals.agreed.size
}

/** Keeps a new proposal. */
export function addProposal(world: World, proposal: Proposal): void {
  if (world.proposals.size >= limits.proposals) forgetOldest(world)
  world.proposals.set(proposal.id, proposal)
  add(world, made(proposal.from), proposal.id)
  if (proposal.to !== null) add(world, got(proposal.to), proposal.id)
  if (proposal.offeredIn) add(world, offered(proposal.offeredIn.stream), proposal.id)
  addDue(world.proposalDues, proposal.until, proposal.id)
}

/** Whoever takes an open offer is its recipient from now on. */
export function giveTo(world: World, proposal: Proposal, agent: AgentId): void {
  if (proposal.to !== null) return
  proposal.to = agent
  add(world, got(agent), proposal.id)
}

/** Moves a proposal to a stage, which time ends at `until`. */
export function enterStage(
  world: World,
  proposal: Proposal,
  { stage, until, now }: { stage: Stage; until: number | null; now: number },
): void {
  removeDue(world.proposalDues, proposal.until, proposal.id)
  proposal.stage = stage
  proposal.until = until
  proposal.updatedAt = now
  addDue(world.proposalDues, until, proposal.id)
  if (stage !== 'pending' && proposal.offeredIn) {
    remove(world, offered(proposal.offeredIn.stream), proposal.id)
  }
  if (proposal.escrow !== null) {
    const list = stage === 'awaiting_escrow' ? add : remove
    list(world, held(proposal.escrow), proposal.id)
  }
  close(world, proposal)
}

function close(world: World, proposal: Proposal): void {
  const { id, from, to, stage } = proposal
  const weight = weightOf(stage)
  if (weight === 'open') return
  for (const other of weights) world.closedProposals[other].delete(id)
  world.closedProposals[weight].add(id)
  trim(world, made(from), weight)
  if (to !== null) trim(world, got(to), weight)
}

/**
 * Of the proposals of one agent that weigh the same, the one that is over the longest is listed no longer. So nobody
 * drives out what was agreed, or a dispute, with proposals that come to nothing.
 */
function trim(world: World, key: string, weight: ClosedWeight): void {
  const alike = proposalsOf(world, key).filter(({ stage }) => weightOf(stage) === weight)
  if (alike.length <= limits.closed_proposals) return
  const { id } = alike.reduce((one, other) => (other.updatedAt < one.updatedAt ? other : one))
  remove(world, key, id)
  forgetUnlisted(world, id)
}

function forgetUnlisted(world: World, id: string): void {
  const proposal = world.proposals.get(id)
  if (!proposal) return
  const { from, to, signedAt } = proposal
  const keys = to === null ? [made(from)] : [made(from), got(to)]
  if (keys.some((key) => world.dealings.get(key)?.has(id))) return
  world.proposals.delete(id)
  for (const weight of weights) world.closedProposals[weight].delete(id)
  const maker = world.agents.get(from)
  if (maker) maker.forgottenUntil = Math.max(maker.forgottenUntil ?? 0, signedAt)
}

function forgetOldest(world: World): void {
  const proposal = world.proposals.get(longestClosed(world) ?? '')
  if (!proposal) return
  remove(world, made(proposal.from), proposal.id)
  if (proposal.to !== null) remove(world, got(proposal.to), proposal.id)
  forgetUnlisted(world, proposal.id)
}

function add(world: World, key: string, id: string): void {
  const ids = world.dealings.get(key)
  if (ids) ids.add(id)
  else world.dealings.set(key, new Set([id]))
}

function remove(world: World, key: string, id: string): void {
  const ids = world.dealings.get(key)
  ids?.delete(id)
  if (ids?.size === 0) world.dealings.delete(key)
}
