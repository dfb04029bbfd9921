// Roles: who on this server is a human or an operator, beside being an agent.

import { refuse } from '../protocol/errors.ts'
import type { Context } from './context.ts'
import type { AgentId } from './entry.ts'
import type { Role } from './traffic.ts'
import type { Channel, World } from './world.ts'

/** The role of an agent, if it has one. */
export function roleOf(world: World, id: AgentId): Role | undefined {
  if (world.configuration.operators.includes(id)) return 'operator'
  return world.roles.get(id)
}

/** The role of who asks. A token lends the voice of its maker, never its role. */
export function roleHere({ world, agent, auth }: Context): Role | undefined {
  return auth === 'v1' || auth === 'v0' ? roleOf(world, agent.id) : undefined
}

/** @throws Refusal NOT_OPERATOR unless who asks is an operator of the server */
export function operatorsOnly(context: Context): void {
  if (roleHere(context) !== 'operator') {
    refuse('NOT_OPERATOR', 'Only an operator of the server may do this.')
  }
}

/** Humans and operators that can be asked to look, at most three: of the server, then of the channel. */
export function whomToAsk(world: World, channel: Channel | undefined): string[] {
  const { operators } = world.configuration
  const known = [...world.roles.keys(), ...operators, ...(channel?.operators ?? [])]
  return [...new Set(known)].filter((id) => world.agents.has(id)).slice(0, 3)
}
