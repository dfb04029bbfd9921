// Claims: who comes first in the order of the log may answer, until it has, gives the claim back, or its time is over.

import { refuse } from '../protocol/errors.ts'
import type { EdgeFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { messageIdAt } from '../protocol/names.ts'
import { channelAudience, otherMembers } from './audience.ts'
import {
  claimsOf,
  dropClaim,
  heldUnder,
  keepClaim,
  liveClaim,
  prolong,
  rememberAnswered,
} from './claim-store.ts'
import type { Context, HandlersOf } from './context.ts'
import { dueNow, waitFor } from './dues.ts'
import { climb, climbDown, ladderOf, type Said } from './ladders.ts'
import { memberChannel } from './membership.ts'
import type { Answer, Claim } from './traffic.ts'
import type { Agent, Channel, World } from './world.ts'

export const claims: HandlersOf<'claims'> = {
  CLAIM(context, { msg_id, lease_ms = limits.claim_lease_ms, found }) {
    const { world, agent, session, now } = context
    const said = saidIn(msg_id, found)
    if (ladderOf(world, said)?.from === agent.id) {
      refuse('MESSAGE_NOT_FOUND', `${msg_id} is your own; it is for others to answer.`)
    }
    const held = liveClaim(world, said, now)
    if (held && !held.answer) {
      // Programs with the same token may share a session: they are several that could answer.
      const isMine = held.session === session.id && session.token === null
      if (!isMine) heldBy(context, held)
      context.stored = false
      return told(held)
    }
    const answer = answerOf(context, said)
    if (answer) answeredBy(answer)
    makeRoom(world, agent)

    return told(take(context, said, lease_ms))
  },

  RENEW(context, { msg_id, fence, lease_ms = limits.claim_lease_ms }) {
    const claim = ownClaim(context, msg_id, fence)

    const longest = claim.since + limits.claim_held_ms
    prolong(context.world, claim, Math.min(context.now + lease_ms, longest))
    return told(claim)
  },

  RELEASE(context, { msg_id, fence }) {
    const claim = ownClaim(context, msg_id, fence)

    giveBack(context, claim, 'released')
    return {}
  },

  DECLINE(context, { msg_id, reason, found }) {
    const { world, agent, now } = context
    const said = saidIn(msg_id, found)
    const rung = ladderOf(world, said)?.rungs.get(agent.id)
    if (rung?.state === 'answered') {
      refuse('ALREADY_ANSWERED', `You have answered ${msg_id} already.`)
    }

    if (rung?.state === 'declined') {
      context.stored = false
      return {}
    }
    const claim = liveClaim(world, said, now)
    if (claim?.holder === agent.id && !claim.answer) giveBack(context, claim, 'released')
    climb(context, said, { agent, state: 'declined', words: reason })
    return {}
  },

  RESPONDING_TO(context, { msg_id, channel: name }) {
    const { world, agent, now } = context
    const channel = memberChannel(world, agent, name)
    const said = { stream: channel.stream, messageId: msg_id }
    const held = liveClaim(world, said, now)
    if (held && !held.answer) {
      context.stored = false
      if (held.holder !== agent.id) yieldTo(context, channel, held)
      return {}
    }
    const answer = answerOf(context, said)
    // Stored all the same: a log of an older version has such entries, and they were accepted.
    if (answer) {
      yieldTo(context, channel, { messageId: msg_id, holder: answer.by, since: now })
      return {}
    }
    makeRoom(world, agent)

    take(context, said, limits.turn_lease_ms)
    return {}
  },
}

/** The message that is meant. @throws Refusal MESSAGE_NOT_FOUND where the edge has found none that the agent can read */
function saidIn(messageId: string, found: EdgeFields<'CLAIM'>['found']): Said {
  if (found) return { stream: found.stream, messageId }
  return refuse('MESSAGE_NOT_FOUND', `There is no message ${messageId} that you can read.`)
}

/** Who has answered a message, as far back as it is kept in mind. */
function answerOf({ world, now }: Context, said: Said): Answer | undefined {
  const claim = liveClaim(world, said, now)
  if (claim?.answer) return { by: claim.holder, messageId: claim.answer }
  return ladderOf(world, said)?.answer ?? undefined
}

/** Whose claim a message runs into that is answered now; undefined when nobody else holds it. */
export function claimOfOther({ world, agent, now }: Context, said: Said): Claim | undefined {
  const claim = liveClaim(world, said, now)
  return claim && claim.holder !== agent.id && !claim.answer ? claim : undefined
}

/** @throws Refusal CLAIM_LOST when the agent answers under a claim that it holds no longer */
export function checkFence({ world, agent, now }: Context, said: Said, fence?: number): void {
  if (fence === undefined) return
  const claim = heldUnder(world, { agent: agent.id, fence }, now)
  const isMeant = claim?.stream === said.stream && claim.messageId === said.messageId
  if (!isMeant) lost(said.messageId)
}

/** Whoever holds the claim has answered. Where no ladder tells so, the claim does for the rest of its time. */
export function answerClaim(context: Context, said: Said): void {
  const { world, agent, now, position } = context
  const claim = liveClaim(world, said, now)
  if (!claim || claim.holder !== agent.id || claim.answer) return
  tellEnded(context, claim, 'answered')
  if (ladderOf(world, said)?.answer) dropClaim(world, claim)
  else rememberAnswered(world, claim, messageIdAt(position))
}

/** Claims whose time is over are nobody's. */
export function expireClaims(context: Context): void {
  const { world, now } = context
  for (const key of dueNow(world.claimDues, now, limits.claims)) {
    const claim = world.claims.get(key)
    if (claim?.answer) dropClaim(world, claim)
    else if (claim) giveBack(context, claim, 'expired')
  }
}

/** The agent is gone: others can answer what it held. */
export function forgetClaims(context: Context, agent: Agent): void {
  for (const claim of claimsOf(context.world, agent.id)) {
    if (claim.answer) dropClaim(context.world, claim)
    else giveBack(context, claim, 'released')
  }
}

/** @throws Refusal CLAIM_LOST */
function ownClaim({ world, agent, now }: Context, messageId: string, fence: number): Claim {
  const claim = heldUnder(world, { agent: agent.id, fence }, now)
  return claim?.messageId === messageId ? claim : lost(messageId)
}

function lost(messageId: string): never {
  return refuse(
    'CLAIM_LOST',
    `Your claim of ${messageId} is over; do not answer it under this one.`,
  )
}

function answeredBy({ by, messageId }: Answer): never {
  return refuse('ALREADY_ANSWERED', `It was answered already: ${messageId}.`, {
    by,
    answer: messageId,
  })
}

function heldBy({ world, now }: Context, { holder, until }: Claim): never {
  const name = world.agents.get(holder)?.name
  return refuse('CLAIM_HELD', `${name ?? holder} answers it; leave it, or try again later.`, {
    holder,
    ...(name !== undefined && { holder_name: name }),
    until,
    retry_after_ms: waitFor(until, now),
  })
}

/** @throws Refusal LIMIT_REACHED */
function makeRoom(world: World, agent: Agent): void {
  if (world.claims.size >= limits.claims) {
    refuse('LIMIT_REACHED', 'All claims are taken; try again soon.', { limit: 'claims' })
  }
  const open = claimsOf(world, agent.id).filter(({ answer }) => answer === null)
  if (open.length >= limits.open_claims) {
    refuse('LIMIT_REACHED', 'You hold as many claims as you may; answer first.', {
      limit: 'open_claims',
    })
  }
}

/** Gives the claim to who asks, and tells the others in the channel. */
function take(context: Context, said: Said, leaseMs: number): Claim {
  const { world, agent, session, now, position } = context
  const channel = channelIn(world, said.stream)
  const claim: Claim = {
    ...said,
    holder: agent.id,
    session: session.id,
    fence: position,
    since: now,
    until: now + leaseMs,
    answer: null,
  }
  keepClaim(world, claim)
  if (channel) tellHolder(context, channel, claim)
  climb(context, said, { agent, state: 'claimed' })
  return claim
}

/** A claim ends without an answer. */
function giveBack(context: Context, claim: Claim, why: 'released' | 'expired'): void {
  const agent = context.world.agents.get(claim.holder)
  dropClaim(context.world, claim)
  tellEnded(context, claim, why)
  const reason = why === 'expired' ? 'EXPIRED' : 'RELEASED'
  if (agent) climbDown(context, claim, { agent, reason })
}

/** The channel that a stream is the history of. */
function channelIn(world: World, stream: string): Channel | undefined {
  const channel = world.channels.get(stream.slice(0, stream.lastIndexOf('/')))
  return channel?.stream === stream ? channel : undefined
}

function told({ messageId, fence, until }: Claim) {
  return { msg_id: messageId, fence, until }
}

function tellHolder(context: Context, channel: Channel, claim: Claim): void {
  const { world, agent, position } = context
  context.tell(otherMembers(world, channel, agent), 'FLOOR_CLAIMED', {
    msg_id: claim.messageId,
    channel: channel.name,
    holder: agent.id,
    holder_name: agent.name,
    started_at: claim.since,
    until: claim.until,
    position,
  })
}

function tellEnded(context: Context, claim: Claim, why: 'answered' | 'released' | 'expired'): void {
  const channel = channelIn(context.world, claim.stream)
  if (!channel) return
  const { messageId: msg_id, holder } = claim
  const news = { msg_id, channel: channel.name, holder, why }
  context.tell(channelAudience(context.world, channel), 'CLAIM_ENDED', news)
}

function yieldTo(
  context: Context,
  channel: Channel,
  { messageId, holder, since }: Pick<Claim, 'messageId' | 'holder' | 'since'>,
): void {
  context.tell([context.session.id], 'YIELD', {
    msg_id: messageId,
    channel: channel.name,
    holder,
    holder_started_at: since,
    reason: 'The turn is taken',
  })
}
