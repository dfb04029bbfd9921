// How a connection proves who speaks on it: both versions of the login, and tokens.

import { randomBytes } from 'node:crypto'
import type { TokenHolder } from '../../core/token-store.ts'
import { toBase64Url, toHex, utf8 } from '../../protocol/bytes.ts'
import { refuse } from '../../protocol/errors.ts'
import type { AskFields, NoteFields, TellFields } from '../../protocol/frames.ts'
import { type PublicKey, parsePublicKey } from '../../protocol/keys.ts'
import { limits } from '../../protocol/limits.ts'
import { ephemeralId, isReservedName } from '../../protocol/names.ts'
import { isStrongPoint } from '../../protocol/point.ts'
import {
  challengeBytes,
  legacyLoginText,
  loginBytes,
  parseLegacySignature,
  parseSignature,
} from '../../protocol/signing.ts'
import { tokenHash } from '../../protocol/token-text.ts'
import type { ServerKey } from '../server-key.ts'
import { isSignedBy, isTimely } from './verify.ts'

export interface HandshakeOptions {
  readonly server: string
  readonly key: ServerKey
  /** Whether clients of the older wire may come in. */
  readonly legacy: boolean
  /** The largest frame that is taken, in bytes. */
  readonly frameBytes: number
  /** Who has made the token with this hash; undefined when none is good now, in milliseconds since 1970. */
  readonly holderOf: (hash: string, now: number) => TokenHolder | undefined
}

/** What a login came to: a challenge to answer, or a session to open. */
export type LoginStep =
  | { readonly challenge: TellFields<'CHALLENGE'> }
  | { readonly opening: Omit<NoteFields<'SESSION_OPENED'>, 'session'>; readonly resume: boolean }

interface Pending {
  readonly challenge: TellFields<'CHALLENGE'>
  readonly key: PublicKey
  readonly asked: AskFields<'IDENTIFY'>
  readonly name: string
}

/** Whose session it is. */
type Whose = Pick<NoteFields<'SESSION_OPENED'>, 'agent' | 'name' | 'key' | 'token'>

/** One connection's login. It has one challenge at a time, good once, so there is no table to fill. */
export class Handshake {
  private readonly options: HandshakeOptions
  private pending: Pending | undefined

  constructor(options: HandshakeOptions) {
    this.options = options
  }

  /** @param now milliseconds since 1970 @throws Refusal INVALID_MSG, V1_REQUIRED, VERIFICATION_FAILED */
  identify(asked: AskFields<'IDENTIFY'>, now: number): LoginStep {
    if (asked.name !== undefined && isReservedName(asked.name))
      refuse('INVALID_MSG', `${asked.name} is reserved; choose another name.`)
    if (asked.token !== undefined) return this.byToken(asked, asked.token, now)
    if (asked.name === undefined) {
      refuse('INVALID_MSG', 'IDENTIFY: "name" is not as declared (only a token goes without).')
    }
    if (asked.v === undefined && !this.options.legacy) {
      refuse('V1_REQUIRED', 'This server takes version 1 of the login only: IDENTIFY with "v": 1.')
    }
    if (asked.pubkey === undefined) return this.opening(asked, newcomer(asked.name))
    const key = parsePublicKey(asked.pubkey)
    if (!key) {
      refuse('INVALID_MSG', 'IDENTIFY: "pubkey" is not an Ed25519 public key as SPKI PEM.')
    }
    const challenge = this.challenge(asked, now)
    this.pending = { challenge, key, asked, name: asked.name }
    return { challenge }
  }

  /** @param now milliseconds since 1970 @throws Refusal VERIFICATION_FAILED, VERIFICATION_EXPIRED */
  async prove(answer: AskFields<'VERIFY_IDENTITY'>, now: number): Promise<LoginStep> {
    const { pending } = this
    this.pending = undefined
    if (!pending || pending.challenge.challenge_id !== answer.challenge_id) {
      refuse('VERIFICATION_EXPIRED', 'There is no such challenge; IDENTIFY again.')
    }
    if (pending.challenge.expires_at <= now) refuse('VERIFICATION_EXPIRED')
    const proof = answer.v === 1 ? this.proof(pending, answer) : legacyProof(pending, answer, now)
    const genuine =
      proof !== undefined &&
      (await isSignedBy(toKeyText(pending.key), proof.bytes, proof.signature))
    // The full check of a key is the dearest: it waits until somebody has signed with it.
    if (!genuine || !isStrongPoint(pending.key.raw))
      refuse('VERIFICATION_FAILED', 'The signature is not one of this key; IDENTIFY again.')
    const { id: agent } = pending.key
    const { name } = pending
    return this.opening(pending.asked, { agent, name, key: toKeyText(pending.key) })
  }

  /** The hash alone is compared, so how long that takes tells nothing of any token. */
  private byToken(asked: AskFields<'IDENTIFY'>, token: string, now: number): LoginStep {
    if (asked.pubkey !== undefined) {
      refuse('INVALID_MSG', 'IDENTIFY: either "pubkey" or "token", not both.')
    }
    if (asked.v === undefined) refuse('V1_REQUIRED', 'A token logs in with "v": 1.')
    const holder = this.options.holderOf(tokenHash(token), now)
    if (holder?.agent.key === undefined) {
      refuse('VERIFICATION_FAILED', 'There is no such token, or it is good no longer.')
    }
    const { id: agent, name, key } = holder.agent
    return this.opening(asked, { agent, name, key, token: holder.token.id })
  }

  private challenge(asked: AskFields<'IDENTIFY'>, now: number): TellFields<'CHALLENGE'> {
    const { server, key, legacy } = this.options
    const base = {
      challenge_id: toHex(randomBytes(12)),
      nonce: toHex(randomBytes(32)),
      expires_at: now + limits.challenge_ms,
      server,
      server_key: key.publicKey,
      time: Math.floor(now),
      versions: legacy ? ['v1', 'v0'] : ['v1'],
    }
    if (asked.v === undefined) return base
    const clientNonce =
      asked.nonce ?? refuse('INVALID_MSG', 'IDENTIFY: "nonce" goes with "v" and "pubkey".')
    const bytes = challengeBytes({
      server,
      serverKey: base.server_key,
      serverNonce: base.nonce,
      clientNonce,
      time: base.time,
      versions: base.versions,
    })
    return { ...base, server_sig: key.sign(bytes) }
  }

  private proof({ challenge, key, asked }: Pending, answer: AskFields<'VERIFY_IDENTITY'>) {
    const signature = parseSignature(answer.signature)
    if (asked.v !== 1 || !asked.nonce || answer.timestamp !== challenge.time || !signature)
      return undefined
    const bytes = loginBytes({
      server: challenge.server,
      serverKey: challenge.server_key,
      serverNonce: challenge.nonce,
      clientNonce: asked.nonce,
      agent: key.id,
      time: challenge.time,
      versions: challenge.versions,
    })
    return { bytes, signature }
  }

  private opening(asked: AskFields<'IDENTIFY'>, whose: Whose): LoginStep {
    const opening = {
      ...whose,
      version: asked.v === 1 ? ('v1' as const) : ('v0' as const),
      brief: asked.brief === true && asked.v === 1,
      server: this.options.server,
      frame_bytes: this.options.frameBytes,
    }
    return { opening, resume: asked.resume === true && asked.v === 1 }
  }
}

/** An agent for as long as the connection lasts. */
function newcomer(name: string): Whose {
  return { agent: ephemeralId(randomBytes(16)), name }
}

/** The older answer names a time of the client's own. */
function legacyProof(
  { challenge, asked }: Pending,
  answer: AskFields<'VERIFY_IDENTITY'>,
  now: number,
) {
  const signature = parseLegacySignature(answer.signature)
  const { timestamp, challenge_id } = answer
  if (asked.v !== undefined || !signature || !isTimely(timestamp, now)) return undefined
  return { bytes: utf8(legacyLoginText(challenge.nonce, challenge_id, timestamp)), signature }
}

function toKeyText(key: PublicKey): string {
  return toBase64Url(key.raw)
}
