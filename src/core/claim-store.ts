// Where claims are kept in the world: by the message that they are for, by who holds them, and by when they end.

import { limits } from '../protocol/limits.ts'
import { addDue, removeDue } from './dues.ts'
import type { AgentId } from './entry.ts'
import type { Said } from './ladders.ts'
import type { Claim } from './traffic.ts'
import type { World } from './world.ts'

function claimKey({ stream, messageId }: Said): string {
  return `${stream} ${messageId}`
}

/** The claim of a message, also one that was answered under; undefined once its time is over. */
export function liveClaim(world: World, said: Said, now: number): Claim | undefined {
  const claim = world.claims.get(claimKey(said))
  return claim && claim.until > now ? claim : undefined
}

/** The claims of an agent, the oldest first; also those whose time is over and was not noted yet. */
export function claimsOf(world: World, agent: AgentId): Claim[] {
  return [...(world.claimsOf.get(agent) ?? [])].flatMap((key) => world.claims.get(key) ?? [])
}

/** The claim that an agent holds under a fence now; undefined when it holds none such. */
export function heldUnder(
  world: World,
  { agent, fence }: { readonly agent: AgentId; readonly fence: number },
  now: number,
): Claim | undefined {
  const claim = claimsOf(world, agent).find((one) => one.fence === fence)
  return claim && claim.until > now && !claim.answer ? claim : undefined
}

/** Keeps a claim, in place of one that was there. */
export function keepClaim(world: World, claim: Claim): void {
  const key = claimKey(claim)
  const before = world.claims.get(key)
  if (before) dropClaim(world, before)
  world.claims.set(key, claim)
  const keys = world.claimsOf.get(claim.holder)
  if (keys) keys.add(key)
  else world.claimsOf.set(claim.holder, new Set([key]))
  addDue(world.claimDues, claim.until, key)
}

/** Moves the end of a claim. */
export function prolong(world: World, claim: Claim, until: number): void {
  const key = claimKey(claim)
  removeDue(world.claimDues, claim.until, key)
  claim.until = until
  addDue(world.claimDues, until, key)
}

export function dropClaim(world: World, claim: Claim): void {
  const key = claimKey(claim)
  world.claims.delete(key)
  const keys = world.claimsOf.get(claim.holder)
  keys?.delete(key)
  if (keys?.size === 0) world.claimsOf.delete(claim.holder)
  removeDue(world.claimDues, claim.until, key)
}

/** Keeps in mind under which of its claims an agent has answered; of those only the newest. */
export function rememberAnswered(world: World, claim: Claim, answer: string): void {
  claim.answer = answer
  const answered = claimsOf(world, claim.holder).filter((one) => one.answer !== null)
  const [oldest] = answered
  if (oldest && answered.length > limits.open_claims) dropClaim(world, oldest)
}
