// M6: The terms are swapped after somebody has agreed to them: an acceptance that commits to no content.

import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  hashOf,
  proposalBytes,
  proposalId,
  sealBytes,
  stepBytes,
} from '../../src/protocol/proposal-signing.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import {
  type Frame,
  hasty,
  idOf,
  keyed,
  keyedV0,
  makeKeys,
  type Peer,
  type Served,
  serve,
} from '../wire/kit.ts'
import { type Fields, proposalV0, proposalV1, stepV1, told } from '../wire/proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const given = {
  to: idOf(bob),
  task: 'translate the page',
  amount: '0.05',
  currency: 'SOL',
  payment_code: 'iban:DE02',
  terms: { pages: 2, by: 'friday' },
  expires: 3_600,
  due_seconds: 60,
  confirm_seconds: 60,
}

/** What whoever was told of a deal knows of its server beforehand. */
type Known = Pick<Served, 'name' | 'key'>

/** A deal that went all the way to a settled dispute, as the recipient was told of it. */
async function deal(): Promise<{ server: Known; told: Frame[] }> {
  const server = await serve(hasty)
  const [one, other] = [await keyed(server, 'alice', alice), await keyed(server, 'bob', bob)]
  const peers = [one, other] as const
  let at = await told(one, peers, proposalV1(alice, given))
  const heard = [at]
  const moves: readonly [Peer, typeof alice, StepType, Fields][] = [
    [other, bob, 'ACCEPT', { payment_code: 'iban:DE03' }],
    [other, bob, 'COMPLETE', { proof: 'see there' }],
    [one, alice, 'DISPUTE', { reason: 'nothing' }],
    [one, alice, 'SETTLE', { outcome: 'half' }],
    [other, bob, 'SETTLE', { outcome: 'half' }],
  ]
  let link = at.hash
  for (const [peer, keys, type, fields] of moves) {
    at = await told(peer, peers, stepV1(keys, type, { ...heard[0], link }, { fields }))
    heard.push(at)
    const { list } = await peer.ask({ type: 'LIST_PROPOSALS' })
    link = (list as Frame[])[0]?.link
  }
  const { name, key } = server
  return { server: { name, key }, told: heard }
}

/**
 * What whoever was told of a deal can check without the server: each signature over what it says, each step over the
 * proposal and the step before it.
 *
 * @returns the place of the first frame that is not as it was signed; -1 for a deal that is
 */
function firstForged(server: Known, frames: readonly Frame[]): number {
  let hash = ''
  let link = ''
  return frames.findIndex((frame, at) => {
    const bytes =
      at === 0 ? bytesOfProposal(server, frame) : bytesOfStep(server.name, frame, { hash, link })
    const isBehind = at === 0 ? frame.server_key === server.key : frame.link === link
    link = hashOf(bytes)
    if (at === 0) hash = link
    const isNamed = isBehind && frame.proposal_id === proposalId(hash)
    return !isNamed || !isGenuine(frame, bytes)
  })
}

function bytesOfProposal({ name: server }: Known, frame: Frame): Uint8Array {
  const { server_key, from, to, cid, sig_ts, expires } = frame
  return proposalBytes({
    server,
    serverKey: String(server_key),
    from: String(from),
    to: String(to),
    cid: String(cid),
    ts: Number(sig_ts),
    expiresAt: expires === null ? undefined : Number(expires),
    terms: frame,
  })
}

function bytesOfStep(server: string, frame: Frame, on: { hash: string; link: string }): Uint8Array {
  const { type, proposal_id, by, sig_ts } = frame
  return stepBytes({
    type: type as StepType, // as the server tells them
    server,
    proposalId: String(proposal_id),
    proposalHash: on.hash,
    agent: String(by),
    ts: Number(sig_ts),
    link: on.link,
    fields: frame,
  })
}

/** By the key of whom the frame names, which whoever checks knows beforehand. */
function isGenuine(frame: Frame, bytes: Uint8Array): boolean {
  const keys = [alice, bob].find((one) => idOf(one) === (frame.by ?? frame.from))
  const signature = Buffer.from(String(frame.sig), 'base64url')
  return keys !== undefined && verify(null, bytes, createPublicKey(keys.pem), signature)
}

describe('whoever changes anything is found out, offline', async () => {
  // What the signatures do not cover is the word of the server: its seal does.
  const byTheServer = [
    ...['type', 'ts', 'id', 'hash', 'position', 'status', 'awaiting', 'until', 'created_at'],
    ...['updated_at', 'payment', 'sig_version', 'key', 'completed_by', 'completed_at'],
    ...['disputed_by', 'disputed_at', 'from', 'to'],
  ]
  const swaps = [
    ...[
      ...[...Object.keys(given), 'server_key', 'cid', 'sig_ts', 'from', 'sig', 'proposal_id'],
    ].map((field) => [0, field] as const),
    ...[1, 2, 3, 4, 5].flatMap((at) =>
      ['proposal_id', 'by', 'sig_ts', 'sig', 'link'].map((field) => [at, field] as const),
    ),
    ...([
      [1, 'payment_code'],
      [2, 'proof'],
      [3, 'reason'],
      [4, 'outcome'],
      [5, 'outcome'],
    ] as const),
  ].filter(([, field]) => field !== 'expires' && field !== 'due_seconds')

  test.each(swaps)('in frame %i the %s is swapped', async (at, field) => {
    const { server, told: frames } = await deal()
    const other = [at, field].join() === '0,terms' ? { pages: 3, by: 'friday' } : 'another'
    const values = [other, null, undefined, '', 0]
    for (const value of values) {
      if (frames[at]?.[field] === value) continue
      const changed = frames.with(at, { ...(frames[at] as Frame), [field]: value })
      expect(foundAt(server, changed), `${field} = ${value}`).toBe(at)
    }
  })

  test('times to answer and to complete are swapped', async () => {
    const { server, told: frames } = await deal()
    for (const [field, value] of Object.entries({
      expires: null,
      due_seconds: 61,
      confirm_seconds: 1,
    })) {
      expect(foundAt(server, frames.with(0, { ...(frames[0] as Frame), [field]: value }))).toBe(0)
    }
  })

  test.each([1, 2, 3, 4])('step %i is left out', async (at) => {
    const { server, told: frames } = await deal()
    expect(firstForged(server, frames.toSpliced(at, 1))).toBe(at)
  })

  test('two steps change places', async () => {
    const { server, told: frames } = await deal()
    const [first, accept, complete, dispute] = frames as [Frame, Frame, Frame, Frame]
    expect(firstForged(server, [first, complete, accept, dispute])).toBe(1)
  })

  test('but a deal that nobody changed is as it was signed', async () => {
    const { server, told: frames } = await deal()
    expect(frames.map(({ type }) => type)).toHaveLength(6)
    expect(firstForged(server, frames)).toBe(-1)
    expect(firstForged({ ...server, name: 'other' }, frames)).toBe(0)
    expect(firstForged({ ...server, key: bob.raw }, frames)).toBe(0)
  })

  test('every field that is told is signed, or is the word of the server', async () => {
    const { told: frames } = await deal()
    const own = Object.values(steps).flatMap((step) => step.own)
    const signedFields = [
      ...Object.keys(given),
      ...['server_key', 'cid', 'sig', 'sig_ts', 'proposal_id', 'by', 'link'],
      ...own,
    ]
    const others = frames.flatMap((frame) =>
      Object.keys(frame).filter((name) => ![...signedFields, ...byTheServer].includes(name)),
    )
    expect(others).toEqual([])
  })
})

/** Where a change is found out; a frame that cannot even be spelled for a signature is found too. */
function foundAt(server: Known, frames: readonly Frame[]): number {
  for (let length = 1; length <= frames.length; length++) {
    try {
      if (firstForged(server, frames.slice(0, length)) >= 0) return length - 1
    } catch (failure) {
      if (failure instanceof TypeError || failure instanceof RangeError) return length - 1
      throw failure
    }
  }
  return -1
}

test('an acceptance of one proposal stands for no other, though only a comma differs', async () => {
  const { server, told: frames } = await deal()
  const [proposal, accept] = frames as [Frame, Frame]
  const cheaper = proposalV1(alice, { ...given, amount: '0.5' }, { cid: String(proposal.cid) })
  const swapped = { ...proposal, ...cheaper, sig_ts: cheaper.ts, type: 'PROPOSAL' }
  const expires = cheaper.ts + 3_600_000
  const id = proposalId(hashOf(bytesOfProposal(server, { ...swapped, expires })))
  expect(firstForged(server, [{ ...swapped, expires, proposal_id: id }])).toBe(-1)
  expect(firstForged(server, [{ ...swapped, expires, proposal_id: id }, accept])).toBe(1)
  const renamed = { ...accept, proposal_id: id }
  expect(firstForged(server, [{ ...swapped, expires, proposal_id: id }, renamed])).toBe(1)
})

test('the word of the server is under its seal: no time, place or standing can be swapped', async () => {
  const { server, told: frames } = await deal()
  const seal = (chain: readonly Frame[]) =>
    hashOf(sealBytes({ server: server.name, serverKey: server.key, proposalId: 'x', chain }))
  const before = seal(frames)
  expect(seal(structuredClone(frames))).toBe(before)
  for (const [at, frame] of frames.entries()) {
    for (const field of Object.keys(frame)) {
      const changed = frames.with(at, { ...frame, [field]: 'another' })
      expect(seal(changed), field).not.toBe(before)
    }
  }
  expect(seal(frames.slice(1))).not.toBe(before)
  expect(seal(frames.toReversed())).not.toBe(before)
})

test('what the older signature leaves out is marked, and no later step is signed for it', async () => {
  const server = await serve(hasty)
  const one = await keyedV0(server, 'alice', alice)
  const other = await keyed(server, 'bob', bob)
  const peers = [one, other] as const
  const frame = proposalV0(alice, { to: idOf(bob), task: 'x', terms: { pages: 2 } })
  const proposal = await told(one, peers, frame)
  expect(proposal.unsigned).toEqual(['terms'])
  const swapped = await one.ask({ ...frame, terms: { pages: 200 } })
  expect(swapped).toMatchObject({ proposal_id: proposal.proposal_id, repeat: true })
  const accept = stepV1(bob, 'ACCEPT', proposal)
  expect(await told(other, peers, accept)).toMatchObject({ status: 'accepted' })
  const { chain } = await other.ask({ type: 'GET_PROPOSAL', proposal_id: proposal.proposal_id })
  expect((chain as Frame[])[0]).toEqual(proposal)
})

test('nobody tells the server what it has to find out itself', async () => {
  const server = await serve(hasty)
  const [one, other] = [await keyed(server, 'alice', alice), await keyed(server, 'bob', bob)]
  const peers = [one, other] as const
  const found = {
    signed: { version: 'v1', key: alice.raw, hash: 'h'.repeat(43) },
    terms_hash: 'h'.repeat(43),
    server_key: bob.raw,
    payment: { scheme: 'solana', checked: true, on_curve: true },
    escrow: { agent: idOf(bob), until: 0 },
    from: idOf(bob),
    by: idOf(alice),
    status: 'completed',
  }
  const unsigned = { ...proposalV1(alice, given), sig: 'x', ...found }
  expect(await one.ask(unsigned)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  const proposal = await told(one, peers, { ...proposalV1(alice, given), ...found })
  expect(proposal).toMatchObject({ from: idOf(alice), status: 'pending', server_key: server.key })
  expect(proposal.payment).toEqual({ scheme: 'iban', checked: false })
  const fields = { payment_code: 'iban:DE02' }
  const accept = await told(other, peers, {
    ...stepV1(bob, 'ACCEPT', proposal, { fields }),
    ...found,
  })
  expect(accept).toMatchObject({ status: 'accepted', by: idOf(bob), from: idOf(alice) })
  expect(accept).not.toHaveProperty('awaiting')
  expect(accept.payment).toEqual({ scheme: 'iban', checked: false })
})
