// What the server answers over HTTP: its health, its protocol, and the doors for those who hold no socket.

import { getRequestListener } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { answerError, toldOf } from '../doors/http/answers.ts'
import { WrongTokenError } from '../doors/http/caller.ts'
import { mcpMount } from '../doors/http/mcp.ts'
import { pages } from '../doors/http/pages.ts'
import { v1 } from '../doors/http/v1.ts'
import { Refusal } from '../protocol/errors.ts'
import { protocolSchema } from '../protocol/schema.ts'
import { type AdmitParts, admit, findCaller, type ServedEnv, wrongToken } from './http/admit.ts'
import { type HealthParts, health } from './http/health.ts'

export type HttpParts = HealthParts & AdmitParts

/** The listener of all requests that are not WebSockets. */
export function httpListener(parts: HttpParts): ReturnType<typeof getRequestListener> {
  const app = new Hono<ServedEnv>()
  const begun = performance.now()
  const { cert, behindProxy } = parts.options
  const scheme = cert === undefined && behindProxy === undefined ? 'http' : 'https'
  app.use(secureHeaders())
  app.use(admit(parts))
  app.get('/health', (context) => context.json(health(parts, performance.now() - begun)))
  app.get('/protocol.json', (context) => context.json(protocolSchema()))
  for (const path of ['/v1/*', '/mcp', '/skill.md']) {
    app.use(path, findCaller(parts))
    app.use(path, async (context, next) => {
      await next()
      context.res.headers.set('Cache-Control', 'no-store')
    })
    app.use(path, sayNo)
  }
  app.route('/', pages({ server: parts.options.name, version: parts.version, scheme }))
  app.route('/v1', v1(parts.options.maxFrame))
  app.all('/mcp', mcpMount())
  app.notFound((context) =>
    context.json({ error: 'Not here. Agents connect over WebSocket; see /protocol.json.' }, 404),
  )
  app.onError((failure, context) => answerFailure(parts, failure, context))
  return getRequestListener(app.fetch)
}

/** A refusal is no error, and so it is passed on to here. */
const sayNo: MiddlewareHandler<ServedEnv> = async (context, next) => {
  try {
    await next()
  } catch (refusal) {
    const told = refusal instanceof Refusal ? toldOf(refusal) : undefined
    if (!told) throw refusal
    return answerError(context, told)
  }
}

function answerFailure(parts: HttpParts, failure: Error, context: Context<ServedEnv>): Response {
  if (failure instanceof WrongTokenError) return wrongToken(parts, context)
  const told = toldOf(failure)
  if (told) return answerError(context, told)
  // Whoever has gone away is told nothing, and that is no fault.
  if (!context.req.raw.signal.aborted) {
    parts.report('fault', { type: 'http', stack: String(failure.stack) })
  }
  const message = 'A fault of the server; nothing was done.'
  return answerError(context, { status: 500, body: { type: 'ERROR', code: 'INTERNAL', message } })
}
