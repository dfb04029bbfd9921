// What the passing of time does: a node appends TICK when something is due.

import type { NoteFields, NoteType } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { forgetUnseen } from './agents.ts'
import { expireClaims } from './claims.ts'
import type { HandlersOf } from './context.ts'
import { dueNow, firstDue } from './dues.ts'
import { expireLadders } from './ladders.ts'
import { forgetEmpty } from './membership.ts'
import { endTokens } from './tokens.ts'
import { failVerifications } from './verification.ts'
import type { World } from './world.ts'

export const tick: HandlersOf<'tick'> = {
  TICK(context) {
    failVerifications(context)
    expireClaims(context)
    expireLadders(context)
    forgetEmpty(context)
    endTokens(context)
    forgetUnseen(context)
  },
}

/** Proposals that are moved on in one go; the others follow in the next. */
const mostDues = 100

/** When something is due next, milliseconds since 1970; infinity when nothing waits. */
export function nextDue(world: World): number {
  return Math.min(nextTick(world), firstDue(world.proposalDues))
}

/** Has a node note what is due now. Each proposal has an entry of its own, for its news is kept. */
export function noteDue(
  world: World,
  now: number,
  note: <T extends NoteType>(type: T, fields: NoteFields<T>) => void,
): void {
  const due = dueNow(world.proposalDues, now, mostDues)
  if (nextTick(world) <= now) note('TICK', {})
  for (const id of due) note('PROPOSAL_DUE', { proposal_id: id })
}

function nextTick(world: World): number {
  const [verification] = world.verifications.values()
  const [emptySince] = world.emptyChannels.values()
  const [unseen] = world.unseen
  const lastSeen = unseen === undefined ? undefined : world.agents.get(unseen)?.lastSeen
  return Math.min(
    verification?.until ?? Infinity,
    firstDue(world.claimDues),
    firstDue(world.ladderDues),
    (emptySince ?? Infinity) + limits.empty_channel_ms,
    (lastSeen ?? Infinity) + limits.unseen_agent_ms,
    firstDue(world.tokenDues),
  )
}
