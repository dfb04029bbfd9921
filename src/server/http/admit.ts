// Before a request is looked at: whose name, page and address it comes from, and how many of them there are.

import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { answerError } from '../../doors/http/answers.ts'
import type { HttpEnv } from '../../doors/http/caller.ts'
import { TOKEN } from '../../protocol/token-text.ts'
import type { ServeOptions } from '../config.ts'
import type { HouseGuests } from '../house-guests.ts'
import type { Admission, Turned } from '../inbound/admission.ts'
import type { Report } from '../report.ts'

/** A request of Node's server. */
export interface ServedEnv extends HttpEnv {
  readonly Bindings: HttpBindings
}

export interface AdmitParts {
  readonly admission: Admission
  readonly guests: HouseGuests
  readonly report: Report
  readonly options: ServeOptions
}

const codes = { 403: 'INVALID_MSG', 429: 'RATE_LIMITED', 503: 'LIMIT_REACHED' } as const
const corsMaxAgeSeconds = '600'

/**
 * Refuses other names than ours, pages of other origins, and what is too much of one address. A request counts as a
 * connection of its address until it has been answered.
 */
export function admit(parts: AdmitParts): MiddlewareHandler<ServedEnv> {
  const { admission } = parts
  return (context, next) => {
    const { incoming, outgoing } = context.env
    const address = admission.addressOf(incoming)
    const turned = admission.turned(incoming) ?? admission.enterRequest(address, performance.now())
    if (turned) return Promise.resolve(turnAway(parts, context, turned))
    outgoing.once('close', () => admission.leave(address))
    context.set('hangUp', () => {
      parts.report('readers-cut', { door: 'http' })
      incoming.socket.destroy()
    })
    const { origin } = incoming.headers
    // Only pages that the operator has named may read what is answered.
    if (origin === undefined || !parts.options.allowOrigins.includes(origin)) return next()
    return permit(context, origin, next)
  }
}

/**
 * Finds the token of a request, if it has one. Whether it is good turns out when it is used.
 */
export function findCaller(parts: AdmitParts): MiddlewareHandler<ServedEnv> {
  const { admission, guests } = parts
  return (context, next) => {
    const header = context.req.header('Authorization')
    if (header === undefined) return next()
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1] ?? ''
    const { incoming, outgoing } = context.env
    const address = admission.addressOf(incoming)
    const now = performance.now()
    // Whoever is in already is not kept out because somebody else guesses from the same address.
    if (!guests.has(token)) {
      const turned = admission.struckOut(address, now)
      if (turned) return Promise.resolve(turnAway(parts, context, turned))
    }
    if (!TOKEN.test(token)) return Promise.resolve(wrongToken(parts, context))
    const answered = new Promise<void>((resolve) => outgoing.once('close', () => resolve()))
    context.set('caller', {
      chat: () => guests.chat(token, answered),
      connect: () => guests.connect(token),
    })
    return next()
  }
}

/** Answers to a token that is none, and notes it. */
export function wrongToken({ admission, report }: AdmitParts, context: Context<ServedEnv>) {
  admission.strike(admission.addressOf(context.env.incoming), performance.now())
  report('door-refused', { status: 401, reason: 'wrong token' })
  const message = 'This token is not good, or no longer.'
  return answerError(context, {
    status: 401,
    body: { type: 'ERROR', code: 'AUTH_REQUIRED', message },
  })
}

function turnAway(
  { report }: AdmitParts,
  context: Context<ServedEnv>,
  { status, reason, waitMs }: Turned,
): Response {
  report('door-refused', { status, reason })
  const more = waitMs === undefined ? {} : { retry_after_ms: waitMs }
  const body = { type: 'ERROR', code: codes[status], message: reason, ...more } as const
  // Whatever is still to come of it is not read.
  context.header('Connection', 'close')
  return answerError(context, { status, body })
}

async function permit(
  context: Context<ServedEnv>,
  origin: string,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  if (context.req.method === 'OPTIONS') {
    return context.body(null, 204, {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': 'GET, POST, DELETE',
      'Access-Control-Allow-Headers': allowedHeaders,
      'Access-Control-Max-Age': corsMaxAgeSeconds,
      Vary: 'Origin',
    })
  }
  await next()
  context.res.headers.set('Access-Control-Allow-Origin', origin)
  context.res.headers.append('Vary', 'Origin')
  return undefined
}

const allowedHeaders =
  'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version'
