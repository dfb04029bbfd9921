// What is signed, byte by byte: the envelope of version 1, and the strings of version 0.
import { fromBase64, fromBase64Url, sha256, toBase64Url, utf8 } from './bytes.ts'
import { canonicalDocument } from './document.ts'

const PURPOSE = /^[a-z-]{1,32}$/
const FIELD = /^[\x21-\x7e]{1,512}$/
const VERSION = /^[0-9a-z.-]{1,32}$/
const ABSENT = '-'

/**
 * Builds the bytes of a version 1 signature: 0xFF, then `agentchat/1/<purpose>` and the fields,
 * each after a line feed. 0xFF is not UTF-8, so no text is ever a signed message by chance, and
 * no field holds a line feed, so different fields never give the same bytes.
 *
 * @param purpose what the signature is for: lower-case letters and `-`
 * @param fields 1 to 512 characters of 0x21-0x7E each; undefined for what is absent
 * @throws RangeError on anything else, also on a field that is `-`, the spelling of absence
 */
export function signingBytes(purpose: string, fields: readonly (string | undefined)[]): Uint8Array {
  if (!PURPOSE.test(purpose)) throw new RangeError('A purpose is lower-case letters and "-".')
  const body = utf8([`agentchat/1/${purpose}`, ...fields.map(spellField)].join('\n'))
  const bytes = new Uint8Array(body.length + 1)
  bytes[0] = 0xff
  bytes.set(body, 1)
  return bytes
}

function spellField(field: string | undefined): string {
  if (field === undefined) return ABSENT
  if (field === ABSENT) throw new RangeError('A signed field must not be "-", which means absent.')
  if (!FIELD.test(field)) {
    throw new RangeError('A signed field is 1 to 512 characters from ! to ~ of ASCII.')
  }
  return field
}

/** What a server signs to prove to a client which server it is. */
export interface ChallengeFields {
  /** The server's name, as the client dialled it. */
  readonly server: string
  /** The server's raw public key, base64url. */
  readonly serverKey: string
  readonly serverNonce: string
  readonly clientNonce: string
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number
  /** The protocol versions that the server offers, in its order. */
  readonly versions: readonly string[]
}

/** What an agent signs to log in: what the server signed, and who answers. */
export interface LoginFields extends ChallengeFields {
  readonly agent: string
}

/** What an agent signs of a message. */
export interface MessageFields {
  readonly server: string
  /** The channel (`#…`) or agent (`@…`) as the client sends it. */
  readonly target: string
  readonly agent: string
  readonly cid: string
  /** Milliseconds since 1970, by the client's clock. */
  readonly ts: number
  readonly kind: string
  readonly inReplyTo?: string | undefined
  /** Any well-formed text; its hash is signed. */
  readonly content: string
  /** The other fields that are signed, as one document; its hash is signed. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** What an agent signs to prove itself to another agent. */
export interface PeerVerifyFields {
  readonly server: string
  /** The id of who asked. */
  readonly requester: string
  /** The id of who answers, and signs. */
  readonly target: string
  readonly nonce: string
}

/**
 * The bytes of purpose `challenge`, signed by the server.
 *
 * @throws RangeError on a field that signingBytes refuses, a bad time or a bad list of versions
 */
export function challengeBytes(fields: ChallengeFields): Uint8Array {
  const { time, versions } = fields
  return signingBytes('challenge', [...parties(fields), spellTime(time), hashVersions(versions)])
}

/**
 * The bytes of purpose `login`, signed by the agent.
 *
 * @throws RangeError on a field that signingBytes refuses, a bad time or a bad list of versions
 */
export function loginBytes(fields: LoginFields): Uint8Array {
  const { agent, time, versions } = fields
  return signingBytes('login', [...parties(fields), agent, spellTime(time), hashVersions(versions)])
}

function parties({ server, serverKey, serverNonce, clientNonce }: ChallengeFields): string[] {
  return [server, serverKey, serverNonce, clientNonce]
}

/**
 * The bytes of purpose `msg`, signed by the agent.
 *
 * @throws RangeError on a field that signingBytes refuses, a bad time or ill-formed content
 * @throws TypeError on extensions that canonicalDocument refuses
 */
export function messageBytes(fields: MessageFields): Uint8Array {
  const { server, target, agent, cid, ts, kind, inReplyTo, content, extensions } = fields
  return signingBytes('msg', [
    server,
    target,
    agent,
    cid,
    spellTime(ts),
    kind,
    inReplyTo,
    hashText(content),
    extensions === undefined ? undefined : hashText(canonicalDocument(extensions)),
  ])
}

/**
 * The bytes of purpose `peer-verify`, signed by the agent that was asked.
 *
 * @throws RangeError on a field that signingBytes refuses
 */
export function peerVerifyBytes(fields: PeerVerifyFields): Uint8Array {
  const { server, requester, target, nonce } = fields
  return signingBytes('peer-verify', [server, requester, target, nonce])
}

/**
 * Hashes a text for a signed field: base64url of the SHA-256 of its UTF-8.
 *
 * @returns 43 characters
 * @throws RangeError on a lone surrogate or NUL
 */
export function hashText(text: string): string {
  if (text.includes('\0')) throw new RangeError('A signed text must not hold NUL.')
  return toBase64Url(sha256(utf8(text)))
}

function hashVersions(versions: readonly string[]): string {
  if (versions.length === 0 || !versions.every((version) => VERSION.test(version))) {
    throw new RangeError('Versions are 1 to 32 of a-z 0-9 . - each, and there is at least one.')
  }
  return hashText(versions.join(','))
}

/** Spells milliseconds since 1970 for a signed field. @throws RangeError on anything but whole ones */
export function spellTime(time: number): string {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new RangeError('A signed time is whole milliseconds since 1970.')
  }
  return String(time)
}

/** The text that version 0 signs to log in. The bars are its own; see protocol.md section 4. */
export function legacyLoginText(nonce: string, challengeId: string, timestamp: number): string {
  return `AGENTCHAT_AUTH|${nonce}|${challengeId}|${timestamp}`
}

/** The text that version 0 signs of a message; the order of the keys is part of it. */
export function legacyMessageText(message: { to: string; content: string; ts: number }): string {
  const { to, content, ts } = message
  return JSON.stringify({ to, content, ts })
}

/** The text that version 0 signs to prove itself to another agent: the nonce and nothing else. */
export function legacyVerifyText(nonce: string): string {
  return nonce
}

/**
 * Reads a signature of version 1: base64url without padding, 86 characters, canonical.
 *
 * @returns 64 bytes; undefined for any other spelling or length
 */
export function parseSignature(text: string): Uint8Array | undefined {
  return text.length === 86 ? fromBase64Url(text) : undefined
}

/**
 * Reads a signature of version 0: standard base64 with padding, 88 characters, canonical.
 *
 * @returns 64 bytes; undefined for any other spelling or length
 */
export function parseLegacySignature(text: string): Uint8Array | undefined {
  return text.length === 88 && text.endsWith('==') ? fromBase64(text) : undefined
}
