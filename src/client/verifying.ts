// Checking for oneself who said a message, without believing the server.

import { ed25519 } from '#ed25519'
import { utf8 } from '../protocol/bytes.ts'
import type { TellFields } from '../protocol/frames.ts'
import { publicKeyFromBase64Url } from '../protocol/keys.ts'
import {
  legacyMessageText,
  messageBytes,
  parseLegacySignature,
  parseSignature,
} from '../protocol/signing.ts'

/** A message as it came, live or in a page of history. */
type Said = TellFields<'MSG'>

/** What a message's signature is worth. */
export interface Verdict {
  /**
   * `signed`: whoever holds the key of `from` said exactly this, here.
   * `unsigned`: nothing but the server's word for it.
   * `forged`: it claims a signature that is not right; do not believe any of it.
   */
  readonly status: 'signed' | 'unsigned' | 'forged'
  /** What the signature covers; undefined unless `signed`. Version 0 names no server, reply or `expects`. */
  readonly version?: 'v0' | 'v1'
  /** One sentence. */
  readonly reason: string
}

/**
 * Checks a MSG. Its `auth` is the server's word and is not looked at. Never covered: `from_name`,
 * `position`, `thread`, `mentions`, `depth`, `ts`.
 *
 * @param frame as it came
 * @param options `serverName`: name of the server that it was said on, `chat.serverName`
 */
export function verifyMessage(frame: Said, { serverName }: { serverName: string }): Verdict {
  if (frame.sig === undefined) {
    return { status: 'unsigned', reason: 'It carries no signature.' }
  }
  const key = typeof frame.key === 'string' ? publicKeyFromBase64Url(frame.key) : undefined
  if (!key) return forged('It names no key that could have signed it.')
  if (key.id !== frame.from) return forged('Its key is not that of the agent it names.')
  const signed = readSigned(frame, serverName)
  if (!signed) return forged('Its signature, or what it should cover, is malformed.')
  if (!ed25519.verify(signed.signature, signed.bytes, key.raw)) {
    return forged('Its signature does not fit what it says.')
  }
  return { status: 'signed', version: signed.version, reason: 'Its agent signed it.' }
}

function forged(reason: string): Verdict {
  return { status: 'forged', reason }
}

interface Signed {
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  readonly version: 'v0' | 'v1'
}

function readSigned(frame: Said, server: string): Signed | undefined {
  const { sig, sig_version: version } = frame
  if (typeof sig !== 'string' || (version !== 'v0' && version !== 'v1')) return undefined
  if (!areTexts(frame)) return undefined
  const signature = version === 'v1' ? parseSignature(sig) : parseLegacySignature(sig)
  if (!signature) return undefined
  try {
    const bytes = version === 'v1' ? bytesOf(frame, server) : legacyBytesOf(frame)
    return bytes && { bytes, signature, version }
  } catch {
    return undefined // a field that nobody can sign
  }
}

/** What is signed as text is text: an array of one would be spelled the same. */
function areTexts({ to, from, content, cid, in_reply_to: inReplyTo, expects }: Said): boolean {
  const optional = [cid, inReplyTo, expects].filter((text) => text !== undefined)
  return [to, from, content, ...optional].every((text) => typeof text === 'string')
}

function bytesOf(frame: Said, server: string): Uint8Array | undefined {
  const { to, from, cid, sig_ts: ts, in_reply_to: inReplyTo, content, expects } = frame
  if (cid === undefined || ts === undefined) return undefined
  return messageBytes({
    server,
    target: to,
    agent: from,
    cid,
    ts,
    kind: 'text',
    inReplyTo,
    content,
    extensions: expects === undefined ? undefined : { expects },
  })
}

function legacyBytesOf({ to, content, sig_ts: ts }: Said): Uint8Array | undefined {
  return ts === undefined ? undefined : utf8(legacyMessageText({ to, content, ts }))
}
