// Logging in and out, the cursor, and taking up where one left off.

import { refuse } from '../protocol/errors.ts'
import { asks, type NoteFields, type TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { createAgent, forgetAgent, rename } from './agents.ts'
import { audienceChanged } from './audience.ts'
import { isPresent } from './cards.ts'
import type { Context, HandlersOf } from './context.ts'
import { callAgent, freeName, isFree } from './naming.ts'
import { tellPresence } from './presence.ts'
import { offersMissed, tellDealings } from './proposal-missed.ts'
import { readUpTo } from './receipts.ts'
import { goodToken, permits } from './token-store.ts'
import type { Agent, Auth, Session, World } from './world.ts'

type Opening = NoteFields<'SESSION_OPENED'>

const minute = 60_000

export const session: HandlersOf<'session'> = {
  SESSION_OPENED(context, opening) {
    const { world, now } = context
    const token = tokenOf(context, opening)
    const known = world.agents.get(opening.agent)
    if (known) admitAgain(context, known, opening)
    else if (world.agents.size >= limits.agents_known) {
      refuse('LIMIT_REACHED', 'The server knows as many agents as it can.', {
        limit: 'agents_known',
      })
    }

    const agent = known ?? createAgent(world, opening)
    const wasPresent = isPresent(world, agent)
    for (const session of displacedBy(world, agent, opening)) displace(context, agent, session)
    if (token === null) takeName(context, agent, opening.name)
    enter(world, opening, { agent, token })
    if (agent.auth === 'v1' && !agent.allowsLegacy) {
      agent.strictUntil = now + limits.legacy_pause_ms
    }
    if (!wasPresent && isPresent(world, agent)) tellPresence(context, agent)
    context.answer('WELCOME', welcome(context, agent, opening))
    if (opening.version === 'v0' && agent.key) tellDealings(context, agent)
  },

  SESSION_CLOSED(context, { session: id }) {
    const closed = context.world.sessions.get(id)
    if (closed) closeSession(context, closed)
    else context.stored = false
  },

  PING: () => ({}),

  RESUME(context, fields) {
    const { world, agent } = context
    const after = fields.after ?? agent.cursor
    const streams = [{ stream: agent.id, after }]
    for (const [key, since] of agent.channels) {
      const channel = world.channels.get(key)
      const from = Math.max(after, since)
      if (channel && channel.last > from) streams.push({ stream: channel.stream, after: from })
    }
    streams.push(...offersMissed(context, after))
    const limit = fields.limit ?? limits.page_messages
    context.read({ shape: 'resume', streams, after, before: context.position + 1, limit })
    return undefined
  },

  ACK(context, { position }) {
    const { agent, world } = context
    if (position > world.position)
      refuse('INVALID_MSG', 'ACK names a position that is yet to come.')

    if (position <= agent.cursor) {
      context.stored = false
      return {}
    }
    agent.cursor = position
    readUpTo(context, agent, position)
    return {}
  },
}

/** Hash of the token that opens the session; null without one. The edge has looked at it before its turn came. */
function tokenOf({ world, now }: Context, { agent, token: id }: Opening): string | null {
  if (id === undefined) return null
  const hash = goodToken(world, { agent, id, now })
  return hash ?? refuse('VERIFICATION_FAILED', 'This token is good no longer.')
}

function admitAgain({ world, now }: Context, agent: Agent, opening: Opening): void {
  if (opening.key !== agent.key) {
    refuse('VERIFICATION_FAILED', 'Another key came first to this id; make a new one.')
  }
  if (opening.version === 'v0' && agent.strictUntil > now) {
    refuse(
      'V1_REQUIRED',
      'This key logs in with version 1; ALLOW_LEGACY from there permits the older.',
    )
  }
  const displaced = displacedBy(world, agent, opening).length
  // One place is kept for whoever holds the key, and may want to revoke the token.
  const kept = opening.token === undefined ? 0 : 1
  if (agent.sessions.size - displaced >= limits.sessions_per_agent - kept) {
    refuse('LIMIT_REACHED', 'This agent has as many connections as it may; close one.', {
      limit: 'sessions_per_agent',
    })
  }
  const recent = agent.takeOvers.filter((at) => at > now - minute)
  if (displaced > 0 && recent.length >= limits.take_overs_a_minute) {
    const healed = (recent[0] ?? now) + minute - now
    refuse('RATE_LIMITED', 'Connections of this agent displace each other; stop one of them.', {
      retry_after_ms: Math.ceil(healed),
    })
  }
}

/** Older clients hold one connection an agent: the newer takes the place of the one before. */
function displacedBy(world: World, agent: Agent, opening: Opening): Session[] {
  if (opening.version !== 'v0') return []
  const sessions = [...agent.sessions].flatMap((id) => world.sessions.get(id) ?? [])
  return sessions.filter(({ version }) => version === 'v0')
}

function displace(context: Context, agent: Agent, session: Session): void {
  context.tell([session.id], 'SESSION_DISPLACED', {
    reason: 'Another connection logged in as this agent',
    new_ip: 'hidden',
  })
  removeSession(context.world, agent, session)
  agent.takeOvers.push(context.now)
  if (agent.takeOvers.length > limits.take_overs_a_minute) agent.takeOvers.shift()
}

interface Entering {
  readonly agent: Agent
  /** Hash of the token. */
  readonly token: string | null
}

function enter(world: World, opening: Opening, { agent, token }: Entering): void {
  const { session: id, version, brief } = opening
  const isDeaf = token !== null && world.tokens.get(token)?.scopes.includes('read') !== true
  // Where nothing is heard, nobody is there to talk to.
  world.sessions.set(id, { id, agent: agent.id, version, brief: brief || isDeaf, token })
  agent.sessions.add(id)
  if (isDeaf) {
    agent.deaf ??= new Set()
    agent.deaf.add(id)
  }
  agent.auth = token === null ? authByKey(agent, version) : 'token'
  world.unseen.delete(agent.id)
  audiencesChanged(world, agent)
}

function authByKey({ key }: Agent, version: Opening['version']): Auth {
  return key === undefined ? 'anon' : version
}

/** An agent keeps the name it has unless the one it asks for is free. */
function takeName(context: Context, agent: Agent, wanted: string): void {
  const { world } = context
  if (agent.name === '') callAgent(world, agent, freeName(world, wanted, agent.id))
  else if (agent.name !== wanted && isFree(world, wanted, agent.id)) rename(context, agent, wanted)
}

function welcome(context: Context, agent: Agent, opening: Opening): TellFields<'WELCOME'> {
  const { world } = context
  const base = {
    agent_id: agent.id,
    name: agent.name,
    server: opening.server,
    session: opening.session,
    position: context.position,
    channels: [...agent.channels.keys()].flatMap((key) => world.channels.get(key)?.name ?? []),
  }
  if (opening.version === 'v0') return base
  const frame_bytes = opening.frame_bytes ?? limits.frame_bytes
  const session = world.sessions.get(opening.session)
  const permitted = Object.entries(asks).filter(
    ([, ask]) => session && permits(world, session, ask),
  )
  const caps = permitted.map(([type]) => type)
  const more = { limits: { ...limits, frame_bytes }, caps }
  return agent.key === undefined ? { ...base, ...more } : { ...base, cursor: agent.cursor, ...more }
}

/** Takes a session out of the world; an agent without a key goes with its last one. */
export function closeSession(context: Context, session: Session): void {
  const { world, now } = context
  const agent = world.agents.get(session.agent)
  if (!agent) return
  const wasPresent = isPresent(world, agent)
  removeSession(world, agent, session)
  if (agent.sessions.size === 0) {
    agent.lastSeen = now
    if (agent.key === undefined) {
      forgetAgent(context, agent)
      return
    }
    world.unseen.add(agent.id)
  }
  if (wasPresent && !isPresent(world, agent)) tellPresence(context, agent)
}

function removeSession(world: World, agent: Agent, session: Session): void {
  world.sessions.delete(session.id)
  agent.sessions.delete(session.id)
  agent.deaf?.delete(session.id)
  audiencesChanged(world, agent)
}

function audiencesChanged(world: World, agent: Agent): void {
  for (const key of agent.channels.keys()) {
    const channel = world.channels.get(key)
    if (channel) audienceChanged(channel)
  }
}
