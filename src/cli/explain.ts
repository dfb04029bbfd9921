// From whatever was thrown to one sentence, one hint and one exit code.

import type { ConnectionError, IdentityError, RefusedError, SecretError } from '../client/errors.ts'
import type { Frame } from '../client/options.ts'
import type { LogError } from '../log/errors.ts'
import type { RefusalCode } from '../protocol/errors.ts'
import type { StartError } from '../server/start-error.ts'
import { type ExitName, Failure, wrongUsage } from './failure.ts'

interface Advice {
  readonly hint: string
  readonly exit?: ExitName
}

const newIdentity = 'agentchat identity new NAME'

const refusalAdvice: { readonly [C in RefusalCode]: Advice } = {
  INVALID_MSG: { hint: 'agentchat schema FRAME' },
  INVALID_NAME: { hint: 'Choose another name.' },
  AUTH_REQUIRED: { hint: 'Try again.' },
  SIGNATURE_REQUIRED: { hint: newIdentity, exit: 'identity' },
  VERIFICATION_FAILED: {
    hint: 'Check the clock of this machine, or the token: agentchat token list',
    exit: 'identity',
  },
  VERIFICATION_EXPIRED: { hint: 'Try again.', exit: 'identity' },
  V1_REQUIRED: { hint: 'Use a newer version of AgentChat.', exit: 'identity' },
  RATE_LIMITED: { hint: 'Wait for retry_after_ms, then try again.' },
  LIMIT_REACHED: { hint: 'Leave a channel, or end another connection of this agent.' },
  CHANNEL_NOT_FOUND: { hint: 'agentchat channels' },
  CHANNEL_EXISTS: { hint: 'agentchat channels join NAME' },
  NOT_INVITED: {
    hint: 'agentchat channels join CHANNEL; into a private one a member has to invite you first.',
  },
  AGENT_NOT_FOUND: { hint: 'agentchat agents' },
  NO_PUBKEY: { hint: 'Only agents with a key can be verified, or make deals.' },
  MESSAGE_NOT_FOUND: { hint: "agentchat history '#channel' shows the ids of messages." },
  CLAIM_HELD: { hint: 'Leave it to the holder, or try again after `until`.' },
  CLAIM_LOST: { hint: 'agentchat claim MSG_ID' },
  ALREADY_ANSWERED: { hint: 'There is nothing left to do; agentchat history shows the answer.' },
  STALE_VIEW: { hint: 'Read what is printed above, then decide again.' },
  BUDGET_EXHAUSTED: {
    hint: 'Stop answering; wait for retry_after_ms, or ask a human to run agentchat admin reset.',
  },
  QUARANTINED: { hint: 'Say it in words of your own, or not at all.' },
  NOT_OPERATOR: { hint: 'agentchat serve --operators ID names the operators of a server.' },
  SCOPE_MISSING: { hint: 'agentchat token create --scope read,send', exit: 'identity' },
  TOKEN_NOT_FOUND: { hint: 'agentchat token list' },
  CID_CONFLICT: { hint: 'Give each message, and each proposal, a --cid of its own.' },
  PROPOSAL_NOT_FOUND: {
    hint: 'agentchat proposals lists yours; --channel CHANNEL its open offers.',
  },
  INVALID_PROPOSAL: { hint: 'agentchat proposals show ID' },
  INTERNAL: { hint: 'Try again; the log of the server says more.' },
}

const connectionHints: { readonly [R in ConnectionError['reason']]: string } = {
  unreachable: 'agentchat serve starts one here; --server URL names another.',
  timeout: 'Try again, or wait longer with --timeout.',
  lost: 'Try again; sending again with the same --cid says nothing twice.',
  closed: 'Try again.',
  uncertain: 'agentchat history shows whether it was said.',
  full: 'Try again more slowly.',
  overflow: 'Read less at once, or from fewer channels.',
  nonsense: 'Check --server: something else answers there.',
}

const identityHints: { readonly [R in IdentityError['reason']]: string } = {
  'server-changed':
    'If you know why its key changed, remove its line from known_servers under AGENTCHAT_HOME (~/.agentchat).',
  'bad-challenge': 'Do not trust this server.',
  downgrade: 'Use a server that speaks version 1.',
  'wrong-agent': 'Do not trust this server.',
  substituted: 'Do not trust this server.',
  'bad-key': 'agentchat identity list',
  'bad-token': 'agentchat token create makes one; --server wss://… takes it to another machine.',
  'bad-file': 'agentchat identity list',
  exists: 'Choose another name, or replace it with --force.',
}

/** Those of other parts are told by name: their modules are loaded only where they are needed. */
const explainers: Readonly<Record<string, (error: Error) => Failure>> = {
  Failure: (error) => error as Failure,
  RefusedError: (error) => refused(error as RefusedError),
  ConnectionError: (error) => unconnected(error as ConnectionError),
  IdentityError: (error) => unidentified(error as IdentityError),
  SecretError: (error) => secret(error as SecretError),
  LogError: (error) => unlogged(error as LogError),
  StartError: (error) => unstarted(error as StartError),
  // The client's word for what no server would take.
  RangeError: ({ message }) => wrongUsage(message, 'agentchat help formatting'),
}

/** Says what was thrown in words for whoever typed the command. */
export function explain(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return explainers[error.name]?.(error) ?? unusable(error) ?? fault(error)
}

function refused(error: RefusedError): Failure {
  const { code, message, retryAfterMs, frame } = error
  const advice = (refusalAdvice as Readonly<Record<string, Advice>>)[code] // servers may be newer
  const isWord = /^[A-Z_]+$/.test(message)
  const dealHint = /proposal/.test(frame.limit ?? '') ? 'agentchat proposals' : undefined
  return new Failure({
    code,
    message,
    ...(isWord && frame.hint !== undefined && { sentence: frame.hint }),
    hint:
      (isWord ? dealHint : (frame.hint ?? dealHint)) ?? advice?.hint ?? 'agentchat help exit-codes',
    exit: advice?.exit ?? 'refused',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    more: detailsOf(frame),
  })
}

/** What the server adds, such as who holds a claim; the rest is said in words of ours. */
function detailsOf({ type, ts, ref, code, message, hint, retry_after_ms, ...more }: Frame): object {
  return more
}

function unconnected({ reason, message }: ConnectionError): Failure {
  const code = reason.toUpperCase()
  return new Failure({ code, message, hint: connectionHints[reason], exit: 'unreachable' })
}

function unidentified({ reason, message }: IdentityError): Failure {
  const code = reason.toUpperCase().replaceAll('-', '_')
  return new Failure({ code, message, hint: identityHints[reason], exit: 'identity' })
}

function secret({ kind }: SecretError): Failure {
  return new Failure({
    code: 'SECRET_SUSPECTED',
    message: `The text seems to contain ${kind}; nothing was sent.`,
    hint: 'Say it without the secret; --allow-secrets sends it all the same.',
    exit: 'refused',
  })
}

/** Its message is two sentences: what happened, and what to do. */
function unlogged({ code, message }: LogError): Failure {
  const [, what = message, hint = ''] = /^(.*?\.) ([A-Z].*)$/s.exec(message) ?? []
  return new Failure({ code, message: what, hint, exit: 'unreachable' })
}

function unstarted({ message, hint, origin }: StartError): Failure {
  const exit = origin === 'options' ? 'usage' : 'unreachable'
  return new Failure({ code: 'NOT_STARTED', message, hint, exit })
}

const unusableFile = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOSPC'])

/** A file of this user's state that the machine does not give. */
function unusable(error: Error): Failure | undefined {
  const code: unknown = Reflect.get(error, 'code')
  const path: unknown = Reflect.get(error, 'path')
  if (typeof code !== 'string' || typeof path !== 'string' || !unusableFile.has(code))
    return undefined
  return new Failure({
    code: 'UNUSABLE',
    message: `${path} cannot be used (${code}).`,
    hint: 'Set AGENTCHAT_HOME to a directory that is yours to write.',
    exit: 'identity',
  })
}

function fault(error: Error): Failure {
  return new Failure({
    code: 'FAULT',
    message: `agentchat has a fault: ${error.message || error.name}.`,
    hint: 'Run it again with -v, and report what it prints.',
    exit: 'refused',
    cause: error.stack,
  })
}
