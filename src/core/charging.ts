// What answers cost: how often agents may answer each other before time, or a human, has to let them go on.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { keepNewest } from './bounded.ts'
import type { Context } from './context.ts'
import { waitFor } from './dues.ts'
import type { AgentId } from './entry.ts'
import { roleHere, roleOf, whomToAsk } from './roles.ts'
import { partnerIn, pausedAt } from './talks.ts'
import type { Budget, Configuration } from './traffic.ts'
import type { Agent, Channel, World } from './world.ts'

type Sizes = NonNullable<Configuration['budgets']>
type BudgetName = Exclude<keyof Sizes, 'depth'>

/** What is about to be said. */
export interface Saying {
  /** The stream of its thread, or of its place when it begins none. */
  readonly talk: string
  readonly channel: Channel | undefined
  /** Who wrote what it answers. */
  readonly answers: AgentId | undefined
  readonly depth: number
  /** False for what wakes nobody: no loop comes of it. */
  readonly wakes: boolean
  /** Whom it wakes. */
  readonly woken: readonly Agent[]
}

/** A budget that a message is paid from. */
interface Due {
  readonly name: BudgetName
  readonly key: string
}

const hourMs = 3_600_000
/** What has healed to the millisecond has healed, however fractions are rounded. */
const tiny = 1e-6

/**
 * Which budgets the message is paid from. Only answers of agents to agents cost anything: what is said where nobody else
 * speaks, what wakes nobody and what a human says is free, and to answer a human costs the thread alone.
 */
function duesOf(context: Context, saying: Saying): Due[] {
  if (!saying.wakes || roleHere(context) !== undefined) return []
  return [...answersTo(context, saying), ...wakesBack(context, saying)]
}

/** What the message costs as an answer in its talk. */
function answersTo(context: Context, saying: Saying): Due[] {
  const { world, agent } = context
  const other = answered(context, saying)
  if (other === undefined) return []
  const thread: Due = { name: 'thread', key: threadBudget(saying.talk) }
  if (roleOf(world, other) !== undefined) return [thread]
  return [agentDue(world, agent.id, other), pairDue(agent.id, other), thread]
}

/**
 * What it costs to wake others for who was woken itself a while ago, in whatever place: two that wake each other answer
 * each other, though each speaks where the other does not, and so do many in a ring.
 */
function wakesBack({ world, agent, now }: Context, { woken }: Saying): Due[] {
  const isRecent = (key: string) =>
    (world.wakings.get(key) ?? -Infinity) + limits.talk_pause_ms > now
  if (!isRecent(wakingOf(agent.id))) return []
  const others = woken.filter(({ id }) => roleOf(world, id) === undefined)
  return others.flatMap(({ id }) => {
    const due = agentDue(world, agent.id, id)
    return isRecent(wakingOf(agent.id, id)) ? [due, pairDue(agent.id, id)] : [due]
  })
}

/** An agent was woken, by whom: when that was last is kept under both. */
function wakingOf(woken: AgentId, by = ''): string {
  return `${woken} ${by}`
}

/** Answers to agents without a key have a budget of their own: strangers must not use up what colleagues need. */
function agentDue(world: World, id: AgentId, other: AgentId): Due {
  const isStranger = world.agents.get(other)?.key === undefined
  const isKeyed = world.agents.get(id)?.key !== undefined
  return { name: 'agent', key: isStranger && isKeyed ? `agent ${id} strangers` : `agent ${id}` }
}

function pairDue(one: AgentId, other: AgentId): Due {
  return { name: 'pair', key: `pair ${[one, other].sort().join(' ')}` }
}

/**
 * Whom the message answers: as it says, or who else speaks where it is said. Whoever goes on after its own words answers
 * that one, too: of two that say a thing more than they hear there would be no end.
 */
function answered(context: Context, { answers, talk }: Saying): AgentId | undefined {
  const isOther = answers !== undefined && answers !== context.agent.id
  return isOther ? answers : partnerIn(context, talk)
}

const threadBudget = (talk: string) => `thread ${talk}`

/**
 * Checks that a message can be paid.
 *
 * @returns pays, once nothing can refuse the message any more
 * @throws Refusal BUDGET_EXHAUSTED
 */
export function chargeFor(context: Context, saying: Saying): () => void {
  const { world, now } = context
  const sizes = world.configuration.budgets
  if (!sizes) return () => {}
  const isHuman = roleHere(context) !== undefined
  const dues = onceEach(duesOf(context, saying))
  if (dues.length > 0 && saying.depth > sizes.depth) {
    exhausted(context, saying, { budget: 'depth', waitMs: pausedAt(world, saying.talk) - now })
  }
  for (const { name, key } of dues) {
    const left = leftOf(world, key, sizes[name], now)
    const perMs = sizes[name].per_hour / hourMs
    if (left + tiny < 1) exhausted(context, saying, { budget: name, waitMs: (1 - left) / perMs })
  }
  return () => {
    for (const { name, key } of dues) pay(world, key, sizes[name], now)
    noteWakings(context, saying)
    // Somebody looks: whatever goes on here goes on for a human.
    if (isHuman) world.budgets.delete(threadBudget(saying.talk))
  }
}

function onceEach(dues: readonly Due[]): Due[] {
  return [...new Map(dues.map((due) => [due.key, due])).values()]
}

/** Whoever is woken answers for a while, wherever it speaks; of all wakings the oldest is forgotten. */
function noteWakings(context: Context, { woken }: Saying): void {
  const { world, agent, now } = context
  if (roleHere(context) !== undefined) return
  for (const { id } of woken) {
    for (const key of [wakingOf(id), wakingOf(id, agent.id)]) {
      keepNewest(world.wakings, [key, now], limits.wakings)
    }
  }
}

function exhausted(
  { world, now }: Context,
  { channel }: Saying,
  { budget, waitMs }: { readonly budget: keyof Sizes; readonly waitMs: number },
): never {
  const known = Number.isFinite(waitMs)
  return refuse('BUDGET_EXHAUSTED', `${sentences[budget]} Nothing was said.`, {
    budget,
    ...(known && { retry_after_ms: waitFor(now + waitMs, now) }),
    ask: whomToAsk(world, channel),
  })
}

const sentences: { readonly [B in keyof Sizes]: string } = {
  agent: 'You have answered other agents too often; stop until it heals, or have a human look.',
  pair: 'You two have answered each other too often; stop until it heals, or have a human look.',
  thread: 'This thread has had too many answers; stop until it heals, or have a human look.',
  depth: 'This thread is too deep; let it rest, begin another, or have a human look.',
}

/** What is left of a budget: it heals as time passes, up to its size. */
function leftOf(world: World, key: string, size: Sizes[BudgetName], now: number): number {
  const budget = world.budgets.get(key)
  if (!budget) return size.burst
  return Math.min(size.burst, budget.left + ((now - budget.at) * size.per_hour) / hourMs)
}

/** Of all budgets that are not full the one untouched for longest is taken for full. */
function pay(world: World, key: string, size: Sizes[BudgetName], now: number): void {
  const budget: Budget = { left: leftOf(world, key, size, now) - 1, at: now }
  keepNewest(world.budgets, [key, budget], limits.budgets)
}

/** Fills the budget of an agent, and all that it shares with others. */
export function fillAgent(world: World, id: AgentId): void {
  for (const key of world.budgets.keys()) if (key.split(' ').includes(id)) world.budgets.delete(key)
}

/** Fills the budgets of everything that is said in a place, or those of one thread of it. */
export function fillTalks(world: World, stream: string, thread?: string): void {
  const start = thread === undefined ? threadBudget('') : threadBudget(`^${thread} `)
  for (const key of world.budgets.keys()) {
    if (key.startsWith(start) && key.endsWith(` ${stream}`)) world.budgets.delete(key)
  }
}
