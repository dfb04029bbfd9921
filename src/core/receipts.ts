// Receipts: what a sender can ask about its messages, and how reading moves them on.

import { refuse } from '../protocol/errors.ts'
import type { TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { messageIdAt } from '../protocol/names.ts'
import { isPresent } from './cards.ts'
import type { Context, HandlersOf } from './context.ts'
import type { AgentId } from './entry.ts'
import { climbAll, isOver } from './ladders.ts'
import type { Ladder, Rung, RungReason } from './traffic.ts'
import { trailOf } from './trails.ts'
import type { Agent, World } from './world.ts'

export const receipts: HandlersOf<'receipts'> = {
  LADDER({ world, agent, now }, { msg_id, pending = false, limit = limits.page_messages }) {
    const positions = [...(world.trails.get(agent.id)?.sent ?? [])].reverse()
    const mine = positions.flatMap((position) => world.ladders.get(position) ?? [])
    const meant = mine.filter((ladder) => {
      if (msg_id !== undefined) return messageIdAt(ladder.position) === msg_id
      return !pending || isPending(ladder, now)
    })
    if (msg_id !== undefined && meant.length === 0) {
      refuse(
        'MESSAGE_NOT_FOUND',
        `${msg_id} is none of your newest messages that are for somebody.`,
      )
    }
    const list = meant.slice(0, limit).map((ladder) => shown(world, ladder))
    return { list, left: meant.length - list.length }
  },

  HEARD(context, { agent: id, position }) {
    const { world } = context
    const agent = world.agents.get(id)
    if (!agent) return
    const addressed = trailOf(world, id).addressed.filter((place) => place <= position)
    climbAll(context, agent, { positions: addressed, state: 'delivered' })
  },
}

/** Whether somebody may answer it yet; a question to a whole channel is for nobody by name. */
function isPending({ rungs, answer, expiresAt }: Ladder, now: number): boolean {
  if (answer !== null) return false
  if (rungs.size === 0) return expiresAt === null || expiresAt > now
  return [...rungs.values()].some((rung) => !isOver(rung))
}

/** Whether somebody waits to know that the agent was told what is for it up to a position. */
export function isAwaited(world: World, id: AgentId, position: number): boolean {
  const addressed = world.trails.get(id)?.addressed ?? []
  return addressed.some(
    (place) => place <= position && world.ladders.get(place)?.rungs.get(id)?.state === 'stored',
  )
}

/** The agent's cursor has moved: what it has passed is read. */
export function readUpTo(context: Context, agent: Agent, position: number): void {
  const { addressed } = trailOf(context.world, agent.id)
  const end = addressed.findIndex((place) => place > position)
  const positions = addressed.splice(0, end === -1 ? addressed.length : end)
  climbAll(context, agent, { positions, state: 'read' })
}

function shown(world: World, ladder: Ladder): TellFields<'LADDERS'>['list'][number] {
  const { position, to, sentAt, expects, expiresAt, rungs } = ladder
  return {
    msg_id: messageIdAt(position),
    position,
    to,
    sent_at: sentAt,
    ...(expects && { expects }),
    ...(expiresAt !== null && { expires_at: expiresAt }),
    agents: [...rungs].map(([id, rung]) => shownRung(world, ladder, { id, rung })),
  }
}

function shownRung(
  world: World,
  ladder: Ladder,
  { id, rung }: { readonly id: AgentId; readonly rung: Rung },
): TellFields<'LADDERS'>['list'][number]['agents'][number] {
  const agent = world.agents.get(id)
  const reason = rung.reason ?? reasonNow(world, ladder, { agent, rung })
  return {
    id,
    ...(agent && { name: agent.name }),
    state: rung.state,
    at: rung.at,
    ...(reason !== undefined && { reason }),
    ...(rung.words !== null && { words: rung.words }),
    ...(rung.answer !== null && { answer: rung.answer }),
  }
}

/** Why it is no further just now. */
function reasonNow(
  world: World,
  { answer }: Ladder,
  { agent, rung }: { readonly agent: Agent | undefined; readonly rung: Rung },
): RungReason | undefined {
  if (isOver(rung)) return undefined
  if (answer) return 'BY_OTHER'
  if (!agent) return 'FORGOTTEN'
  return rung.state === 'stored' && !isPresent(world, agent) ? 'AWAY' : undefined
}
