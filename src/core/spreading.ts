// What spreads: a text that many agents repeat wakes nobody any more, and an operator can have it refused.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { messageIdAt } from '../protocol/names.ts'
import { type Audience, sessionsOf } from './audience.ts'
import { keepNewest } from './bounded.ts'
import type { Context, HandlersOf } from './context.ts'
import { gistsOf } from './gists.ts'
import { operatorsOnly, roleHere, roleOf } from './roles.ts'
import type { Channel, World } from './world.ts'

export const spreading: HandlersOf<'spreading'> = {
  QUARANTINE(context, { gists, lift = false }) {
    const { quarantined } = context.world
    operatorsOnly(context)
    if (!lift && quarantined.size + gists.length > limits.quarantined) {
      refuse('LIMIT_REACHED', 'As many texts are refused as can be; lift one first.', {
        limit: 'quarantined',
      })
    }

    for (const gist of gists) {
      if (lift) quarantined.delete(gist)
      else quarantined.add(gist)
    }
    return {}
  },
}

/** What is known of a text before it is said. */
export interface Spread {
  /** Those that count. */
  readonly gists: readonly string[]
  /** True when so many agents have said nearly the same lately that it is to wake nobody. */
  readonly isSpreading: boolean
}

const nothing: Spread = { gists: [], isSpreading: false }

/**
 * In private nothing spreads, and agents without a key do not count: they are as many as one of them likes.
 *
 * @throws Refusal QUARANTINED when an operator has had the text refused
 */
export function spreadOf(
  context: Context,
  content: string,
  { channel, isForSome }: { readonly channel: Channel | undefined; readonly isForSome: boolean },
): Spread {
  const { world, agent, now } = context
  if (roleHere(context) !== undefined) return nothing
  const counts = channel !== undefined && agent.key !== undefined
  // It is no use to know where it neither counts nor could wake anybody.
  if (!counts && !(channel && isForSome) && world.quarantined.size === 0) return nothing
  const gists = gistsOf(content)
  if (gists.some((gist) => world.quarantined.has(gist))) refuse('QUARANTINED')
  if (!channel) return nothing
  const isSpreading = gists.some((gist) => {
    const known = sayersOf(world, gist, now)
    return known.length + (known.includes(agent.id) ? 0 : 1) >= limits.spread_agents
  })
  return { gists: counts ? gists : [], isSpreading }
}

/** The text was said: who says it counts, and operators are told when it begins to spread. */
export function noteSpread(
  context: Context,
  { gists }: Spread,
  channel: Channel | undefined,
): void {
  if (!channel) return
  const { world, position, now } = context
  const isKnown = () =>
    gists.some((gist) => sayersOf(world, gist, now).length >= limits.spread_agents)
  const wasKnown = isKnown()
  for (const gist of gists) countSayer(context, gist)
  if (!wasKnown && isKnown()) {
    const fields = { gists: [...gists], msg_id: messageIdAt(position), channel: channel.name }
    context.tell(operatorSessions(world), 'SPREADING', fields)
  }
}

function countSayer({ world, agent, now }: Context, gist: string): void {
  const known = sayersOf(world, gist, now)
  const sayers = known.includes(agent.id)
    ? known
    : [...known, agent.id].slice(-limits.spread_agents)
  keepNewest(world.gists, [gist, { sayers, at: now }], limits.gists)
}

function sayersOf(world: World, gist: string, now: number): readonly string[] {
  const known = world.gists.get(gist)
  return known && known.at + limits.spread_ms > now ? known.sayers : []
}

/** The sessions of operators that hear what is told. */
function operatorSessions(world: World): Audience {
  const ids = new Set([...world.configuration.operators, ...world.roles.keys()])
  const operators = [...ids].flatMap((id) =>
    roleOf(world, id) === 'operator' ? (world.agents.get(id) ?? []) : [],
  )
  return sessionsOf(...operators).filter((id) => world.sessions.get(id)?.version === 'v1')
}
