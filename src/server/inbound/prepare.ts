// What the edge finds out before a command is logged: whether signatures are genuine, and what a message answers.

import { findAgent } from '../../core/naming.ts'
import { conversationOf, findPlace } from '../../core/places.ts'
import { readableStreams } from '../../core/unread.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { refuse } from '../../protocol/errors.ts'
import type { AskFields, EdgeFields } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { foldChannel, positionOf } from '../../protocol/names.ts'
import { checkPaymentCode } from '../../protocol/payments.ts'
import type { StepType } from '../../protocol/proposal-steps.ts'
import {
  legacyMessageText,
  legacyVerifyText,
  messageBytes,
  parseLegacySignature,
  parseSignature,
  peerVerifyBytes,
} from '../../protocol/signing.ts'
import type { Preparation } from './preparation.ts'
import { proveProposal, proveStep } from './prove-proposals.ts'
import { isSignedBy, isTimely } from './verify.ts'

type Preparer<T extends keyof typeof needed> = (
  on: Preparation,
  fields: AskFields<T>,
) => Promise<EdgeFields<T>>

/** Which frames need the edge before the log, and when. */
const needed = {
  MSG: (fields: AskFields<'MSG'>) => fields.sig !== undefined || fields.in_reply_to !== undefined,
  CLAIM: always,
  DECLINE: always,
  VERIFY_RESPONSE: always,
  PROPOSAL: always,
  ACCEPT: always,
  REJECT: always,
  WITHDRAW: always,
  FUNDED: always,
  COMPLETE: always,
  CONFIRM: always,
  DISPUTE: always,
  SETTLE: always,
}

function always(): boolean {
  return true
}

const preparers: { readonly [T in keyof typeof needed]: Preparer<T> } = {
  async MSG(on, fields) {
    const [proof, parent] = await Promise.all([proofOf(on, fields), parentOf(on, fields)])
    return { ...(proof && { proof }), ...(parent && { parent }) }
  },

  CLAIM: foundOf,
  DECLINE: foundOf,

  async VERIFY_RESPONSE({ world, agent, server }, { request_id, nonce, sig, v }) {
    const request = world.verifications.get(request_id)
    const signature = v === 1 ? parseSignature(sig) : parseLegacySignature(sig)
    if (!request || !signature || agent.key === undefined) return { genuine: false }
    const bytes =
      v === 1
        ? peerVerifyBytes({ server, requester: request.from, target: agent.id, nonce })
        : utf8(legacyVerifyText(nonce))
    return { genuine: await isSignedBy(agent.key, bytes, signature) }
  },

  async PROPOSAL(on, fields) {
    const payment = paymentOf(on, fields)
    return { ...(await proveProposal(on, fields)), ...(payment && { payment }) }
  },

  async ACCEPT(on, fields) {
    const payment = paymentOf(on, fields)
    const signed = await proveStep(on, 'ACCEPT', fields)
    const { agent, timeoutMs: timeout_ms = 0 } = on.escrow ?? {}
    const escrow = agent === undefined ? undefined : { agent, timeout_ms }
    return { ...(signed && { signed }), ...(payment && { payment }), ...(escrow && { escrow }) }
  },

  REJECT: stepPreparer('REJECT'),
  WITHDRAW: stepPreparer('WITHDRAW'),
  FUNDED: stepPreparer('FUNDED'),
  COMPLETE: stepPreparer('COMPLETE'),
  CONFIRM: stepPreparer('CONFIRM'),
  DISPUTE: stepPreparer('DISPUTE'),
  SETTLE: stepPreparer('SETTLE'),
}

function stepPreparer(type: StepType) {
  return async (on: Preparation, fields: AskFields<'CONFIRM'>): Promise<EdgeFields<'CONFIRM'>> => {
    const signed = await proveStep(on, type, fields)
    return signed ? { signed } : {}
  }
}

/** @throws Refusal INVALID_MSG on a code that is wrong */
function paymentOf(
  { version }: Preparation,
  { payment_code: code }: { payment_code?: string | undefined },
) {
  const isLenient = version === 'v0'
  // Older clients write nothing, too, where they leave it out.
  if (code === undefined || (isLenient && code === '')) return undefined
  return checkPaymentCode(code, isLenient)
}

/** The work to be done for a frame; undefined for the many that need none. */
export function preparation(
  type: string,
  fields: object,
): ((on: Preparation) => Promise<object>) | undefined {
  if (!isNeeded(type)) return undefined
  // The table pairs each type with its own fields, which `decode` has read by that type.
  const isDue = needed[type] as (fields: object) => boolean
  const prepare = preparers[type] as (on: Preparation, fields: object) => Promise<object>
  return isDue(fields) ? (on) => prepare(on, fields) : undefined
}

function isNeeded(type: string): type is keyof typeof needed {
  return Object.hasOwn(needed, type)
}

/** @throws Refusal VERIFICATION_FAILED */
async function proofOf(
  on: Preparation,
  fields: AskFields<'MSG'>,
): Promise<EdgeFields<'MSG'>['proof']> {
  if (fields.sig === undefined) return undefined
  const { key } = on.agent
  if (key === undefined) refuse('VERIFICATION_FAILED', 'You have no key to check a signature with.')
  if (fields.ts === undefined || !isTimely(fields.ts, on.now)) {
    refuse(
      'VERIFICATION_FAILED',
      'A signed message names its time in "ts", near the time of the server.',
    )
  }
  const signed = on.version === 'v1' ? signedMessage(on, fields) : legacySignedMessage(fields)
  if (signed && (await isSignedBy(key, signed.bytes, signed.signature))) {
    return { version: on.version, key }
  }
  return refuse('VERIFICATION_FAILED', 'The signature is not one of your key over this message.')
}

function signedMessage({ server, agent }: Preparation, fields: AskFields<'MSG'>) {
  const { sig, ts, cid, to, content, in_reply_to, expects } = fields
  const signature = parseSignature(sig ?? '')
  if (!signature || cid === undefined || ts === undefined || !Number.isInteger(ts)) return undefined
  try {
    const bytes = messageBytes({
      server,
      target: to,
      agent: agent.id,
      cid,
      ts,
      kind: 'text',
      inReplyTo: in_reply_to,
      content,
      extensions: expects && { expects },
    })
    return { bytes, signature }
  } catch (failure) {
    // A field that cannot be signed cannot have been signed.
    if (failure instanceof RangeError) return undefined
    throw failure
  }
}

function legacySignedMessage({ sig, ts, to, content }: AskFields<'MSG'>) {
  const signature = parseLegacySignature(sig ?? '')
  if (!signature || ts === undefined) return undefined
  return { bytes: utf8(legacyMessageText({ to, content, ts })), signature }
}

/** The thread and depth of the message that this one answers, if it stands in the same place. */
async function parentOf(
  { world, agent, log }: Preparation,
  { to, in_reply_to }: AskFields<'MSG'>,
): Promise<EdgeFields<'MSG'>['parent']> {
  const position = positionOf(in_reply_to ?? '')
  // Whoever may not speak there is told so by the core.
  const stream = position > 0 && findPlace(world, agent, to)?.stream
  if (!stream) return undefined
  const found = await log.find(stream, position)
  if (!found) return undefined
  const { thread, depth, from } = JSON.parse(found.news) as Told
  return { thread, depth, from }
}

/** What is looked at of a message that the log has kept: as we told it. */
interface Told {
  readonly type: string
  readonly from: string
  readonly to: string
  readonly thread: string
  readonly depth: number
}

/** Where a message was said, if the agent can read it. */
async function foundOf(
  { world, agent, log }: Preparation,
  { msg_id }: { readonly msg_id: string },
): Promise<EdgeFields<'CLAIM'>> {
  const position = positionOf(msg_id)
  if (position === 0) return {}
  const page = await log.page({
    streams: readableStreams(world, agent).map((stream) => ({ stream, after: position - 1 })),
    from: 'earliest',
    before: position + 1,
    limit: 1,
    maxBytes: limits.page_bytes,
  })
  const [item] = page.items
  const { type, from, to } = item ? (JSON.parse(item.news) as Told) : {}
  if (type !== 'MSG' || from === undefined || to === undefined) return {}
  if (!to.startsWith('#')) {
    // The older wire signs names as they were typed.
    const peer = from === agent.id ? (findAgent(world, to)?.id ?? to) : agent.id
    return { found: { stream: conversationOf(from, peer) } }
  }
  const channel = world.channels.get(foldChannel(to))
  return channel ? { found: { stream: channel.stream } } : {}
}
