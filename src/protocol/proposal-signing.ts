// What is signed of a proposal and of each later step: the documents, the bytes, and the texts of version 0.

import { fromBase64Url, sha256, toBase64Url, toHex, utf8 } from './bytes.ts'
import { canonicalDocument, canonicalJson } from './document.ts'
import { type StepType, steps } from './proposal-steps.ts'
import { hashText, signingBytes, spellTime } from './signing.ts'

/** A frame, or part of one; null is the same as absent. */
type Fields = Readonly<Record<string, unknown>>

/** The fields of a PROPOSAL that are its terms, all of them signed in version 1. */
export const termFields = [
  'task',
  'amount',
  'currency',
  'payment_code',
  'terms',
  'confirm_seconds',
  'due_seconds',
] as const

/** What a proposer signs. */
export interface ProposalFields {
  readonly server: string
  /** The server's raw public key, base64url: nobody else can seal a receipt of it. */
  readonly serverKey: string
  /** The proposer's id. */
  readonly from: string
  /** The recipient's id, or a channel, as the server calls it. */
  readonly to: string
  readonly cid: string
  /** Milliseconds since 1970, by the client's clock. */
  readonly ts: number
  /** Milliseconds since 1970; undefined when it stands until it is answered. */
  readonly expiresAt: number | undefined
  /** A frame with the terms among its fields. */
  readonly terms: Fields
}

/** What an agent signs of a later step. */
export interface StepFields {
  readonly type: StepType
  readonly server: string
  readonly proposalId: string
  /** Hash of what the proposer signed, as `hashOf` or a server gives it. */
  readonly proposalHash: string
  readonly agent: string
  readonly ts: number
  /** Hash of the step before; of the proposal itself for the first. */
  readonly link: string
  /** A frame with the step's own fields among its fields. */
  readonly fields: Fields
}

/**
 * The bytes of purpose `proposal`.
 *
 * @throws RangeError on a field that signingBytes refuses or a bad time
 * @throws TypeError on terms that canonicalDocument refuses, such as an amount that is no text
 */
export function proposalBytes(proposal: ProposalFields): Uint8Array {
  const { server, serverKey, from, to, cid, ts, expiresAt, terms } = proposal
  return signingBytes('proposal', [
    server,
    serverKey,
    from,
    to,
    cid,
    spellTime(ts),
    expiresAt === undefined ? undefined : spellTime(expiresAt),
    termsHash(terms),
  ])
}

/** Hash of the canonical terms (RFC 8785). @throws TypeError as canonicalDocument */
export function termsHash(fields: Fields): string {
  return hashText(canonicalDocument(picked(fields, termFields)))
}

/**
 * The bytes of a later step. Its document holds the hash of the step before, so that the steps of a proposal are a
 * chain, and none can be left out or put elsewhere.
 *
 * @throws RangeError, TypeError as proposalBytes
 */
export function stepBytes(step: StepFields): Uint8Array {
  const { type, server, proposalId, proposalHash, agent, ts, link, fields } = step
  const { purpose, own } = steps[type]
  const document = canonicalDocument({ link, ...picked(fields, own) })
  return signingBytes(purpose, [
    server,
    proposalId,
    proposalHash,
    agent,
    spellTime(ts),
    hashText(document),
  ])
}

/** What a server signs of a proposal with all its steps, as it keeps them. */
export interface SealFields {
  readonly server: string
  /** The server's raw public key, base64url. */
  readonly serverKey: string
  readonly proposalId: string
  /** The frames as they were told, the oldest first. */
  readonly chain: readonly unknown[]
}

/** The bytes of purpose `receipt`, signed by the server: times and places are its word. @throws RangeError */
export function sealBytes({ server, serverKey, proposalId, chain }: SealFields): Uint8Array {
  return signingBytes('receipt', [server, serverKey, proposalId, hashText(canonicalJson(chain))])
}

/** Hash of signing bytes as base64url: what a later step names. */
export function hashOf(bytes: Uint8Array): string {
  return toBase64Url(sha256(bytes))
}

/** The id of a proposal of version 1: its hash in hex digits, 64 of them. Changed terms are another proposal. */
export function proposalId(hash: string): string {
  const bytes = fromBase64Url(hash)
  if (!bytes) throw new RangeError('A hash is base64url without padding.')
  return toHex(bytes)
}

/** The id of a proposal of version 0. The same text can be proposed again later, so its place is part of it. */
export function legacyProposalId(hash: string, position: number): string {
  return `prop_${toHex(sha256(utf8(`${hash}/${position}`))).slice(0, 32)}`
}

/** Stands for a proposal of version 0 in a chain; its text names neither server nor proposer. */
export function legacyProposalHash(server: string, from: string, text: string): string {
  return hashOf(signingBytes('older-proposal', [server, from, hashText(text)]))
}

interface LegacyStep {
  readonly server: string
  readonly proposalId: string
  readonly agent: string
  readonly text: string
}

/** Stands for a step of version 0 in a chain. */
export function legacyStepHash({ server, proposalId, agent, text }: LegacyStep): string {
  return hashOf(signingBytes('older-step', [server, proposalId, agent, hashText(text)]))
}

/**
 * The texts that version 0 signs of a proposal, the newer first: older clients leave out the last field and its bar.
 * They are ambiguous where a field holds a bar: `hasBar` tells.
 */
export function legacyProposalTexts(fields: Fields): readonly string[] {
  const { to, task, amount, currency, payment_code, expires, elo_stake } = fields
  const older = [to, task, amount, currency, payment_code, expires].map(spelled).join('|')
  return bothForms(older, elo_stake)
}

/** The texts that version 0 signs of a step, the newer first; none for steps that it does not know. */
export function legacyStepTexts(type: StepType, id: string, fields: Fields): readonly string[] {
  const { payment_code, elo_stake, reason, proof } = fields
  switch (type) {
    case 'ACCEPT':
      return bothForms(`ACCEPT|${id}|${spelled(payment_code)}`, elo_stake)
    case 'COMPLETE':
      return [`COMPLETE|${id}|${spelled(proof)}`]
    case 'REJECT':
    case 'DISPUTE':
      return [`${type}|${id}|${spelled(reason)}`]
    default:
      return []
  }
}

/** Older clients know no stake: whoever names one has to sign it. */
function bothForms(older: string, stake: unknown): readonly string[] {
  const newer = `${older}|${spelled(stake)}`
  return stake ? [newer] : [newer, older]
}

/** Whether a field that version 0 joins with bars holds one itself. */
export function hasBar(fields: Fields): boolean {
  const { to, task, amount, currency, payment_code, elo_stake } = fields
  return [to, task, amount, currency, payment_code, elo_stake].some((field) =>
    spelled(field).includes('|'),
  )
}

/** Version 0 writes nothing for whatever counts as false. */
function spelled(field: unknown): string {
  return field ? String(field) : ''
}

function picked(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const given = names.filter((name) => fields[name] !== undefined && fields[name] !== null)
  return Object.fromEntries(given.map((name) => [name, fields[name]]))
}
