// What others are shown of an agent, read off the world.

import type { TellFields } from '../protocol/frames.ts'
import type { Agent, Presence, World } from './world.ts'

/** True while the agent has a session that is more than an errand. */
export function isPresent(world: World, agent: Agent): boolean {
  for (const id of agent.sessions) if (world.sessions.get(id)?.brief === false) return true
  return false
}

/** What others are shown. */
export function presenceOf(world: World, agent: Agent): Presence {
  return isPresent(world, agent) ? agent.status : 'offline'
}

/** When it was here last; nothing while it is, or when it never was. */
export function lastSeen(world: World, agent: Agent): { last_seen?: number } {
  return isPresent(world, agent) || agent.lastSeen === 0 ? {} : { last_seen: agent.lastSeen }
}

/** What a list shows of an agent. */
export function agentCard(world: World, agent: Agent): TellFields<'AGENTS'>['list'][number] {
  return {
    id: agent.id,
    name: agent.name,
    presence: presenceOf(world, agent),
    status_text: agent.statusText,
    auth: agent.auth,
    ...lastSeen(world, agent),
  }
}
