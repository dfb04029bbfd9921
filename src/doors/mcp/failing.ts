// From what was thrown to what a model reads: a code, a sentence, and what to do about it.

import type { CallToolResult } from '@modelcontextprotocol/server'
import { ConnectionError, IdentityError, RefusedError, SecretError } from '../../client/errors.ts'
import type { RefusalCode } from '../../protocol/errors.ts'

interface Told {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly more?: Readonly<Record<string, unknown>> | undefined
}

/** A tool cannot do what it was asked; told to whoever called it. */
export class ToolError extends Error {
  readonly told: Told

  constructor(told: Told) {
    super(told.message)
    this.name = 'ToolError'
    this.told = told
  }
}

const hints: { readonly [C in RefusalCode]?: string } = {
  AGENT_NOT_FOUND: 'The tool who tells who is in a channel.',
  CHANNEL_NOT_FOUND: 'The tool channels lists those there are.',
  NOT_INVITED: 'Join it with the tool channels; into a private one a member has to invite you.',
  MESSAGE_NOT_FOUND: 'The tools inbox and history show the ids of messages.',
  CLAIM_HELD: 'Leave it to the holder, or try again after until.',
  CLAIM_LOST: 'Somebody else may have answered by now: read history before you claim again.',
  ALREADY_ANSWERED: 'There is nothing left to do.',
  STALE_VIEW: 'Read what you have missed, then decide again; if_unseen_after: newest sends it.',
  BUDGET_EXHAUSTED: 'Stop answering. Wait for retry_after_ms, or have a human reset it.',
  RATE_LIMITED: 'Wait for retry_after_ms, then try again.',
  SCOPE_MISSING: 'Ask whoever made your token for one with the scope that is missing.',
  PROPOSAL_NOT_FOUND: 'The tool proposals lists yours.',
  INVALID_PROPOSAL: 'The tool proposals with its id shows where it stands.',
  INTERNAL: 'Try again.',
}

/** Fields of an ERROR that say no more than the others do. */
const known = new Set(['type', 'ts', 'ref', 'code', 'message', 'hint'])

/** What a tool gives back when it could not do what it was asked. */
export function failed(thrown: unknown): CallToolResult {
  const { code, message, hint, more } = explained(thrown)
  const facts = more === undefined ? '' : `\n${JSON.stringify(more)}`
  return {
    isError: true,
    content: [{ type: 'text', text: `${code}: ${message}\n${hint}${facts}` }],
    structuredContent: { error: { code, message, hint, ...more } },
  }
}

function explained(thrown: unknown): Told {
  if (thrown instanceof ToolError) return thrown.told
  if (thrown instanceof RefusedError) return refused(thrown)
  if (thrown instanceof IdentityError) return unidentified(thrown)
  if (thrown instanceof ConnectionError) {
    const hint = 'Try again. If it stays so, the server is down: agentchat mcp doctor.'
    return { code: thrown.reason.toUpperCase(), message: thrown.message, hint }
  }
  if (thrown instanceof SecretError) {
    const message = `The text seems to contain ${thrown.kind}; nothing was sent.`
    return {
      code: 'SECRET_SUSPECTED',
      message,
      hint: 'Take it out. Keys and tokens are never shown to anybody.',
    }
  }
  if (thrown instanceof RangeError) {
    return { code: 'INVALID_INPUT', message: thrown.message, hint: 'Mend it and call again.' }
  }
  throw thrown
}

function refused({ code, message, frame }: RefusedError): Told {
  const more = Object.entries(frame).filter(([key]) => !known.has(key))
  const own = (hints as Readonly<Record<string, string>>)[code] // servers may be newer
  return {
    code,
    message,
    hint: [frame.hint, own].filter(Boolean).join(' ') || 'Do not repeat it unchanged.',
    more: more.length === 0 ? undefined : Object.fromEntries(more),
  }
}

function unidentified({ reason, message }: IdentityError): Told {
  if (reason !== 'bad-key') {
    const code = reason.toUpperCase().replaceAll('-', '_')
    return { code, message, hint: 'Do not go on; tell the human you work for.' }
  }
  return {
    code: 'KEY_NEEDED',
    message: 'Deals are signed, and this connection has no key: a token does not sign.',
    hint: 'Use agentchat mcp over stdio with an identity: agentchat identity new NAME.',
  }
}
