// Who signed a proposal, or a step of one: the bytes are built again from what its frame says.

import { ed25519 } from '#ed25519'
import { utf8 } from '../protocol/bytes.ts'
import { type PublicKey, publicKeyFromBase64Url } from '../protocol/keys.ts'
import { foldChannel, isPersistentId } from '../protocol/names.ts'
import {
  hasBar,
  hashOf,
  legacyProposalHash,
  legacyProposalTexts,
  legacyStepHash,
  legacyStepTexts,
  proposalBytes,
  stepBytes,
} from '../protocol/proposal-signing.ts'
import { type StepType, steps } from '../protocol/proposal-steps.ts'
import { parseLegacySignature, parseSignature } from '../protocol/signing.ts'
import {
  type Fields,
  isAbsent,
  optionalText,
  textIn,
  Untrue,
  untrue,
  wholeIn,
} from './unknown-fields.ts'

/** A signature that is right. */
export interface Signed {
  /** Id of the agent whose key it is. */
  readonly by: string
  readonly version: 'v0' | 'v1'
  /** What later steps name in `link`. */
  readonly hash: string
  /** Milliseconds since 1970 that the signature names; undefined in version 0, which names none. */
  readonly signedAtMs: number | undefined
}

/** What the signature of a later step names beside its frame. */
export interface StepPlace {
  readonly server: string
  readonly proposalId: string
  readonly proposalHash: string
  /** Hash of the step before. */
  readonly link: string
}

/** @throws Untrue unless its proposer signed what the frame says, on this server */
export function signerOfProposal(frame: Fields, server: string): Signed {
  const from = textIn(frame, 'from')
  checkTerms(frame)
  const { version, key, signature } = signatureIn(frame, from)
  if (version === 'v0') return legacyProposal(frame, server, { by: from, key, signature })

  const signedAtMs = wholeIn(frame, 'sig_ts')
  const bytes = built(() =>
    proposalBytes({
      server,
      serverKey: textIn(frame, 'server_key'),
      from,
      to: textIn(frame, 'to'),
      cid: textIn(frame, 'cid'),
      ts: signedAtMs,
      expiresAt: isAbsent(frame.expires) ? undefined : wholeIn(frame, 'expires'),
      terms: frame,
    }),
  )
  checkSignature(key, [bytes], signature)
  return { by: from, version, hash: hashOf(bytes), signedAtMs }
}

/** @throws Untrue unless `by` signed this step in this place */
export function signerOfStep(frame: Fields, type: StepType, place: StepPlace): Signed {
  const by = textIn(frame, 'by')
  checkOwn(frame, type)
  const { version, key, signature } = signatureIn(frame, by)
  if (version === 'v0') return legacyStep(frame, { type, place, by, key, signature })

  if (frame.link !== place.link) untrue('It does not follow the step before it.')
  const signedAtMs = wholeIn(frame, 'sig_ts')
  const bytes = built(() => stepBytes({ ...place, type, agent: by, ts: signedAtMs, fields: frame }))
  checkSignature(key, [bytes], signature)
  return { by, version, hash: hashOf(bytes), signedAtMs }
}

/** The target as version 0 signed it: a name may stand for an id. @throws Untrue when it means another */
function legacyTarget({ to, sig_to: signed = to }: Fields): string {
  if (typeof to !== 'string' || typeof signed !== 'string') return untrue('It names no target.')
  const isChannel = to.startsWith('#')
  const means = signed.toLowerCase()
  if (isChannel ? foldChannel(to) !== means : !means.startsWith('@')) {
    untrue('It was signed for another target.')
  }
  if (isPersistentId(means) && means !== to) untrue('It was signed for another agent.')
  return signed
}

interface LegacyBy {
  readonly by: string
  readonly key: PublicKey
  readonly signature: Uint8Array
}

function legacyProposal(frame: Fields, server: string, { by, key, signature }: LegacyBy): Signed {
  const signed = { ...frame, to: legacyTarget(frame), expires: frame.sig_expires }
  if (hasBar(signed)) untrue('A field holds "|", which makes the older signature ambiguous.')
  const texts = legacyProposalTexts(signed)
  checkSignature(
    key,
    built(() => texts.map(utf8)),
    signature,
  )
  const hash = built(() => legacyProposalHash(server, by, texts[0] ?? ''))
  return { by, version: 'v0', hash, signedAtMs: undefined }
}

function legacyStep(
  frame: Fields,
  { type, place, by, key, signature }: LegacyBy & { type: StepType; place: StepPlace },
): Signed {
  const { server, proposalId } = place
  const texts = legacyStepTexts(type, proposalId, frame)
  const [text] = texts
  if (text === undefined) return untrue('The older wire knows no such step.')
  if (frame.link !== undefined) untrue('The older wire signs no "link".')
  if (hasBar(frame)) untrue('A field holds "|", which makes the older signature ambiguous.')
  checkSignature(
    key,
    built(() => texts.map(utf8)),
    signature,
  )
  const hash = built(() => legacyStepHash({ server, proposalId, agent: by, text }))
  return { by, version: 'v0', hash, signedAtMs: undefined }
}

function signatureIn(frame: Fields, by: string) {
  const { sig_version: version } = frame
  if (version !== 'v0' && version !== 'v1') return untrue('It names no version of its signature.')
  const key = publicKeyFromBase64Url(textIn(frame, 'key'))
  if (!key || key.id !== by) return untrue('Its key is not that of the agent it names.')
  const sig = textIn(frame, 'sig')
  const signature = version === 'v1' ? parseSignature(sig) : parseLegacySignature(sig)
  if (!signature) return untrue('Its signature is malformed.')
  return { version, key, signature } as const
}

function checkSignature(key: PublicKey, forms: readonly Uint8Array[], signature: Uint8Array): void {
  if (forms.some((bytes) => ed25519.verify(signature, bytes, key.raw))) return
  untrue('Its signature does not fit what it says.')
}

/** What is signed as text is text; version 0 spells other values like texts. */
function checkTerms(frame: Fields): void {
  textIn(frame, 'task')
  for (const name of ['currency', 'payment_code']) optionalText(frame, name)
  for (const name of ['amount', 'elo_stake']) {
    if (typeof frame[name] !== 'number') optionalText(frame, name)
  }
  const isV1 = frame.sig_version === 'v1'
  if (isV1 && typeof frame.amount === 'number') untrue('Its amount is no text.')
  for (const name of ['sig_expires', 'due_seconds', 'confirm_seconds']) {
    if (!isAbsent(frame[name])) wholeIn(frame, name)
  }
}

function checkOwn(frame: Fields, type: StepType): void {
  for (const name of steps[type].own) optionalText(frame, name)
  const { needs } = steps[type]
  if (needs !== undefined && textIn(frame, needs) === '') untrue(`It has no ${needs}.`)
  if (typeof frame.elo_stake !== 'number') optionalText(frame, 'elo_stake')
}

/** @throws Untrue when what the frame says cannot be signed at all */
function built<T>(build: () => T): T {
  try {
    return build()
  } catch (failure) {
    if (failure instanceof Untrue) throw failure
    return untrue('It says what nobody can sign.')
  }
}
