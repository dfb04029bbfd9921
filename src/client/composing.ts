// What this agent signs: its messages, and its answers to agents that want to know its key.

import type { AskFields } from '../protocol/frames.ts'
import { isEphemeralId, isPersistentId } from '../protocol/names.ts'
import { messageBytes, peerVerifyBytes } from '../protocol/signing.ts'
import type { Signer } from './identity.ts'
import type { Frame, SendOptions } from './options.ts'
import { randomCid } from './random.ts'

export const cidForm = /^[0-9A-Za-z]{22,32}$/
const peerNonceForm = /^[0-9a-f]{32}$/

export interface Draft extends SendOptions {
  /** As the server calls it. */
  readonly to: string
  readonly content: string
}

/**
 * The fields of a MSG, signed if there is a key to sign with.
 *
 * @throws RangeError on a `cid` that is none, on no content, and on text that is not well-formed
 */
export function composeMessage(
  { to, content, inReplyTo, expects, cid = randomCid(), ...conditions }: Draft,
  signer: Signer | undefined,
  server: string,
): AskFields<'MSG'> {
  if (!cidForm.test(cid)) throw new RangeError('A cid is 22 to 32 of 0-9 A-Z a-z.')
  if (content === '') throw new RangeError('A message has content.')
  const fields = {
    to,
    content,
    cid,
    ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }),
    ...(expects !== undefined && { expects }),
    ...unsigned(conditions),
  }
  if (!signer) return fields
  const ts = Date.now()
  const bytes = messageBytes({
    server,
    target: to,
    agent: signer.key.id,
    cid,
    ts,
    kind: 'text',
    inReplyTo,
    content,
    extensions: expects === undefined ? undefined : { expects },
  })
  return { ...fields, ts, sig: signer.sign(bytes) }
}

/** What is between the sender and the server only, and so is not signed. */
function unsigned({ ifUnseenAfter, fence, ttlMs, usage }: SendOptions) {
  return {
    ...(ifUnseenAfter !== undefined && { if_unseen_after: ifUnseenAfter }),
    ...(fence !== undefined && { fence }),
    ...(ttlMs !== undefined && { ttl_ms: ttlMs }),
    ...(usage !== undefined && { usage }),
  }
}

/**
 * The answer to a VERIFY_REQUEST. What is signed says what it is for, and between whom, so that no
 * nonce makes of it anything else; a nonce of another form is not answered.
 *
 * @returns undefined when there is nothing to answer
 */
export function composeProof(
  { request_id, from, target, nonce, status }: Frame,
  signer: Signer,
  server: string,
): AskFields<'VERIFY_RESPONSE'> | undefined {
  const isToUs = target === signer.key.id && status === undefined
  if (!isToUs || typeof request_id !== 'string') return undefined
  if (typeof nonce !== 'string' || !peerNonceForm.test(nonce)) return undefined
  if (typeof from !== 'string' || !(isPersistentId(from) || isEphemeralId(from))) return undefined
  const bytes = peerVerifyBytes({ server, requester: from, target: signer.key.id, nonce })
  return { request_id, nonce, sig: signer.sign(bytes), v: 1 }
}
