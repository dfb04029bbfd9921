// Proposals with their steps as an honest server would tell them, really signed, for tests that change them.

import { signerOf } from '../../../src/client/identity.ts'
import { type Identity, verifyReceipt } from '../../../src/index.ts'
import { toBase64Url } from '../../../src/protocol/bytes.ts'
import { canonicalJson } from '../../../src/protocol/document.ts'
import { type Stage, toldAs } from '../../../src/protocol/proposal-life.ts'
import {
  hashOf,
  legacyProposalHash,
  legacyProposalId,
  legacyProposalTexts,
  legacyStepHash,
  legacyStepTexts,
  proposalBytes,
  proposalId,
  sealBytes,
  stepBytes,
} from '../../../src/protocol/proposal-signing.ts'
import type { StepType } from '../../../src/protocol/proposal-steps.ts'
import { type KeyPair, keyPairOf } from '../../kit/identity.ts'
import { signProposal, signStep } from '../../kit/proposals.ts'
import { serverKeys, serverName } from './hostile.ts'

export type Told = Readonly<Record<string, unknown>>

/** A proposal with its steps so far. */
export interface Deal {
  readonly id: string
  readonly hash: string
  /** Hash of the newest step. */
  readonly link: string
  readonly from: string
  readonly to: string | null
  readonly chain: readonly Told[]
}

export const alice = keyPairOf('alice')
export const bob = keyPairOf('bob')
export const mallory = keyPairOf('mallory')

/** The keys of an identity, for what version 1 signs. */
export function keysOf(identity: Identity): KeyPair {
  const { key, sign } = signerOf(identity)
  const signText = () => {
    throw new Error('Identities sign no texts of version 0.')
  }
  return { public: key, text: toBase64Url(key.raw), sign, signText }
}

/** When the proposal is made; each step is a second later. */
export const startMs = 1_795_518_162_000
const firstPosition = 11
const server = serverName
const cid = 'c'.repeat(22)

interface Signing {
  readonly by?: KeyPair
  readonly version?: 'v0' | 'v1'
}

interface Proposing extends Signing {
  /** Of the server that it is signed for. */
  readonly serverKey?: string
}

/** A PROPOSAL of alice to bob, but for what is given. */
export function proposed(
  fields: Told = {},
  { by = alice, version = 'v1', serverKey = serverKeys.text }: Proposing = {},
): Deal {
  const given = { to: bob.public.id, task: 'translate', amount: '0.05', currency: 'SOL', ...fields }
  const signer = { keys: by, version, server, serverKey, now: startMs }
  const { sig, ts, cid: _, ...said } = signProposal(signer, cid, given) as Told
  const from = by.public.id
  const isV1 = version === 'v1'
  const hash = isV1 ? hashOfProposal({ serverKey, from }, given) : legacyHash(from, given)
  const id = isV1 ? proposalId(hash) : legacyProposalId(hash, firstPosition)
  const { expires, ...terms } = said
  const expiresAt = expires === undefined ? null : startMs + Number(expires) * 1_000
  const to = String(given.to)
  const frame = {
    type: 'PROPOSAL',
    ts: startMs,
    ...{ payment_code: null, terms: null, ...terms, id, proposal_id: id, hash, from, to },
    ...{ expires: expiresAt, status: 'pending', created_at: startMs, position: firstPosition },
    ...(expiresAt !== null && { until: expiresAt }),
    ...(isV1
      ? { server_key: serverKey, cid, sig_ts: ts }
      : expires !== undefined && { sig_expires: expires }),
    ...{ sig, sig_version: version, key: by.text },
  }
  const recipient = to.startsWith('#') ? null : to
  return { id, hash, link: hash, from, to: recipient, chain: [frame] }
}

interface Step extends Signing {
  readonly stage: Stage
  /** The step's own fields. */
  readonly own?: Told
  /** What is told beside, or instead. */
  readonly told?: Told
}

/** One step further. */
export function after(
  deal: Deal,
  type: StepType,
  { by = bob, version = 'v1', stage, own = {}, told = {} }: Step,
): Deal {
  const now = startMs + deal.chain.length * 1_000
  const { id: proposal_id, hash, link, from, chain } = deal
  const signer = { keys: by, version, server, now }
  const standing = { proposal_id, hash, link }
  const { sig, ts } = signStep(signer, type, { standing, fields: own }) as Told
  const agent = by.public.id
  const to = type === 'ACCEPT' ? agent : deal.to
  const place = { type, server, proposalId: proposal_id, proposalHash: hash, link }
  const [text = ''] = legacyStepTexts(type, proposal_id, own)
  const isV1 = version === 'v1'
  const frame = {
    ...{ type, ts: now, proposal_id, ...toldAs[stage], updated_at: now, from, to, by: agent },
    ...own,
    ...(stage === 'claimed' && { until: now + 86_400_000 }),
    ...(isV1 && { link, sig_ts: ts }),
    ...{ sig, sig_version: version, key: by.text, position: firstPosition + chain.length },
    ...told,
  }
  const next = isV1
    ? hashOf(stepBytes({ ...place, agent, ts: now, fields: own }))
    : legacyStepHash({ server, proposalId: proposal_id, agent, text })
  return { ...deal, to, link: next, chain: [...chain, frame] }
}

/** Time moves it on, after so many seconds. */
export function timePassed(deal: Deal, was: Stage, stage: Stage, seconds: number): Deal {
  const now = startMs + seconds * 1_000
  const { id: proposal_id, from, to, chain } = deal
  const { status } = toldAs[stage]
  const frame = {
    ...{ type: 'TIME_UP', ts: now, proposal_id, status, was, updated_at: now, from, to },
    position: firstPosition + chain.length,
  }
  return { ...deal, chain: [...chain, frame] }
}

/** The deal with another chain. */
export function retold(deal: Deal, chain: readonly unknown[]): Deal {
  return { ...deal, chain: chain as Deal['chain'] }
}

/** The deal with one of its frames changed; `undefined` takes a field out. */
export function changed(deal: Deal, index: number, fields: Told): Deal {
  const at = index < 0 ? deal.chain.length + index : index
  const chain = deal.chain.map((frame, place) => (place === at ? { ...frame, ...fields } : frame))
  return retold(deal, JSON.parse(JSON.stringify(chain)))
}

/** What a server with these keys seals. */
export function sealed({ id, chain }: Deal, keys: KeyPair = serverKeys) {
  const bytes = sealBytes({ server, serverKey: keys.text, proposalId: id, chain })
  return { server, server_key: keys.text, chain, seal: keys.sign(bytes) }
}

/** A PROPOSAL_CHAIN, but for what is changed. */
export function chainFrame(deal: Deal, ref: string, changes: Told = {}): object {
  return {
    type: 'PROPOSAL_CHAIN',
    ref,
    proposal: cardOf(deal),
    ...sealed(deal),
    ...changes,
  }
}

/** Where a deal stands, in the words of a server. */
function cardOf({ id: proposal_id, hash, link, from, to, chain }: Deal): Told {
  const [first = {}] = chain
  const { status, awaiting, position, updated_at } = chain.at(-1) ?? {}
  const { sig_version: version, task, amount, currency, created_at } = first
  const said = { version, task, amount, currency, created_at }
  const place = { status, awaiting, position, updated_at: updated_at ?? created_at }
  return { proposal_id, hash, link, from, to, ...said, ...place }
}

/** The text of a receipt, sealed by these keys. */
export function receiptOf(deal: Deal, keys: KeyPair = serverKeys): string {
  const receipt = { agentchat_receipt: 1, proposal_id: deal.id, ...sealed(deal, keys) }
  return `${canonicalJson(receipt)}\n`
}

/** Why a receipt is not valid; undefined when it is. */
export function faultOf(file: string | Uint8Array): string | undefined {
  const verdict = verifyReceipt(file)
  return verdict.valid ? undefined : verdict.reason
}

function hashOfProposal(by: { serverKey: string; from: string }, fields: Told): string {
  const { to, expires } = fields
  const expiresAt = expires === undefined ? undefined : startMs + Number(expires) * 1_000
  const base = { server, ...by, to: String(to), cid, ts: startMs, expiresAt, terms: fields }
  return hashOf(proposalBytes(base))
}

function legacyHash(from: string, fields: Told): string {
  return legacyProposalHash(server, from, legacyProposalTexts(fields)[0] ?? '')
}
