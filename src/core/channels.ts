// Channels: made, found, entered and left; and the invites to those that are private.

import { refuse } from '../protocol/errors.ts'
import type { TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { foldChannel, messageIdAt } from '../protocol/names.ts'
import { channelAudience, sessionsOf } from './audience.ts'
import { agentCard } from './cards.ts'
import type { Context, HandlersOf } from './context.ts'
import {
  addMember,
  forgetLongestEmpty,
  leaveChannel,
  memberChannel,
  notFound,
  withdrawInvite,
} from './membership.ts'
import { agentNamed } from './naming.ts'
import { type Agent, type Channel, createChannel, type World } from './world.ts'

type ListedChannel = TellFields<'CHANNELS'>['list'][number]

export const channels: HandlersOf<'channels'> = {
  LIST_CHANNELS(context) {
    const { world, maybeSession } = context
    const agent = maybeSession && world.agents.get(maybeSession.agent)
    const [own, others]: [ListedChannel[], ListedChannel[]] = [[], []]
    let total = 0
    for (const [key, channel] of world.channels) {
      const joined = agent?.channels.has(key) ?? false
      if (channel.inviteOnly && !joined) continue
      total += 1
      if (joined) own.push({ ...channelCard(channel), joined })
      else if (others.length < limits.channels_listed)
        others.push({ ...channelCard(channel), joined })
    }
    return { list: [...own, ...others].slice(0, limits.channels_listed), total }
  },

  CREATE_CHANNEL(context, { channel: name, invite_only, topic }) {
    const { world, agent, position } = context
    const key = foldChannel(name)
    if (world.channels.has(key)) refuse('CHANNEL_EXISTS', `${name} exists; choose another name.`)
    if (agent.owned >= limits.channels_owned) atLimit('channels_owned')
    if (agent.channels.size >= limits.channels_per_agent) atLimit('channels_per_agent')
    if (world.channels.size >= limits.channels && world.emptyChannels.size === 0)
      atLimit('channels')

    if (world.channels.size >= limits.channels) forgetLongestEmpty(world)
    const plan = { name, position, owner: agent.id, inviteOnly: invite_only ?? false, topic }
    const channel = createChannel(plan)
    world.channels.set(key, channel)
    agent.owned += 1
    addMember(context, agent, channel)
    return joined(context, channel)
  },

  JOIN(context, { channel: name, replay }) {
    const { world, agent, position } = context
    const key = foldChannel(name)
    const channel = world.channels.get(key) ?? refuse('CHANNEL_NOT_FOUND', notFound(name))
    const isMember = channel.members.has(agent.id)
    if (!isMember) admit(agent, channel)

    if (isMember) context.stored = false
    else enterChannel(context, agent, channel)
    const limit = replay ?? limits.join_replay
    if (limit > 0 && channel.last > 0) {
      const streams = [{ stream: channel.stream, after: 0 }]
      context.read({ shape: 'replay', streams, before: position, limit })
    }
    return joined(context, channel)
  },

  LEAVE(context, { channel: name }) {
    const { world, agent } = context
    const channel = memberChannel(world, agent, name)

    leaveChannel(context, agent, foldChannel(name))
    return { channel: channel.name }
  },

  INVITE(context, { channel: name, agent: reference }) {
    const { world, agent, auth, position } = context
    const channel = memberChannel(world, agent, name)
    const invited = agentNamed(world, reference)
    if (channel.members.has(invited.id) || channel.invited.has(invited.id)) {
      context.stored = false
      return {}
    }
    if (agent.invites >= limits.open_invites) atLimit('open_invites')
    if (channel.invited.size >= limits.members_per_channel) atLimit('members_per_channel')

    channel.invited.set(invited.id, agent.id)
    invited.invitedTo.add(foldChannel(channel.name))
    agent.invites += 1
    const from = { from: agent.id, from_name: agent.name }
    context.tellKept(
      sessionsOf(invited),
      'MSG',
      {
        ...from,
        to: invited.id,
        content: `You are invited to ${channel.name}.`,
        msg_id: messageIdAt(position),
        position,
        auth,
        expects: 'none',
        invite: channel.name,
      },
      [invited.id],
    )
    context.tell(sessionsOf(invited), 'INVITED', { ...from, channel: channel.name, position })
    return {}
  },

  UNINVITE(context, { channel: name, agent: reference }) {
    const { world, agent } = context
    const channel = memberChannel(world, agent, name)
    const invited = agentNamed(world, reference)
    const mine = channel.invited.get(invited.id) === agent.id
    if (!mine && !channel.operators.has(agent.id)) {
      refuse('NOT_INVITED', 'Only who invited, or an operator, withdraws an invite.')
    }

    withdrawInvite(world, foldChannel(name), invited)
    return {}
  },

  LIST_AGENTS(context, { channel: name }) {
    const { world, agent } = context
    const channel = visibleChannel(world, agent, name)
    const { agents, total } = roster(world, channel)
    return { channel: channel.name, list: agents, total }
  },
}

function visibleChannel(world: World, agent: Agent, name: string): Channel {
  const channel = world.channels.get(foldChannel(name))
  if (channel && (!channel.inviteOnly || channel.members.has(agent.id))) return channel
  return refuse('CHANNEL_NOT_FOUND', notFound(name))
}

function admit(agent: Agent, channel: Channel): void {
  const invited = channel.invited.has(agent.id) || channel.operators.has(agent.id)
  if (channel.inviteOnly && !invited) {
    refuse('NOT_INVITED', `${channel.name} is private; ask a member to INVITE you.`)
  }
  if (channel.members.size >= limits.members_per_channel) atLimit('members_per_channel')
  if (agent.channels.size >= limits.channels_per_agent) atLimit('channels_per_agent')
}

function enterChannel(context: Context, agent: Agent, channel: Channel): void {
  const { world, position } = context
  const others = channelAudience(world, channel)
  addMember(context, agent, channel)
  withdrawInvite(world, foldChannel(channel.name), agent)
  const { id, name, isPassing } = agent
  if (isPassing) return
  context.tell(others, 'AGENT_JOINED', { channel: channel.name, agent: id, name, position })
}

function joined(context: Context, channel: Channel): TellFields<'JOINED'> {
  const { world, stored } = context
  const position = stored ? context.position : world.position
  return { channel: channel.name, position, ...roster(world, channel) }
}

function roster(world: World, channel: Channel): Pick<TellFields<'JOINED'>, 'agents' | 'total'> {
  const listed: TellFields<'JOINED'>['agents'] = []
  for (const id of channel.members.keys()) {
    if (listed.length >= limits.members_listed) break
    const member = world.agents.get(id)
    if (member) listed.push(agentCard(world, member))
  }
  return { agents: listed, total: channel.members.size }
}

function channelCard(channel: Channel) {
  const { name, topic, inviteOnly, members } = channel
  return { name, agents: members.size, topic, invite_only: inviteOnly }
}

function atLimit(limit: keyof typeof limits): never {
  return refuse('LIMIT_REACHED', `The limit ${limit} (${limits[limit]}) is reached.`, { limit })
}
