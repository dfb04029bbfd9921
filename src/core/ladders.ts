// Ladders: what has become of a message for each agent that it is for, and who is told of it.

import { limits } from '../protocol/limits.ts'
import { messageIdAt, positionOf } from '../protocol/names.ts'
import { sessionsOf } from './audience.ts'
import { isPresent } from './cards.ts'
import type { Context } from './context.ts'
import { addDue, dueNow, removeDue } from './dues.ts'
import type { AgentId } from './entry.ts'
import type { Ladder, Rung, RungReason, RungState } from './traffic.ts'
import { trailOf } from './trails.ts'
import type { Agent, World } from './world.ts'

/** Which message: its id, and where it was said, for an id alone would reach what others said elsewhere. */
export interface Said {
  readonly messageId: string
  /** Of its channel or conversation. */
  readonly stream: string
}

/** The order in which a message gets on; the last three end it. */
const order: readonly RungState[] = [
  'stored',
  'delivered',
  'read',
  'claimed',
  'expired',
  'declined',
  'answered',
]
const ended = order.indexOf('expired')
/** How far what expires had come. */
const standing: Readonly<Partial<Record<RungState, RungReason>>> = {
  stored: 'STORED',
  delivered: 'DELIVERED',
  read: 'READ',
  claimed: 'CLAIMED',
}

export function isOver({ state }: Rung): boolean {
  return order.indexOf(state) >= ended
}

export function ladderOf(world: World, { messageId, stream }: Said): Ladder | undefined {
  const ladder = world.ladders.get(positionOf(messageId))
  return ladder?.stream === stream ? ladder : undefined
}

/** Begins the ladder of a message for these agents. */
export function openLadder(
  context: Context,
  ladder: Omit<Ladder, 'position' | 'from' | 'sentAt' | 'rungs' | 'isOpen' | 'answer'>,
  addressed: readonly { readonly agent: Agent; readonly reason: RungReason | null }[],
): void {
  const { world, agent, position, now } = context
  const rungs = new Map<AgentId, Rung>()
  for (const { agent: one, reason } of addressed) {
    const state = isPresent(world, one) ? 'delivered' : 'stored'
    rungs.set(one.id, { state, at: now, reason, words: null, answer: null })
    const trail = trailOf(world, one.id).addressed
    trail.push(position)
    if (trail.length > limits.ladders_per_agent) trail.shift()
  }
  const isOpen = addressed.length === 0
  const opened = { ...ladder, position, from: agent.id, sentAt: now, rungs, isOpen, answer: null }
  world.ladders.set(position, opened)
  addDue(world.ladderDues, ladder.expiresAt, String(position))
  const { sent } = trailOf(world, agent.id)
  sent.push(position)
  if (sent.length > limits.ladders_per_agent) forgetLadder(world, sent[0])
  if (world.ladders.size > limits.ladders) forgetLadder(world, world.ladders.keys().next().value)
}

/** Nobody can ask for it any more. */
function forgetLadder(world: World, position: number | undefined): void {
  const ladder = world.ladders.get(position ?? 0)
  if (!ladder) return
  world.ladders.delete(ladder.position)
  removeDue(world.ladderDues, ladder.expiresAt, String(ladder.position))
  const sent = world.trails.get(ladder.from)?.sent
  const place = sent?.indexOf(ladder.position) ?? -1
  if (place >= 0) sent?.splice(place, 1)
}

/** The agent is gone, and nobody will ask for its ladders. */
export function forgetTrail(world: World, id: AgentId): void {
  for (const position of [...(world.trails.get(id)?.sent ?? [])]) forgetLadder(world, position)
  world.trails.delete(id)
}

interface Climb {
  readonly positions: readonly number[]
  readonly state: RungState
}

/** Has messages get on with an agent, and tells each of their senders once. */
export function climbAll(context: Context, agent: Agent, { positions, state }: Climb): void {
  const told = new Map<AgentId, string[]>()
  for (const position of positions) {
    const ladder = context.world.ladders.get(position)
    const rung = ladder?.rungs.get(agent.id)
    if (!ladder || !rung || order.indexOf(rung.state) >= order.indexOf(state)) continue
    rung.state = state
    rung.at = context.now
    told.set(ladder.from, [...(told.get(ladder.from) ?? []), messageIdAt(position)])
  }
  for (const [sender, messages] of told) tellSender(context, sender, { messages, agent, state })
}

interface Step {
  readonly agent: Agent
  readonly state: RungState
  readonly reason?: RungReason | undefined
  /** Of the agent. */
  readonly words?: string | undefined
  readonly answer?: string | undefined
}

/** Has one message get on with an agent; one that it was not for comes on the ladder by it, while there is room. */
export function climb(context: Context, said: Said, step: Step): void {
  const { world, now } = context
  const ladder = ladderOf(world, said)
  const { agent, state, reason = null, words = null, answer = null } = step
  if (!ladder || ladder.from === agent.id) return
  const before = ladder.rungs.get(agent.id)
  if (before && !mayFollow(before.state, state)) return
  if (!before && ladder.rungs.size >= limits.rungs) return
  ladder.rungs.set(agent.id, { state, at: now, reason, words, answer })
  tellSender(context, ladder.from, { ...step, messages: [said.messageId] })
}

/** An answer is the end. What came too late can still be answered or declined, and does not begin anew. */
function mayFollow(before: RungState, state: RungState): boolean {
  if (before === 'answered') return false
  return before !== 'expired' || state === 'answered' || state === 'declined'
}

/** The agent will not answer after all what it has claimed. */
export function climbDown(
  context: Context,
  said: Said,
  { agent, reason }: { readonly agent: Agent; readonly reason: RungReason },
): void {
  const rung = ladderOf(context.world, said)?.rungs.get(agent.id)
  if (rung?.state === 'claimed') climb(context, said, { agent, state: 'read', reason })
}

/**
 * A message was answered where it was said. It counts when it comes from whom the message is for, or from who has
 * claimed it; to an open question from anybody, unless it is a remark beside somebody's claim. The first is the answer.
 *
 * @param isRemark somebody else holds the claim, or it is for information only
 */
export function climbToAnswer(context: Context, said: Said, isRemark: boolean): void {
  const { world, agent, position } = context
  const ladder = ladderOf(world, said)
  if (!ladder || ladder.from === agent.id) return
  if (!ladder.rungs.has(agent.id) && (isRemark || !ladder.isOpen)) return
  const answer = messageIdAt(position)
  ladder.answer ??= { by: agent.id, messageId: answer }
  climb(context, said, { agent, state: 'answered', answer })
}

/** What nobody answered in time. */
export function expireLadders(context: Context): void {
  const { world, now } = context
  for (const id of dueNow(world.ladderDues, now, limits.ladders)) {
    const ladder = world.ladders.get(Number(id))
    removeDue(world.ladderDues, ladder?.expiresAt ?? null, id)
    if (!ladder || ladder.answer) continue
    const said = { stream: ladder.stream, messageId: messageIdAt(Number(id)) }
    for (const [addressee, rung] of ladder.rungs) {
      const agent = world.agents.get(addressee)
      if (!agent || isOver(rung)) continue
      climb(context, said, { agent, state: 'expired', reason: standing[rung.state] })
    }
  }
}

/** Receipts are for sessions that know them; they have no position, and whoever misses one asks again. */
function tellSender(
  context: Context,
  sender: AgentId,
  { messages, agent, state, reason, words, answer }: Step & { readonly messages: string[] },
): void {
  const { world, now } = context
  const from = world.agents.get(sender)
  const sessions = from ? sessionsOf(from) : []
  const audience = sessions.filter((id) => world.sessions.get(id)?.version === 'v1')
  if (audience.length === 0) return
  context.tell(audience, 'RECEIPT', {
    messages,
    agent: agent.id,
    agent_name: agent.name,
    state,
    at: now,
    ...(reason !== undefined && { reason }),
    ...(words !== undefined && { words }),
    ...(answer !== undefined && { answer }),
  })
}
