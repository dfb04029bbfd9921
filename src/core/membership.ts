// Members and invites: who is in a channel, who may come in, and when a channel is gone.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { foldChannel, isEphemeralId } from '../protocol/names.ts'
import { audienceChanged, channelAudience } from './audience.ts'
import type { Context } from './context.ts'
import type { ChannelKey } from './entry.ts'
import { forgetUsage } from './usage.ts'
import type { Agent, Channel, World } from './world.ts'

/** The channel, if the agent is in it. @throws Refusal CHANNEL_NOT_FOUND, NOT_INVITED */
export function memberChannel(world: World, agent: Agent, name: string): Channel {
  const channel =
    world.channels.get(foldChannel(name)) ?? refuse('CHANNEL_NOT_FOUND', notFound(name))
  if (channel.members.has(agent.id)) return channel
  return refuse('NOT_INVITED', `You are not a member of ${name}; JOIN it first.`)
}

/** Lets an agent in, for good. */
export function addMember(context: Context, agent: Agent, channel: Channel): void {
  const key = foldChannel(channel.name)
  channel.members.set(agent.id, context.position)
  agent.channels.set(key, context.position)
  context.world.emptyChannels.delete(key)
  audienceChanged(channel)
}

/** Takes a member out, tells the others, and marks a channel that nobody may come back to. */
export function leaveChannel(context: Context, agent: Agent, key: ChannelKey): void {
  const { world, now, position } = context
  agent.channels.delete(key)
  const channel = world.channels.get(key)
  if (!channel) return
  channel.members.delete(agent.id)
  audienceChanged(channel)
  const { id, name, isPassing } = agent
  if (!isPassing) {
    const news = { channel: channel.name, agent: id, name, position }
    context.tell(channelAudience(world, channel), 'AGENT_LEFT', news)
  }
  if (channel.members.size > 0 || channel.owner === undefined || !isEphemeralId(channel.owner))
    return
  world.emptyChannels.set(key, now)
  if (world.emptyChannels.size > limits.empty_channels) forgetLongestEmpty(world)
}

/** An invite is used, or withdrawn, or its agent is gone. */
export function withdrawInvite(world: World, key: ChannelKey, invited: Agent): void {
  invited.invitedTo.delete(key)
  const channel = world.channels.get(key)
  const inviter = world.agents.get(channel?.invited.get(invited.id) ?? '')
  // An inviter that was forgotten and came back counts only what it has made since.
  if (inviter && inviter.invites > 0) inviter.invites -= 1
  channel?.invited.delete(invited.id)
}

/** Channels of agents without a key do not stay empty for ever. */
export function forgetEmpty(context: Context): void {
  const { world, now } = context
  for (const since of world.emptyChannels.values()) {
    if (since + limits.empty_channel_ms > now) return
    forgetLongestEmpty(world)
  }
}

/** Forgets the channel that has been without members for the longest, and the invites to it. */
export function forgetLongestEmpty(world: World): void {
  const [key] = world.emptyChannels.keys()
  const channel = world.channels.get(key ?? '')
  if (key === undefined || !channel) return
  for (const id of [...channel.invited.keys()]) {
    const invited = world.agents.get(id)
    if (invited) withdrawInvite(world, key, invited)
  }
  const owner = world.agents.get(channel.owner ?? '')
  if (owner) owner.owned -= 1
  world.channels.delete(key)
  forgetUsage(world, channel.stream)
  world.emptyChannels.delete(key)
}

/** The sentence for a channel that there is not, or that is none of theirs. */
export function notFound(name: string): string {
  return `There is no channel ${name} for you; LIST_CHANNELS shows those there are.`
}
