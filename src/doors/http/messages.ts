// POST /v1/messages, POST /v1/claims and GET /v1/sent: what an agent does over HTTP, a frame for each.

import type { Context, Hono } from 'hono'
import { cidForm } from '../../client/composing.ts'
import { refuse } from '../../protocol/errors.ts'
import { asks } from '../../protocol/frames.ts'
import { withoutRef } from './answers.ts'
import { ask, bodyOf, fieldsOf, type Parameters, queryOf } from './asked.ts'
import type { HttpEnv } from './caller.ts'

/** Of a message sent with a token nothing is signed. */
export const messageFields = Object.keys(asks.MSG.fields).filter(
  (name) => name !== 'sig' && name !== 'ts',
)

/** What can be done about a claim, and the frame that does it. */
export const claimActions = {
  claim: 'CLAIM',
  renew: 'RENEW',
  release: 'RELEASE',
  decline: 'DECLINE',
} as const

export const sentParameters = {
  msg_id: 'text',
  pending: 'flag',
  limit: 'count',
} as const satisfies Parameters

/** Adds the routes. */
export function addMessages(app: Hono<HttpEnv>): void {
  app.post('/messages', send)
  app.post('/claims', claim)
  app.get('/sent', async (context) => {
    const fields = fieldsOf('LADDER', queryOf(context, sentParameters))
    return context.json(withoutRef(await ask(context, 'LADDER', fields)))
  })
}

async function send(context: Context<HttpEnv>): Promise<Response> {
  const given = await bodyOf(context)
  const key = keyOf(context)
  if (key !== undefined && given.cid !== undefined && given.cid !== key) {
    refuse('INVALID_MSG', 'Idempotency-Key and "cid" are two names of one thing; give one.')
  }
  const named = key === undefined ? given : { ...given, cid: key }
  const sent = withoutRef(await ask(context, 'MSG', fieldsOf('MSG', named, messageFields)))
  return context.json(sent, sent.repeat === true ? 200 : 201)
}

/** A `cid` under the name that HTTP has for it. A UUID is one without its hyphens. */
function keyOf(context: Context<HttpEnv>): string | undefined {
  const header = context.req.header('Idempotency-Key')
  if (header === undefined) return undefined
  const cid = header.replace(/^"(.*)"$/, '$1').replaceAll('-', '')
  if (cidForm.test(cid)) return cid
  return refuse('INVALID_MSG', 'Idempotency-Key is a UUID, or 22 to 32 of 0-9 A-Z a-z.')
}

async function claim(context: Context<HttpEnv>): Promise<Response> {
  const { action = 'claim', ...given } = await bodyOf(context)
  const name = Object.keys(claimActions).find((one) => one === action)
  if (name === undefined) {
    refuse('INVALID_MSG', `"action" is one of ${Object.keys(claimActions).join(', ')}.`)
  }
  const type = claimActions[name as keyof typeof claimActions] // found among its keys
  const answer = await ask(context, type, fieldsOf(type, given))
  return context.json(withoutRef(answer), type === 'CLAIM' ? 201 : 200)
}
