// Talks: what is newest in each thread and each place, so that nobody answers what is over already.

import { refuse } from '../protocol/errors.ts'
import { limits } from '../protocol/limits.ts'
import { keepNewest } from './bounded.ts'
import type { Context } from './context.ts'
import type { AgentId } from './entry.ts'
import type { Spoken } from './traffic.ts'
import type { Agent, World } from './world.ts'

/**
 * Where the answers of a thread are read; with an empty thread, what stands for everything that begins one in a place.
 * The stream of the place in it keeps those out who know the id of a thread elsewhere.
 */
export function threadStream(thread: string, stream: string): string {
  return `^${thread} ${stream}`
}

/** When the talk will have paused, milliseconds since 1970; minus infinity when nobody has said anything in it. */
export function pausedAt(world: World, stream: string): number {
  const talk = world.talks.get(stream)
  return talk ? talk.newest.at + limits.talk_pause_ms : -Infinity
}

/** True when an answer begins its talk anew: after a long pause, or where nobody knows how long it was. */
export function beginsAnew(
  world: World,
  { talk, parent }: { readonly talk: string; readonly parent: { readonly depth: number } },
  now: number,
): boolean {
  if (pausedAt(world, talk) > now) return false
  // The first answer in a thread finds no talk either, and stands at depth 1.
  return world.talks.has(talk) || parent.depth > 0
}

/** What somebody else has said last in a talk. */
function lastOfOthers(world: World, stream: string, agent: Agent): Spoken | null {
  const talk = world.talks.get(stream)
  if (!talk) return null
  return talk.newest.by === agent.id ? talk.others : talk.newest
}

/** Who else takes part in a talk, the last to have spoken; undefined when all others have been quiet for long. */
export function partnerIn({ world, agent, now }: Context, stream: string): AgentId | undefined {
  const last = lastOfOthers(world, stream, agent)
  return last && last.at + limits.talk_pause_ms > now ? last.by : undefined
}

/** @throws Refusal STALE_VIEW when others have spoken later than what the sender has seen */
export function checkView(context: Context, stream: string, seen: number | undefined): void {
  if (seen === undefined) return
  const newest = lastOfOthers(context.world, stream, context.agent)?.position ?? 0
  if (newest <= seen) return
  refuse('STALE_VIEW', `Others have spoken up to ${newest}; read that first. Nothing was said.`, {
    newest,
  })
}

/** The agent has spoken; of all talks the longest quiet is forgotten. */
export function continueTalk({ world, agent, position, now }: Context, stream: string): void {
  const others = lastOfOthers(world, stream, agent)
  const talk = { newest: { position, by: agent.id, at: now }, others }
  keepNewest(world.talks, [stream, talk], limits.talks)
}
