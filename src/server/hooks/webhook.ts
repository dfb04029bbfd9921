// A hook over HTTPS: a POST that is signed as Standard Webhooks say, and what its answer means.

import { packageVersion } from '../../version.ts'
import type { ServerKey } from '../server-key.ts'
import type { Answer, HookCall } from './deliver.ts'
import type { HookMessage } from './events.ts'
import { withinTime, wordFor } from './time-limit.ts'

export interface WebhookParts {
  readonly url: string
  readonly key: Pick<ServerKey, 'sign'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds that an attempt may take. */
  readonly limitMs: number
}

/** Answers besides 5xx after which the same call may succeed. */
const passing: ReadonlySet<number> = new Set([408, 425, 429])

/** Calls over HTTP. Redirects are not followed: what is signed goes where the operator said, and nowhere else. */
export function webhookCall({ url, key, now, limitMs }: WebhookParts): HookCall {
  return async (message, stop) => {
    const { headers, body } = signedCall(message, key, now())
    try {
      return await withinTime(limitMs, stop, async (signal) => {
        const how = { method: 'POST', headers, body, redirect: 'manual', signal } as const
        const response = await fetch(url, how)
        // What it says is not needed, however long it is.
        void response.body?.cancel().catch(() => {})
        return answerOf(response, now())
      })
    } catch (failure) {
      return { kind: 'failed', reason: wordFor(failure) }
    }
  }
}

/**
 * Headers and body of a call, as Standard Webhooks 1.0 say for Ed25519 (`v1a`): signed is `id.seconds.body`.
 * No id holds what an agent wrote, nor begins with the byte 0xFF as all else that the key of a server signs.
 *
 * @param nowMs milliseconds since 1970
 */
export function signedCall(
  { id, type, timestamp, data }: HookMessage,
  key: Pick<ServerKey, 'sign'>,
  nowMs: number,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const body = JSON.stringify({ type, timestamp, data })
  const seconds = String(Math.floor(nowMs / 1_000))
  const signature = Buffer.from(key.sign(Buffer.from(`${id}.${seconds}.${body}`)), 'base64url')
  const headers = {
    'content-type': 'application/json',
    'user-agent': `agentchat/${packageVersion}`,
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1a,${signature.toString('base64')}`,
  }
  return { headers, body }
}

function answerOf({ status, ok, headers }: Response, nowMs: number): Answer {
  if (ok) return { kind: 'taken' }
  const reason = `HTTP ${status}`
  if (!passing.has(status) && status < 500) return { kind: 'refused', reason }
  const asks = status === 429 || status === 503
  const retryAfterMs = asks ? readRetryAfter(headers.get('retry-after'), nowMs) : undefined
  return { kind: 'failed', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** Retry-After (RFC 9110 section 10.2.3): seconds, or a date. @returns milliseconds from now */
function readRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}
