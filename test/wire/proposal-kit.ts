// Proposals as a stranger signs them: the strings of version 0, and the documents of version 1, spelled by hand.

import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { envelope, type Frame, hash, idOf, type Keys, type Peer, servedKey, signV1 } from './kit.ts'

export type Fields = Readonly<Record<string, unknown>>
/** Older clients leave out the last field, and its bar, of what is signed of PROPOSAL and ACCEPT. */
export type Form = 'newer' | 'older'

/** Signs a text as version 0 does: base64 with padding. */
export function signV0(keys: Keys, text: string): string {
  return keys.sign(Buffer.from(text)).toString('base64')
}

/** What version 0 signs of a proposal: whatever counts as false is written as nothing. */
export function proposalTextV0(fields: Fields, form: Form = 'newer'): string {
  const { to, task, amount, currency, payment_code, expires, elo_stake } = fields
  const parts = [to, task, amount, currency, payment_code, expires, elo_stake]
  return (form === 'newer' ? parts : parts.slice(0, -1)).map((part) => part || '').join('|')
}

/** A PROPOSAL as an agent of version 0 sends it. */
export function proposalV0(keys: Keys, fields: Fields, form: Form = 'newer') {
  return { type: 'PROPOSAL', ...fields, sig: signV0(keys, proposalTextV0(fields, form)) }
}

/** A later step as an agent of version 0 sends it. */
export function stepV0(keys: Keys, type: string, fields: Fields, form: Form = 'newer') {
  const { proposal_id, payment_code, elo_stake, proof, reason } = fields
  const accept = form === 'newer' ? [payment_code, elo_stake] : [payment_code]
  const own = type === 'ACCEPT' ? accept : [type === 'COMPLETE' ? proof : reason]
  const text = [type, proposal_id, ...own].map((part) => part || '').join('|')
  return { type, ...fields, sig: signV0(keys, text) }
}

export interface Signing {
  /** The name of the server that is signed. */
  readonly server?: string
  /** Its key; the one of the server that the test has started last when there is none. */
  readonly serverKey?: string
  readonly ts?: number
  readonly cid?: string
}

/** What version 1 signs of a proposal. */
export function proposalBytesV1(keys: Keys, fields: Fields, signing: Required<Signing>): Buffer {
  const { server, serverKey, ts, cid } = signing
  const { to, expires } = fields
  const terms = picked(fields, [
    ...['task', 'amount', 'currency', 'payment_code', 'terms'],
    ...['confirm_seconds', 'due_seconds'],
  ])
  const expiresAt = expires ? ts + Number(expires) * 1_000 : '-'
  return envelope('proposal', [
    server,
    serverKey,
    idOf(keys),
    to,
    cid,
    ts,
    expiresAt,
    hash(canonicalOf(terms)),
  ])
}

/** A PROPOSAL as an agent of version 1 sends it. */
export function proposalV1(keys: Keys, fields: Fields, signing: Signing = {}) {
  const here = { server: 'localhost', serverKey: signing.serverKey ?? servedKey() }
  const all = { ...here, ts: Date.now(), cid: newCid(), ...signing }
  const sig = keys.sign(proposalBytesV1(keys, fields, all)).toString('base64url')
  return { type: 'PROPOSAL', ...fields, cid: all.cid, ts: all.ts, sig }
}

/** A frame that tells of a proposal; the news of a PROPOSAL has no `link`, for its own hash is the first. */
export type Standing = Fields

/** A later step as an agent of version 1 sends it. */
export function stepV1(
  keys: Keys,
  type: string,
  { proposal_id, hash: proposalHash, link = proposalHash }: Standing,
  { fields = {}, ...signing }: Pick<Signing, 'server' | 'ts'> & { readonly fields?: Fields } = {},
) {
  const { server, ts } = { server: 'localhost', ts: Date.now(), ...signing }
  const document = canonicalOf({ link, ...picked(fields, Object.keys(fields)) })
  const sig = signV1(keys, type.toLowerCase(), [
    server,
    proposal_id,
    proposalHash,
    idOf(keys),
    ts,
    hash(document),
  ])
  return { type, proposal_id, ...fields, ts, link, sig }
}

export function newCid(): string {
  return randomBytes(12).toString('hex')
}

/** SHA-256 as hex digits: the id of a proposal of version 1. */
export function hexOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** RFC 8785 for what these tests sign: no number with a fraction, and keys of ASCII. */
export function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([key, one]) => `${JSON.stringify(key)}:${canonicalOf(one)}`).join(',')}}`
}

function picked(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] == null ? [] : [[name, fields[name]]])),
  )
}

/** Sends without a ref, and gives what both parties are told: once each, and the same. */
export async function told(
  by: Peer,
  parties: readonly Peer[],
  frame: { type: string },
): Promise<Frame> {
  by.send(frame)
  const isIt = ({ type }: Frame) => type === frame.type || type === 'ERROR'
  const [one, other] = await Promise.all(parties.map((peer) => peer.next(isIt)))
  if (one === undefined) throw new Error('There is no party.')
  expect(one.type, JSON.stringify(one)).toBe(frame.type)
  expect(other).toEqual(one)
  for (const peer of parties) expect(await peer.settled()).toEqual([])
  return one
}

/** Sends without a ref, and gives the one ERROR that comes. */
export async function refusedOnce(peer: Peer, frame: object): Promise<Frame> {
  await peer.settled()
  peer.send(frame)
  const heard = await peer.settled()
  // What time does comes when it comes.
  const [error, ...more] = heard.filter(({ type }) => type !== 'TIME_UP')
  expect(error, JSON.stringify(frame)).toMatchObject({ type: 'ERROR' })
  expect(error).not.toHaveProperty('ref')
  expect(more).toEqual([])
  return error as Frame
}
