// What /health says: how the server is and how many are there, but no name.

import { countOver } from '../../core/proposal-store.ts'
import type { World } from '../../core/world.ts'
import type { ServeOptions } from '../config.ts'

export interface HealthParts {
  readonly options: ServeOptions
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly world: () => World
}

/** @param upMs how long it has run, by a clock that nobody sets */
export function health({ options, version, startedAt, world }: HealthParts, upMs: number) {
  const { sessions, agents, channels, proposals } = world()
  const connected = new Set([...sessions.values()].map(({ agent }) => agent))
  const keyed = [...connected].filter((id) => agents.get(id)?.key !== undefined)
  const open = [...channels.values()].filter(({ inviteOnly }) => !inviteOnly)
  return {
    status: 'healthy',
    server: options.name,
    version,
    uptime_seconds: Math.floor(upMs / 1_000),
    started_at: new Date(startedAt).toISOString(),
    agents: { connected: connected.size, with_identity: keyed.length },
    channels: { total: channels.size, public: open.length },
    proposals: { total: proposals.size, open: proposals.size - countOver(world()) },
    timestamp: new Date().toISOString(),
  }
}
