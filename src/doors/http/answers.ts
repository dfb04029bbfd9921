// What is answered to a request: a frame as JSON, and the one table of what each refusal is in HTTP.

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ConnectionError, RefusedError, SecretError } from '../../client/errors.ts'
import type { Frame } from '../../client/options.ts'
import { Refusal, type RefusalCode } from '../../protocol/errors.ts'
import { BusyError, WrongTokenError } from './caller.ts'

/** The status of each refusal. */
export const statuses = {
  INVALID_MSG: 400,
  INVALID_NAME: 400,
  AUTH_REQUIRED: 401,
  SIGNATURE_REQUIRED: 403,
  VERIFICATION_FAILED: 403,
  VERIFICATION_EXPIRED: 403,
  V1_REQUIRED: 403,
  RATE_LIMITED: 429,
  LIMIT_REACHED: 409,
  CHANNEL_NOT_FOUND: 404,
  CHANNEL_EXISTS: 409,
  NOT_INVITED: 403,
  AGENT_NOT_FOUND: 404,
  NO_PUBKEY: 409,
  MESSAGE_NOT_FOUND: 404,
  CLAIM_HELD: 409,
  CLAIM_LOST: 409,
  ALREADY_ANSWERED: 409,
  STALE_VIEW: 412,
  BUDGET_EXHAUSTED: 429,
  QUARANTINED: 403,
  NOT_OPERATOR: 403,
  SCOPE_MISSING: 403,
  TOKEN_NOT_FOUND: 404,
  CID_CONFLICT: 409,
  PROPOSAL_NOT_FOUND: 404,
  INVALID_PROPOSAL: 409,
  INTERNAL: 500,
} as const satisfies Record<RefusalCode, ContentfulStatusCode>

/** An ERROR as it is answered over HTTP. */
export interface ErrorBody {
  readonly type: 'ERROR'
  readonly code: string
  readonly message: string
  readonly retry_after_ms?: number | undefined
  readonly [more: string]: unknown
}

interface Told {
  readonly status: ContentfulStatusCode
  readonly body: ErrorBody
}

const comeBackMs = 1_000

/** The frame without the `ref` that only the connection behind the door knows. */
export function withoutRef({ ref: _ref, ...frame }: Frame): Frame {
  return frame as Frame // all but one field of what was a frame
}

/** Answers with an ERROR; says when to come back in the header too. */
export function answerError(context: Context, { status, body }: Told): Response {
  const { retry_after_ms: waitMs } = body
  if (waitMs !== undefined) context.header('Retry-After', String(Math.ceil(waitMs / 1_000)))
  if (status === 401) context.header('WWW-Authenticate', 'Bearer')
  return context.json(body, status)
}

/** What a failure is in HTTP; undefined for a fault of ours. */
export function toldOf(failure: unknown): Told | undefined {
  if (failure instanceof RefusedError) return ofFrame(failure)
  if (failure instanceof Refusal) {
    const { code, message, more } = failure
    return { status: statuses[code], body: { type: 'ERROR', code, message, ...more } }
  }
  if (failure instanceof SecretError) {
    const message = `The text seems to contain ${failure.kind}; nothing was sent.`
    return { status: 400, body: { type: 'ERROR', code: 'SECRET_SUSPECTED', message } }
  }
  if (failure instanceof RangeError) return error(400, 'INVALID_MSG', failure.message)
  if (failure instanceof WrongTokenError) return error(401, 'AUTH_REQUIRED', failure.message)
  if (failure instanceof BusyError) {
    return error(429, 'RATE_LIMITED', failure.message, failure.waitMs)
  }
  if (failure instanceof ConnectionError) return ofConnection(failure)
  return undefined
}

function ofFrame({ code, frame }: RefusedError): Told {
  const { ref: _ref, ...body } = frame
  return { status: isRefusal(code) ? statuses[code] : 500, body }
}

/** What was asked may have been done: with a `cid` it can be asked again. */
function ofConnection({ reason, message }: ConnectionError): Told {
  if (reason === 'timeout') return error(504, 'INTERNAL', message)
  return error(503, 'INTERNAL', 'The connection to the house is over; ask again.', comeBackMs)
}

function error(
  status: ContentfulStatusCode,
  code: RefusalCode,
  message: string,
  waitMs?: number,
): Told {
  const more = waitMs === undefined ? {} : { retry_after_ms: waitMs }
  return { status, body: { type: 'ERROR', code, message, ...more } }
}

function isRefusal(code: string): code is RefusalCode {
  return Object.hasOwn(statuses, code)
}
