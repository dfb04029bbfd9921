// Agents: how they come to be known, are called, and are forgotten.

import { refuse } from '../protocol/errors.ts'
import type { NoteFields } from '../protocol/frames.ts'
import { publicKeyFromBase64Url } from '../protocol/keys.ts'
import { limits } from '../protocol/limits.ts'
import { isReservedName } from '../protocol/names.ts'
import { neighbours, sessionsOf } from './audience.ts'
import { agentCard } from './cards.ts'
import { forgetClaims } from './claims.ts'
import type { Context, HandlersOf } from './context.ts'
import { forgetTrail } from './ladders.ts'
import { leaveChannel, withdrawInvite } from './membership.ts'
import { agentNamed, callAgent, forgetName, isFree } from './naming.ts'
import { forgetTokens } from './token-store.ts'
import { forgetUsage } from './usage.ts'
import type { Agent, World } from './world.ts'

export const agents: HandlersOf<'agents'> = {
  WHOIS(context, { agent: reference }) {
    const agent = agentNamed(context.world, reference)
    const key = agent.key === undefined ? undefined : publicKeyFromBase64Url(agent.key)
    const card = agentCard(context.world, agent)
    if (!key) return card
    return { ...card, key: agent.key, pubkey: key.pem, fingerprint: key.fingerprint }
  },

  SET_NICK(context, { nick }) {
    const { world, agent } = context
    if (isReservedName(nick)) refuse('INVALID_NAME', `${nick} is reserved; choose another name.`)
    if (!isFree(world, nick, agent.id)) {
      refuse('INVALID_NAME', `${nick} belongs to another agent, or looks as if; choose another.`)
    }

    if (nick === agent.name) context.stored = false
    else rename(context, agent, nick)
    return {}
  },

  ALLOW_LEGACY(context, { allow }) {
    const { agent, session, now } = context
    if (session.version !== 'v1') refuse('V1_REQUIRED')

    agent.allowsLegacy = allow
    agent.strictUntil = allow ? 0 : now + limits.legacy_pause_ms
    return {}
  },
}

/** An agent that was not known, without a name yet. */
export function createAgent(world: World, opening: NoteFields<'SESSION_OPENED'>): Agent {
  const agent: Agent = {
    id: opening.agent,
    name: '',
    key: opening.key,
    auth: 'anon',
    isPassing: opening.key === undefined && opening.brief,
    sessions: new Set(),
    channels: new Map(),
    owned: 0,
    invites: 0,
    invitedTo: new Set(),
    cursor: world.position,
    status: 'online',
    statusText: null,
    lastSeen: 0,
    strictUntil: 0,
    allowsLegacy: false,
    takeOvers: [],
    cids: new Map(),
  }
  world.agents.set(agent.id, agent)
  return agent
}

/** Everything about the agent is gone afterwards, but what it said. */
export function forgetAgent(context: Context, agent: Agent): void {
  const { world } = context
  forgetClaims(context, agent)
  for (const key of [...agent.channels.keys()]) leaveChannel(context, agent, key)
  for (const key of [...agent.invitedTo]) withdrawInvite(world, key, agent)
  forgetTrail(world, agent.id)
  forgetUsage(world, agent.id)
  world.roles.delete(agent.id)
  forgetName(world, agent)
  forgetTokens(world, agent.id)
  world.unseen.delete(agent.id)
  world.agents.delete(agent.id)
}

/** Agents that nobody has seen for long give their names back. */
export function forgetUnseen(context: Context): void {
  const { world, now } = context
  for (const id of world.unseen) {
    const agent = world.agents.get(id)
    if (agent && agent.lastSeen + limits.unseen_agent_ms > now) return
    if (agent) forgetAgent(context, agent)
  }
}

/** Calls an agent otherwise, and tells everybody who shares a channel with it, and itself. */
export function rename(context: Context, agent: Agent, name: string): void {
  const { world } = context
  const change = { agent_id: agent.id, old_nick: agent.name, new_nick: name }
  callAgent(world, agent, name)
  const audience = [...neighbours(world, agent), ...sessionsOf(agent)]
  context.tell(audience, 'NICK_CHANGED', { ...change, position: context.position })
}
