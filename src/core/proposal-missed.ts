// What of proposals an agent has missed: open offers for RESUME, and all that changed for older clients, which know none.

import { limits } from '../protocol/limits.ts'
import { isOpen } from '../protocol/proposal-life.ts'
import type { Context } from './context.ts'
import { got, made, offered, proposalsOf } from './proposal-store.ts'
import { chainOf } from './proposal-streams.ts'
import type { Agent, Proposal } from './world.ts'

/**
 * The chains of the offers that came meanwhile and can still be taken: as many as a page holds, and one more, by which
 * it is known that there are more.
 */
export function offersMissed({ world, agent }: Context, after: number) {
  const missed = [...agent.channels].flatMap(([key, since]) => {
    const channel = world.channels.get(key)
    const open = channel ? proposalsOf(world, offered(channel.stream)) : []
    return open.filter(({ position }) => position > Math.max(after, since))
  })
  missed.sort((one, other) => one.position - other.position)
  return missed.slice(0, limits.page_messages + 1).map(({ id }) => ({ stream: chainOf(id), after }))
}

/**
 * Older clients know no RESUME: they are told once more of each proposal that has changed while they were away, first of
 * all of those that are open.
 */
export function tellDealings(context: Context, agent: Agent): void {
  const { world, position } = context
  const all = [...proposalsOf(world, made(agent.id)), ...proposalsOf(world, got(agent.id))]
  const changed = all.filter((one) => one.updatedAt > agent.lastSeen && !isMoot(one, agent))
  changed.sort((one, other) => order(one) - order(other) || other.last - one.last)
  const streams: { stream: string; after: number }[] = []
  let frames = 0
  for (const { id, steps } of changed) {
    frames += 1 + steps.length
    if (frames > limits.page_messages) break
    streams.push({ stream: chainOf(id), after: 0 })
  }
  if (streams.length === 0) return
  context.read({ shape: 'replay', streams, before: position, limit: limits.page_messages })
}

/** It was withdrawn or ran out before its recipient could answer: older clients would take it for a new one. */
function isMoot({ stage, to }: Proposal, agent: Agent): boolean {
  return to === agent.id && (stage === 'withdrawn' || stage === 'expired')
}

function order({ stage }: Proposal): number {
  return isOpen(stage) ? 0 : 1
}
