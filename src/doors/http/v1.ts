// The routes under /v1, for whoever has a token and nothing but fetch.

import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { refuse } from '../../protocol/errors.ts'
import { answerError } from './answers.ts'
import { callerOf } from './asked.ts'
import type { HttpEnv } from './caller.ts'
import { events } from './events.ts'
import { inbox } from './inbox.ts'
import { addMessages } from './messages.ts'

/** @param maxBodyBytes of a body; that of a frame */
export function v1(maxBodyBytes: number): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.use(async (context, next) => {
    callerOf(context)
    // An answer without a body would leave a stream of events that nobody reads.
    if (context.req.method === 'HEAD') return context.body(null, 405, { Allow: 'GET, POST' })
    if (context.req.method === 'POST' && !isJson(context.req.header('Content-Type'))) {
      const message = 'Send JSON: Content-Type: application/json.'
      return answerError(context, {
        status: 415,
        body: { type: 'ERROR', code: 'INVALID_MSG', message },
      })
    }
    return next()
  })
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) => {
        const message = `The body has more than ${maxBodyBytes} bytes.`
        const body = { type: 'ERROR', code: 'INVALID_MSG', message } as const
        return answerError(context, { status: 413, body })
      },
    }),
  )
  addMessages(app)
  app.get('/inbox', inbox)
  app.get('/events', events)
  app.all('/:route{messages|claims}', (context) => context.body(null, 405, { Allow: 'POST' }))
  app.all('/:route{inbox|events|sent}', (context) => context.body(null, 405, { Allow: 'GET' }))
  app.all('*', () => refuse('INVALID_MSG', 'There is no such route; GET /openapi.json lists all.'))
  return app
}

function isJson(type: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(type ?? '')
}
