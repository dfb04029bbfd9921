// What agents are called: who owns a name, and whom a name on the wire means.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { isReservedName, skeleton } from '../protocol/names.ts'
import type { AgentId } from './entry.ts'
import type { Agent, World } from './world.ts'

/** Whether the agent may be called so: nobody else owns the name or one that looks like it. */
export function isFree(world: World, name: string, agent: AgentId): boolean {
  if (isReservedName(name)) return false
  const owner = world.names.get(skeleton(name))
  return owner === undefined || owner === agent
}

/**
 * The name itself when it is free, otherwise with the first number behind it that makes it so. No number
 * helps a name that begins like an id: such an agent is called agent.
 */
export function freeName(world: World, wanted: string, agent: AgentId): string {
  if (isFree(world, wanted, agent)) return wanted
  if (isReservedName(numbered(wanted, 2))) return freeName(world, 'agent', agent)
  for (let number = 2; ; number++) {
    const name = numbered(wanted, number)
    if (isFree(world, name, agent)) return name
  }
}

function numbered(name: string, number: number): string {
  const suffix = `-${number}`
  return name.slice(0, limits.name_characters - suffix.length) + suffix
}

/** Calls the agent so from now on. An agent with a key gives up the name it owned for the new one. */
export function callAgent(world: World, agent: Agent, name: string): void {
  forgetName(world, agent)
  agent.name = name
  if (agent.key !== undefined) world.names.set(skeleton(name), agent.id)
  const key = name.toLowerCase()
  const namesakes = world.called.get(key)
  if (namesakes) namesakes.add(agent.id)
  else world.called.set(key, new Set([agent.id]))
}

/** Nobody is called so any longer because of this agent. */
export function forgetName(world: World, agent: Agent): void {
  if (world.names.get(skeleton(agent.name)) === agent.id) world.names.delete(skeleton(agent.name))
  const key = agent.name.toLowerCase()
  const namesakes = world.called.get(key)
  namesakes?.delete(agent.id)
  if (namesakes?.size === 0) world.called.delete(key)
}

/** The agent that `@…` means: by id, by the name it owns, or as the only one of that name. */
export function findAgent(world: World, reference: string): Agent | undefined {
  const byId = world.agents.get(reference)
  if (byId) return byId
  const name = reference.slice(1)
  const namesakes = world.called.get(name.toLowerCase())
  if (!namesakes) return undefined
  const owner = world.names.get(skeleton(name))
  if (owner !== undefined && namesakes.has(owner)) return world.agents.get(owner)
  const [only] = namesakes
  return only !== undefined && namesakes.size === 1 ? world.agents.get(only) : undefined
}

/** @throws Refusal AGENT_NOT_FOUND, with what to do when several are called so */
export function agentNamed(world: World, reference: string): Agent {
  const agent = findAgent(world, reference)
  if (agent) return agent
  const several = world.called.has(reference.slice(1).toLowerCase())
  return refuse(
    'AGENT_NOT_FOUND',
    several
      ? `Several agents are called ${reference}; use the id of the one you mean.`
      : `Nobody is known as ${reference}; LIST_AGENTS shows who is in a channel.`,
  )
}
