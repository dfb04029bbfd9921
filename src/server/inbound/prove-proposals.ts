// Whether a proposal, or a step of one, is signed by who sends it: both forms of the older wire, and version 1.

import { utf8 } from '../../protocol/bytes.ts'
import { MAX_DEPTH, nestsAtMost } from '../../protocol/document.ts'
import { refuse } from '../../protocol/errors.ts'
import type { AskFields, EdgeFields } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { isAmount } from '../../protocol/proposal-forms.ts'
import {
  hasBar,
  hashOf,
  legacyProposalHash,
  legacyProposalTexts,
  legacyStepHash,
  legacyStepTexts,
  proposalBytes,
  stepBytes,
  termsHash,
} from '../../protocol/proposal-signing.ts'
import type { StepType } from '../../protocol/proposal-steps.ts'
import { parseLegacySignature, parseSignature } from '../../protocol/signing.ts'
import type { Preparation } from './preparation.ts'
import { isSignedBy, isTimely } from './verify.ts'

type Proposing = AskFields<'PROPOSAL'>
/** What the frames of all steps have. */
type Stepping = AskFields<'CONFIRM'>
type Signed = NonNullable<EdgeFields<'CONFIRM'>['signed']>
type Proven = Pick<EdgeFields<'PROPOSAL'>, 'signed' | 'terms_hash' | 'server_key'>

/** @throws Refusal INVALID_MSG, VERIFICATION_FAILED */
export function proveProposal(on: Preparation, frame: Proposing): Promise<Proven> {
  return on.version === 'v1' ? proveVersion1(on, frame) : proveLegacy(on, frame)
}

async function proveVersion1(on: Preparation, frame: Proposing): Promise<Proven> {
  const { server, serverKey, agent } = on
  const { to, amount, cid, ts, expires } = frame
  noStake(frame)
  if (amount !== undefined && !(typeof amount === 'string' && isAmount(amount))) badAmount()
  const time = timeOf(on, ts)
  if (cid === undefined) refuse('INVALID_MSG', 'A proposal of version 1 has a "cid".')
  const expiresAt = expires ? time + expires * 1_000 : undefined
  const build = () =>
    proposalBytes({ server, serverKey, from: agent.id, to, cid, ts: time, expiresAt, terms: frame })
  const bytes = orInvalid(build)
  // The core compares what is proposed again, and never has to spell a document.
  const terms_hash = orInvalid(() => termsHash(frame))
  const signed = await proven(on, { bytes, sig: frame.sig })
  return { signed, terms_hash, server_key: serverKey }
}

function badAmount(): never {
  return refuse('INVALID_MSG', 'An amount is a decimal written as text, such as "0.05".')
}

/** What no signature of version 1 covers must not be told beside one. */
function noStake(frame: object): void {
  const { elo_stake } = frame as Partial<AskFields<'ACCEPT'>> // only two of the frames declare it
  if (elo_stake === undefined) return
  refuse('INVALID_MSG', 'Version 1 does not sign "elo_stake": write what is at stake into "terms".')
}

async function proveLegacy(on: Preparation, frame: Proposing): Promise<Proven> {
  if (hasBar(frame)) barred()
  checkLegacyTerms(frame.terms ?? null)
  const { server, agent } = on
  const [newest = '', ...older] = legacyProposalTexts(frame)
  // Both forms of one proposal are one proposal.
  const hash = legacyProposalHash(server, agent.id, newest)
  return { signed: await provenLegacy(on, { texts: [newest, ...older], sig: frame.sig, hash }) }
}

/** Nobody signs them, but everybody who checks the proposal has to read them. @throws Refusal INVALID_MSG */
function checkLegacyTerms(terms: unknown): void {
  if (utf8(JSON.stringify(terms)).length > limits.document_bytes) {
    refuse('INVALID_MSG', `Terms have at most ${limits.document_bytes} bytes.`)
  }
  if (!nestsAtMost(terms, MAX_DEPTH)) {
    refuse('INVALID_MSG', `Terms nest at most ${MAX_DEPTH} levels deep.`)
  }
}

function barred(): never {
  return refuse(
    'INVALID_MSG',
    'The older signature joins fields with "|": none may hold one itself.',
  )
}

/**
 * Proves a later step. What there is no proposal for is left to the core to refuse.
 *
 * @throws Refusal INVALID_MSG, VERIFICATION_FAILED
 */
export async function proveStep(
  on: Preparation,
  type: StepType,
  frame: Stepping,
): Promise<Signed | undefined> {
  const proposal = on.world.proposals.get(frame.proposal_id)
  if (!proposal) return undefined
  const { server, agent, version } = on
  if (version === 'v0') {
    const texts = legacyStepTexts(type, proposal.id, frame)
    const [text] = texts
    if (text === undefined) return undefined
    if (hasBar(frame)) barred()
    const hash = legacyStepHash({ server, proposalId: proposal.id, agent: agent.id, text })
    return provenLegacy(on, { texts, sig: frame.sig, hash })
  }
  const { link } = frame
  noStake(frame)
  if (link === undefined) {
    refuse('INVALID_MSG', 'A step of version 1 names in "link" the one before; see GET_PROPOSAL.')
  }
  const step = { type, server, proposalId: proposal.id, proposalHash: proposal.hash, link }
  const ts = timeOf(on, frame.ts)
  const bytes = orInvalid(() => stepBytes({ ...step, agent: agent.id, ts, fields: frame }))
  return proven(on, { bytes, sig: frame.sig })
}

/** @throws Refusal VERIFICATION_FAILED */
function timeOf({ now }: Preparation, ts: number | undefined): number {
  if (ts !== undefined && Number.isInteger(ts) && isTimely(ts, now)) return ts
  return refuse(
    'VERIFICATION_FAILED',
    'What is signed names its time in "ts": whole milliseconds, near the time of the server.',
  )
}

/** What cannot be spelled for a signature is refused with the rule that it breaks. */
function orInvalid<T>(build: () => T): T {
  try {
    return build()
  } catch (failure) {
    if (failure instanceof TypeError || failure instanceof RangeError) {
      return refuse('INVALID_MSG', failure.message)
    }
    throw failure
  }
}

async function proven(
  { agent }: Preparation,
  { bytes, sig }: { bytes: Uint8Array; sig: string },
): Promise<Signed> {
  const signature = parseSignature(sig)
  const { key } = agent
  if (key !== undefined && signature && (await isSignedBy(key, bytes, signature))) {
    return { version: 'v1', key, hash: hashOf(bytes) }
  }
  return notSigned()
}

async function provenLegacy(
  { agent }: Preparation,
  { texts, sig, hash }: { texts: readonly string[]; sig: string; hash: string },
): Promise<Signed> {
  const signature = parseLegacySignature(sig)
  const { key } = agent
  if (key === undefined || !signature) return notSigned()
  for (const text of texts) {
    if (await isSignedBy(key, utf8(text), signature)) return { version: 'v0', key, hash }
  }
  return notSigned()
}

function notSigned(): never {
  return refuse('VERIFICATION_FAILED', 'The signature is not one of your key over this frame.')
}
