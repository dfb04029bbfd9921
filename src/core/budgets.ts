// The storm guard for those who look after it: roles, bounds, what was used, and filling a budget again.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { foldChannel } from '../protocol/names.ts'
import { fillAgent, fillTalks } from './charging.ts'
import type { Context, HandlersOf } from './context.ts'
import { notFound } from './membership.ts'
import { agentNamed } from './naming.ts'
import { operatorsOnly, roleHere } from './roles.ts'
import { dayOf, usageAt } from './usage.ts'
import type { Agent, Channel, World } from './world.ts'

export const budgets: HandlersOf<'budgets'> = {
  CONFIGURED(context, { operators, budgets: sizes }) {
    const { configuration } = context.world
    const next = { operators, budgets: sizes ?? null }
    if (JSON.stringify(configuration) === JSON.stringify(next)) context.stored = false
    else Object.assign(configuration, next)
  },

  SET_ROLE(context, { agent: reference, role }) {
    const { world } = context
    operatorsOnly(context)
    const agent = agentNamed(world, reference)
    if (agent.key === undefined) refuse('NO_PUBKEY', 'Only an agent with a key can have a role.')
    if (role !== 'none' && !world.roles.has(agent.id) && world.roles.size >= limits.roles) {
      refuse('LIMIT_REACHED', 'As many agents have a role as can have one.', { limit: 'roles' })
    }

    if (role === 'none') world.roles.delete(agent.id)
    else world.roles.set(agent.id, role)
    return {}
  },

  RESET_BUDGET(context, fields) {
    const { thread } = fields
    const { agent, channel } = subjectOf(context, fields)
    if (channel === undefined && thread !== undefined) {
      refuse('INVALID_MSG', 'RESET_BUDGET: with "thread" goes the "channel" that it is in.')
    }
    if (roleHere(context) === undefined && !channel?.operators.has(context.agent.id)) {
      refuse('NOT_OPERATOR', 'Only a human, an operator, or one of the channel fills budgets.')
    }

    if (channel) fillTalks(context.world, channel.stream, thread)
    else if (agent) fillAgent(context.world, agent.id)
    return {}
  },

  SET_LIMITS(context, fields) {
    const { world } = context
    const subject = subjectOf(context, fields)
    const isOwn =
      subject.agent === context.agent || subject.channel?.operators.has(context.agent.id)
    if (!isOwn) operatorsOnly(context)
    const key = keyOf(subject)
    const { wakes_per_day: wakes = null, usd_micros_per_day: usdMicros = null } = fields
    const byOperator = roleHere(context) === 'operator'
    if (!byOperator && world.caps.get(key)?.byOperator) {
      refuse('NOT_OPERATOR', 'An operator of the server has set these bounds; ask one.')
    }

    if (wakes === null && usdMicros === null) world.caps.delete(key)
    else world.caps.set(key, { wakes, usdMicros, byOperator })
    return {}
  },

  GET_USAGE(context, fields) {
    const { world, now } = context
    const all = fields.agent === undefined && fields.channel === undefined
    const subjects =
      all && roleHere(context) === 'operator' ? everything(world) : [oneOf(context, fields)]
    const rows = subjects.map((subject) => shown(world, subject, now))
    rows.sort((one, other) => costOf(other) - costOf(one))
    const list = rows.slice(0, limits.usage_listed)
    return { day: dayOf(now), list, left: rows.length - list.length }
  },
}

/** An agent, or a channel, whose use is bounded and counted. */
type Subject =
  | { readonly agent: Agent; readonly channel?: undefined }
  | { readonly channel: Channel; readonly agent?: undefined }

interface Named {
  readonly agent?: string | undefined
  readonly channel?: string | undefined
}

/** @throws Refusal INVALID_MSG, AGENT_NOT_FOUND, CHANNEL_NOT_FOUND */
function subjectOf({ world, agent }: Context, named: Named): Subject {
  if ((named.agent === undefined) === (named.channel === undefined)) {
    refuse('INVALID_MSG', 'Name either an "agent" or a "channel".')
  }
  if (named.agent !== undefined) return { agent: agentNamed(world, named.agent) }
  const name = named.channel ?? ''
  const channel = world.channels.get(foldChannel(name))
  if (!channel || (channel.inviteOnly && !channel.members.has(agent.id))) {
    return refuse('CHANNEL_NOT_FOUND', notFound(name))
  }
  return { channel }
}

/** Whose use may be read: one's own, that of a channel one is in, and all of it by operators. */
function oneOf(context: Context, named: Named): Subject {
  const { agent: own } = context
  if (named.agent === undefined && named.channel === undefined) return { agent: own }
  const subject = subjectOf(context, named)
  if (subject.agent !== own && !subject.channel?.members.has(own.id)) operatorsOnly(context)
  return subject
}

function everything(world: World): Subject[] {
  const agents = [...world.agents.values()].filter(({ id }) => isKnown(world, id))
  const channels = [...world.channels.values()].filter(({ stream }) => isKnown(world, stream))
  return [...agents.map((agent) => ({ agent })), ...channels.map((channel) => ({ channel }))]
}

function isKnown({ usage, caps }: World, key: string): boolean {
  return usage.has(key) || caps.has(key)
}

function keyOf({ agent, channel }: Subject): string {
  return agent ? agent.id : channel.stream
}

function shown(world: World, subject: Subject, now: number) {
  const key = keyOf(subject)
  const { today, total } = usageAt(world.usage.get(key), now)
  const caps = world.caps.get(key)
  const { agent, channel } = subject
  return {
    ...(agent ? { agent: agent.id, name: agent.name } : { channel: channel.name }),
    today: spentAs(today),
    total: spentAs(total),
    ...(caps && caps.wakes !== null && { wakes_per_day: caps.wakes }),
    ...(caps && caps.usdMicros !== null && { usd_micros_per_day: caps.usdMicros }),
  }
}

function spentAs({
  wakes,
  tokens,
  usdMicros,
}: {
  wakes: number
  tokens: number
  usdMicros: number
}) {
  return { wakes, tokens, usd_micros: usdMicros }
}

function costOf({ today }: ReturnType<typeof shown>): number {
  return today.usd_micros * 1e6 + today.wakes
}
