// Who hears of a proposal: its parties and its escrow, present or not, and the channel of an open offer.

import type { TellFields } from '../protocol/frames.ts'
import type { KeptType } from '../protocol/kept.ts'
import { foldChannel } from '../protocol/names.ts'
import { toldAs } from '../protocol/proposal-life.ts'
import { channelAudience, sessionsOf } from './audience.ts'
import type { Context } from './context.ts'
import { allProposals, chainOf } from './proposal-streams.ts'
import type { Agent, Channel, Proposal, World } from './world.ts'

/** The channel of an offer; undefined when it is gone, or another one has its name. */
export function channelOf(world: World, { offeredIn }: Proposal): Channel | undefined {
  const channel = offeredIn && world.channels.get(foldChannel(offeredIn.name))
  return channel?.stream === offeredIn?.stream ? channel : undefined
}

/** Tells a step to all whom it concerns, and keeps it for those who are away. */
export function tellParties<T extends KeptType>(
  context: Context,
  type: T,
  { proposal, news }: { readonly proposal: Proposal; readonly news: TellFields<T> },
): void {
  const { world } = context
  const { id, from, to, escrow, offeredIn } = proposal
  const concerned = [...new Set([from, to, escrow])].filter((one) => one !== null)
  const present = concerned.flatMap((one) => world.agents.get(one) ?? [])
  const isOffer = type === 'PROPOSAL' && offeredIn !== undefined
  const heardBy = isOffer ? membersAnd(world, proposal, present) : sessionsOf(...present)
  context.tellKept(heardBy, type, news, [allProposals, chainOf(id), ...concerned])
}

function membersAnd(world: World, proposal: Proposal, present: readonly Agent[]) {
  const channel = channelOf(world, proposal)
  return [
    ...new Set([...(channel ? channelAudience(world, channel) : []), ...sessionsOf(...present)]),
  ]
}

/** The members of its channel learn that an open offer can be taken no longer, and not by whom. */
export function closeOffer(context: Context, proposal: Proposal): void {
  const { world, position } = context
  const channel = channelOf(world, proposal)
  if (!channel) return
  context.tell(channelAudience(world, channel), 'OFFER_CLOSED', {
    channel: channel.name,
    proposal_id: proposal.id,
    status: toldAs[proposal.stage].status,
    position,
  })
}
