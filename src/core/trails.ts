// Trails: what an agent has sent, was sent, and has spoken in, as far back as it is kept in mind.

import { limits } from '../protocol/limits.ts'
import { keepNewest } from './bounded.ts'
import type { AgentId, ChannelKey } from './entry.ts'
import type { Trail } from './traffic.ts'
import type { World } from './world.ts'

/** The trail of an agent, begun when there is none. */
export function trailOf(world: World, id: AgentId): Trail {
  const known = world.trails.get(id)
  if (known) return known
  const trail: Trail = { sent: [], addressed: [], threads: new Map() }
  world.trails.set(id, trail)
  return trail
}

/** The agent has spoken in a thread of a channel; of its threads the one that it left longest ago is forgotten. */
export function followThread(
  world: World,
  id: AgentId,
  { stream, channel }: { readonly stream: string; readonly channel: ChannelKey },
): void {
  const { threads } = trailOf(world, id)
  keepNewest(threads, [stream, channel], limits.threads_per_agent)
}
