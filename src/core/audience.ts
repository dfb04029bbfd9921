// Who hears a piece of news: a fixed list of sessions. The same list, the same write to their sockets.

import type { SessionId } from './entry.ts'
import type { Agent, Channel, World } from './world.ts'

/** Never changed once made; `channelAudience` gives the same one until somebody comes or goes. */
export type Audience = readonly SessionId[]

const known = new WeakMap<Channel, Audience>()

/** The sessions of an agent but those whose token does not permit to read. */
function hearing({ sessions, deaf }: Agent): SessionId[] {
  return [...sessions].filter((session) => deaf?.has(session) !== true)
}

/** Every session of every member. */
export function channelAudience(world: World, channel: Channel): Audience {
  const before = known.get(channel)
  if (before) return before
  const audience: SessionId[] = []
  for (const id of channel.members.keys()) {
    const agent = world.agents.get(id)
    if (agent) audience.push(...hearing(agent))
  }
  known.set(channel, audience)
  return audience
}

/** To be called whenever a member, or a session of one, comes or goes. */
export function audienceChanged(channel: Channel): void {
  known.delete(channel)
}

/** Every session of the members but those of one agent. */
export function otherMembers(world: World, channel: Channel, agent: Agent): Audience {
  return channelAudience(world, channel).filter((session) => !agent.sessions.has(session))
}

/** The sessions of one agent, or of two that talk with each other, each once. */
export function sessionsOf(...agents: readonly Agent[]): Audience {
  return [...new Set(agents.flatMap(hearing))]
}

/** Every session of everybody who shares a channel with the agent, without its own. */
export function neighbours(world: World, agent: Agent): Audience {
  const heard = new Set<SessionId>()
  for (const key of agent.channels.keys()) {
    const channel = world.channels.get(key)
    if (!channel) continue
    for (const session of channelAudience(world, channel)) heard.add(session)
  }
  for (const session of agent.sessions) heard.delete(session)
  return [...heard]
}
