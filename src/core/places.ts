// Places: where a message goes, who hears it there, and where it is read back.

import { Refusal } from '../protocol/errors.ts'
import { type Audience, channelAudience, sessionsOf } from './audience.ts'
import { memberChannel } from './membership.ts'
import { agentNamed } from './naming.ts'
import type { Agent, Channel, World } from './world.ts'

/** Where a message goes: a channel, or the conversation with another agent. */
export interface Place {
  /** The target as it is called here: the channel's name or the agent's id. */
  readonly to: string
  /** Where it is read back. */
  readonly stream: string
  /** All streams that it belongs to: beside its own the inboxes of both agents. */
  readonly streams: readonly string[]
  readonly audience: Audience
  readonly channel?: Channel
  readonly peer?: Agent
}

/** The stream of what two agents say to each other. */
export function conversationOf(one: string, other: string): string {
  return [one, other].sort().join(' ')
}

/** What was said with an agent that is gone can be read all the same. */
export function streamOf(world: World, agent: Agent, target: string): string {
  const conversation = conversationOf(agent.id, target)
  if (world.conversations.has(conversation)) return conversation
  return placeOf(world, agent, target).stream
}

/** As `placeOf`; undefined where the agent may not speak. */
export function findPlace(world: World, agent: Agent, to: string): Place | undefined {
  try {
    return placeOf(world, agent, to)
  } catch (failure) {
    if (failure instanceof Refusal) return undefined
    throw failure
  }
}

/** @throws Refusal CHANNEL_NOT_FOUND, NOT_INVITED, AGENT_NOT_FOUND */
export function placeOf(world: World, agent: Agent, to: string): Place {
  if (to.startsWith('#')) {
    const channel = memberChannel(world, agent, to)
    const { name, stream } = channel
    return {
      to: name,
      stream,
      streams: [stream],
      audience: channelAudience(world, channel),
      channel,
    }
  }
  const peer = agentNamed(world, to)
  const stream = conversationOf(agent.id, peer.id)
  const streams = [...new Set([stream, agent.id, peer.id])]
  return { to: peer.id, stream, streams, audience: sessionsOf(peer, agent), peer }
}
