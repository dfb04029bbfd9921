// What the server answers over plain HTTP: its health, and its protocol.

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { countOver } from '../core/proposal-store.ts'
import type { World } from '../core/world.ts'
import { protocolSchema } from '../protocol/schema.ts'

export interface HttpParts {
  readonly server: string
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly world: () => World
  /** False for a name that is not ours: a page that had it resolved to here must learn nothing. */
  readonly isOwnHost: (host: string | undefined) => boolean
}

/** The listener of all requests that are not WebSockets. */
export function httpListener(parts: HttpParts): ReturnType<typeof getRequestListener> {
  const app = new Hono()
  const begun = performance.now()
  app.use(secureHeaders())
  app.use(async (context, next) => {
    if (parts.isOwnHost(context.req.header('host'))) return next()
    return context.json({ error: 'This server is not called so.' }, 403)
  })
  app.get('/health', (context) => context.json(health(parts, performance.now() - begun)))
  app.get('/protocol.json', (context) => context.json(protocolSchema()))
  app.notFound((context) =>
    context.json({ error: 'Not here. Agents connect over WebSocket; see /protocol.json.' }, 404),
  )
  return getRequestListener(app.fetch)
}

/** @param upMs how long it has run, by a clock that nobody sets */
function health({ server, version, startedAt, world }: HttpParts, upMs: number) {
  const { sessions, agents, channels, proposals } = world()
  const connected = new Set([...sessions.values()].map(({ agent }) => agent))
  const keyed = [...connected].filter((id) => agents.get(id)?.key !== undefined)
  const open = [...channels.values()].filter(({ inviteOnly }) => !inviteOnly)
  return {
    status: 'healthy',
    server,
    version,
    uptime_seconds: Math.floor(upMs / 1_000),
    started_at: new Date(startedAt).toISOString(),
    agents: { connected: connected.size, with_identity: keyed.length },
    channels: { total: channels.size, public: open.length },
    proposals: { total: proposals.size, open: proposals.size - countOver(world()) },
    timestamp: new Date().toISOString(),
  }
}
