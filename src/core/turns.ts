// The turn to answer: the first in the order of the log has it, for as long as the lease lasts.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { foldChannel } from '../protocol/names.ts'
import { otherMembers } from './audience.ts'
import type { Context, HandlersOf } from './context.ts'
import { memberChannel } from './membership.ts'
import type { Agent, Channel, Turn, World } from './world.ts'

export const turns: HandlersOf<'turns'> = {
  RESPONDING_TO(context, { msg_id, channel: name }) {
    const { world, agent, now } = context
    const channel = memberChannel(world, agent, name)
    const key = turnKey(channel, msg_id)
    const held = world.turns.get(key)
    if (held && held.until > now) return yieldTo(context, channel, held)
    if (world.turns.size >= limits.turns) {
      refuse('LIMIT_REACHED', 'All turns are taken; try again soon.', { limit: 'turns' })
    }
    if (heldBy(world, agent) >= limits.open_turns) {
      refuse('LIMIT_REACHED', 'You hold as many turns as you may; answer first.', {
        limit: 'open_turns',
      })
    }

    const until = now + limits.turn_lease_ms
    const turn = {
      channel: foldChannel(channel.name),
      messageId: msg_id,
      holder: agent.id,
      since: now,
      until,
    }
    world.turns.delete(key)
    world.turns.set(key, turn)
    tellHolder(context, channel, turn)
    return {}
  },
}

/** Whoever answers gives the turn back. */
export function endTurn(context: Context, channel: Channel | undefined, messageId: string): void {
  if (!channel) return
  const key = turnKey(channel, messageId)
  if (context.world.turns.get(key)?.holder === context.agent.id) context.world.turns.delete(key)
}

/** Turns whose lease is over are nobody's. */
export function endTurns(context: Context): void {
  const { world, now } = context
  for (const [key, turn] of world.turns) {
    if (turn.until > now) return
    world.turns.delete(key)
  }
}

function turnKey(channel: Channel, messageId: string): string {
  return `${channel.stream} ${messageId}`
}

function heldBy(world: World, agent: Agent): number {
  let count = 0
  for (const turn of world.turns.values()) if (turn.holder === agent.id) count += 1
  return count
}

function yieldTo(context: Context, channel: Channel, turn: Turn): Record<string, never> {
  context.stored = false
  if (turn.holder === context.agent.id) return {}
  context.tell([context.session.id], 'YIELD', {
    msg_id: turn.messageId,
    channel: channel.name,
    holder: turn.holder,
    holder_started_at: turn.since,
    reason: 'The turn is taken',
  })
  return {}
}

function tellHolder(context: Context, channel: Channel, turn: Turn): void {
  const { world, agent, position } = context
  context.tell(otherMembers(world, channel, agent), 'FLOOR_CLAIMED', {
    msg_id: turn.messageId,
    channel: channel.name,
    holder: agent.id,
    holder_name: agent.name,
    started_at: turn.since,
    position,
  })
}
