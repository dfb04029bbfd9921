// Keys for tests: the same name gives the same key, and what is signed with it is really signed.

import { createHash, createPrivateKey, createPublicKey, sign as signBytes } from 'node:crypto'
import { toBase64, toBase64Url, utf8 } from '../../src/protocol/bytes.ts'
import { type PublicKey, publicKeyFromRaw } from '../../src/protocol/keys.ts'
import {
  legacyMessageText,
  legacyVerifyText,
  messageBytes,
  peerVerifyBytes,
} from '../../src/protocol/signing.ts'

export interface KeyPair {
  readonly public: PublicKey
  /** The raw public key as base64url. */
  readonly text: string
  /** Signs bytes: base64url without padding, as version 1 spells it. */
  sign(bytes: Uint8Array): string
  /** Signs a text: base64 with padding, as version 0 spells it. */
  signText(text: string): string
}

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that belongs to a name, in tests only. */
export function keyPairOf(name: string): KeyPair {
  const seed = createHash('sha256').update(`test key of ${name}`).digest()
  const key = Buffer.concat([pkcs8Prefix, seed])
  const secret = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32)
  const parsed = publicKeyFromRaw(raw)
  if (!parsed) throw new Error('Node made a key that the protocol refuses.')
  return {
    public: parsed,
    text: toBase64Url(parsed.raw),
    sign: (bytes) => toBase64Url(signBytes(null, bytes, secret)),
    signText: (text) => toBase64(signBytes(null, utf8(text), secret)),
  }
}

/** What signing needs to know beside the frame. */
export interface Signer {
  readonly keys: KeyPair
  readonly version: 'v0' | 'v1'
  readonly server: string
  /** Its raw public key, base64url: only what is signed of proposals names it. */
  readonly serverKey: string
  readonly now: number
}

interface Message {
  readonly to: string
  readonly content: string
  readonly cid: string
  readonly in_reply_to?: string | null | undefined
  readonly expects?: string | null | undefined
}

/** The `sig` and `ts` that go with a message. */
export function signMessage(
  signer: Omit<Signer, 'serverKey'>,
  message: Message,
): { sig: string; ts: number } {
  const { keys, version, server } = signer
  const { to, content, cid, in_reply_to, expects } = message
  const ts = Math.floor(signer.now)
  if (version === 'v0') return { sig: keys.signText(legacyMessageText({ to, content, ts })), ts }
  const bytes = messageBytes({
    server,
    target: to,
    agent: keys.public.id,
    cid,
    ts,
    kind: 'text',
    inReplyTo: in_reply_to ?? undefined,
    content,
    extensions: expects ? { expects } : undefined,
  })
  return { sig: keys.sign(bytes), ts }
}

/** The signature that answers a VERIFY_REQUEST. */
export function signPeerNonce(signer: Signer, request: { from: string; nonce: string }): string {
  const { keys, version, server } = signer
  if (version === 'v0') return keys.signText(legacyVerifyText(request.nonce))
  const { from: requester, nonce } = request
  return keys.sign(peerVerifyBytes({ server, requester, target: keys.public.id, nonce }))
}
