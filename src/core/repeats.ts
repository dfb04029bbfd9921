// Repeats: a message that is sent again with the same cid is answered again, and said once.

import { refuse } from '../protocol/errors.ts'
import type { AskFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { keepNewest } from './bounded.ts'
import type { Context } from './context.ts'

type Message = AskFields<'MSG'>

/**
 * Where the first frame with this cid stands; undefined for what is new.
 * @param digest tells whether the two say the same
 * @throws Refusal CID_CONFLICT
 */
export function findRepeat(
  context: Context,
  cid: string | undefined,
  digest: string,
): number | undefined {
  if (cid === undefined) return undefined
  const first = context.agent.cids.get(cid)
  if (!first) return undefined
  if (first.digest !== digest) refuse('CID_CONFLICT')
  context.stored = false
  return first.position
}

/** Keeps the cid in mind, and lets go of the oldest one beyond the limit. */
export function rememberCid(context: Context, cid: string | undefined, digest: string): void {
  if (cid === undefined) return
  const { cids } = context.agent
  keepNewest(cids, [cid, { position: context.position, digest }], limits.cids_remembered)
}

/**
 * Tells two messages of one agent apart (FNV-1a, 2 x 32 bits). Not against an adversary: whoever finds two that
 * collide has only kept itself from saying the second.
 */
export function messageDigest({ to, content, in_reply_to, expects }: Message): string {
  const text = `${to}\n${in_reply_to ?? ''}\n${expects ?? ''}\n${content}`
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ (code + at), 0x85ebca6b)
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36) + text.length.toString(36)
}
