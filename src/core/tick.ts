// What the passing of time does: a node appends TICK when something is due.

import { limits } from '../protocol/limits.ts'
import { forgetUnseen } from './agents.ts'
import type { HandlersOf } from './context.ts'
import { forgetEmpty } from './membership.ts'
import { endTurns } from './turns.ts'
import { failVerifications } from './verification.ts'
import type { World } from './world.ts'

export const tick: HandlersOf<'tick'> = {
  TICK(context) {
    failVerifications(context)
    endTurns(context)
    forgetEmpty(context)
    forgetUnseen(context)
  },
}

/** When something is due next, milliseconds since 1970; infinity when nothing waits. */
export function nextDue(world: World): number {
  const [verification] = world.verifications.values()
  const [turn] = world.turns.values()
  const [emptySince] = world.emptyChannels.values()
  const [unseen] = world.unseen
  const lastSeen = unseen === undefined ? undefined : world.agents.get(unseen)?.lastSeen
  return Math.min(
    verification?.until ?? Infinity,
    turn?.until ?? Infinity,
    (emptySince ?? Infinity) + limits.empty_channel_ms,
    (lastSeen ?? Infinity) + limits.unseen_agent_ms,
  )
}
