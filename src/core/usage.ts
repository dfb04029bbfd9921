// What is used: how often agents are woken, what they report to have spent, and the bounds of both.

import type { AskFields, TellFields } from '../protocol/frames.ts'
import type { Spent, Usage } from './traffic.ts'
import type { Agent, Channel, World } from './world.ts'

const day = 86_400_000

/** Why an agent that a message is for is not woken by it. */
export type Unwoken = NonNullable<TellFields<'MSG'>['unwoken']>[number]['why']

/** An agent that may be woken by a message in a channel, or outside of any. */
export interface Awaking {
  readonly agent: Agent
  readonly channel: Channel | undefined
  readonly already: number
}

/** When the day of UTC began, milliseconds since 1970. */
export function dayOf(now: number): number {
  return now - (now % day)
}

/** What was used until now, with a new day begun when it is time for one. */
export function usageAt(usage: Usage | undefined, now: number): Usage {
  const today = dayOf(now)
  const total = usage?.total ?? nothing()
  return usage?.day === today ? usage : { day: today, today: nothing(), total }
}

function nothing(): Spent {
  return { wakes: 0, tokens: 0, usdMicros: 0 }
}

/**
 * Which bound keeps a message in this channel from waking this agent; undefined when none does.
 *
 * @param already how many others the same message wakes
 */
export function unwokenBy(
  world: World,
  { agent, channel, already }: Awaking,
  now: number,
): Unwoken | undefined {
  const subjects = channel ? [agent.id, channel.stream] : [agent.id]
  for (const subject of subjects) {
    const caps = world.caps.get(subject)
    if (!caps) continue
    const { today } = usageAt(world.usage.get(subject), now)
    const others = subject === agent.id ? 0 : already
    if (caps.wakes !== null && today.wakes + others >= caps.wakes) return 'WAKE_LIMIT'
    if (caps.usdMicros !== null && today.usdMicros >= caps.usdMicros) return 'SPENDING_LIMIT'
  }
  return undefined
}

/** A message has woken an agent: it counts for the agent and for the channel. */
export function countWake(
  world: World,
  { agent, channel }: { readonly agent: Agent; readonly channel: Channel | undefined },
  now: number,
): void {
  if (agent.key !== undefined) add(world, agent.id, { wakes: 1 }, now)
  if (channel) add(world, channel.stream, { wakes: 1 }, now)
}

/** An agent reports what a message has cost it. */
export function countReported(
  world: World,
  { agent, channel }: { readonly agent: Agent; readonly channel: Channel | undefined },
  { usage, now }: { readonly usage: AskFields<'MSG'>['usage']; readonly now: number },
): void {
  // Whoever has no key can be anybody, and be it again: its word spends nobody's budget.
  if (!usage || agent.key === undefined) return
  const spent = { tokens: usage.tokens ?? 0, usdMicros: usage.usd_micros ?? 0 }
  add(world, agent.id, spent, now)
  if (channel) add(world, channel.stream, spent, now)
}

function add(world: World, subject: string, more: Partial<Spent>, now: number): void {
  const usage = usageAt(world.usage.get(subject), now)
  for (const spent of [usage.today, usage.total]) {
    spent.wakes += more.wakes ?? 0
    spent.tokens = most(spent.tokens + (more.tokens ?? 0))
    spent.usdMicros = most(spent.usdMicros + (more.usdMicros ?? 0))
  }
  world.usage.set(subject, usage)
}

/** Reports are the agents' own words: however high, they stay numbers that can be counted with. */
function most(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER)
}

/** An agent, or a channel, is gone, and with it what it used. */
export function forgetUsage(world: World, subject: string): void {
  world.usage.delete(subject)
  world.caps.delete(subject)
}
