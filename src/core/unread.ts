// Reading what matters: which streams the edge reads for an agent, and what it counts.

import { limits } from '../protocol/limits.ts'
import { messageIdAt, positionOf } from '../protocol/names.ts'
import type { Context, HandlersOf } from './context.ts'
import type { Agent, Channel, World } from './world.ts'

export const unread: HandlersOf<'unread'> = {
  UNREAD(context, { after: asked, before }) {
    const { world, agent, position } = context
    const after = asked ?? agent.cursor
    const channels = channelsOf(world, agent)
    const since = (channel: Channel) => Math.max(after, channel.members.get(agent.id) ?? after)
    const active = channels.filter((channel) => channel.last > since(channel))
    context.read({
      shape: 'unread',
      streams: [agent.id, addressedStream(agent.id)].map((stream) => ({ stream, after })),
      questions: active.map((channel) => ({
        stream: questionStream(channel.stream),
        after: since(channel),
      })),
      threads: threadsOf(context, after),
      channels: active.map((channel) => ({
        channel: channel.name,
        stream: channel.stream,
        after: since(channel),
      })),
      agent: agent.id,
      answered: answeredOf(world, agent, after),
      after,
      before: Math.max(after + 1, Math.min(before ?? Infinity, position + 1)),
      end: position + 1,
      limit: limits.page_messages,
    })
    return undefined
  },

  GET_MESSAGE(context, { msg_id }) {
    const position = positionOf(msg_id)
    const streams = readableStreams(context.world, context.agent)
    context.read({
      shape: 'message',
      streams: streams.map((stream) => ({ stream, after: position - 1 })),
      before: position + 1,
      limit: 1,
    })
    return undefined
  },
}

/** Which messages that are for the agent, and that it has not acknowledged, were answered. */
function answeredOf(world: World, { id }: Agent, after: number) {
  const addressed = world.trails.get(id)?.addressed ?? []
  return addressed.flatMap((position) => {
    const answer = position > after ? world.ladders.get(position)?.answer : undefined
    return answer
      ? [{ msg_id: messageIdAt(position), by: answer.by, answer: answer.messageId }]
      : []
  })
}

/** Mentions of an agent in channels, and answers to it. Direct messages stand in its inbox already. */
export function addressedStream(agent: string): string {
  return `+${agent}`
}

/** What was asked in a place with `expects: reply`. */
export function questionStream(stream: string): string {
  return `?${stream}`
}

/** Where the agent may read: its channels, and what was said to it and by it in private. */
export function readableStreams(world: World, agent: Agent): string[] {
  return [agent.id, ...channelsOf(world, agent).map(({ stream }) => stream)]
}

function channelsOf(world: World, agent: Agent): Channel[] {
  return [...agent.channels.keys()].flatMap((key) => world.channels.get(key) ?? [])
}

/** The threads that the agent has spoken in, in channels that it is still in. */
function threadsOf({ world, agent }: Context, after: number) {
  const threads = [...(world.trails.get(agent.id)?.threads ?? [])]
  return threads.flatMap(([stream, key]) => {
    const channel = agent.channels.has(key) ? world.channels.get(key) : undefined
    if (!channel || !stream.endsWith(` ${channel.stream}`)) return []
    if ((world.talks.get(stream)?.newest.position ?? Infinity) <= after) return []
    return [{ stream, after: Math.max(after, channel.members.get(agent.id) ?? after) }]
  })
}
