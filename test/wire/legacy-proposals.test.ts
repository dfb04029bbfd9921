// Proposals as agents of version 0 know them: every field that both parties rely on, and what follows on what.

import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  type Frame,
  hasty,
  idOf,
  type Keys,
  keyed,
  keyedV0,
  makeKeys,
  type Peer,
  type Served,
  serve,
} from './kit.ts'
import {
  type Fields,
  proposalTextV0,
  proposalV0,
  proposalV1,
  stepV0,
  stepV1,
  told,
} from './proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const aliceId = idOf(alice)
const bobId = idOf(bob)
const absent = {
  amount: null,
  currency: null,
  payment_code: null,
  terms: null,
  expires: null,
  elo_stake: null,
}

async function pair(server: Served): Promise<[Peer, Peer]> {
  return [await keyedV0(server, 'alice', alice), await keyedV0(server, 'bob', bob)]
}

function isGenuine(keys: Keys, text: string, sig: unknown): boolean {
  const signature = Buffer.from(String(sig), 'base64')
  return verify(null, Buffer.from(text), createPublicKey(keys.pem), signature)
}

/** A proposal from alice to bob that stands so far. */
async function proposed(peers: readonly [Peer, Peer], more: Fields = {}): Promise<string> {
  const frame = proposalV0(alice, { to: bobId, task: 'translate the page', ...more })
  return String((await told(peers[0], peers, frame)).proposal_id)
}

async function accepted(peers: readonly [Peer, Peer], more: Fields = {}): Promise<string> {
  const proposal_id = await proposed(peers, more)
  await told(peers[1], peers, stepV0(bob, 'ACCEPT', { proposal_id }))
  return proposal_id
}

/** What a step tells, without what all of them tell. */
function without(step: Frame, ...names: string[]): object {
  const common = ['type', 'ts', 'position', 'sig_version', 'key', 'by', 'until', ...names]
  return Object.fromEntries(Object.entries(step).filter(([name]) => !common.includes(name)))
}

test('PROPOSAL: every field, the event in ms what the frame has in seconds', async () => {
  const peers = await pair(await serve())
  const given = {
    to: bobId,
    task: 'translate "the page"\nh\u00e9llo',
    amount: 0.05,
    currency: 'SOL',
    payment_code: 'my usual account',
    terms: { by: 'friday', rate: 0.5, none: null },
    expires: 3_600,
    elo_stake: 25,
  }
  const before = Date.now()
  const frame = proposalV0(alice, given)
  const event = await told(peers[0], peers, frame)
  const created = Number(event.created_at)
  expect(without(event, 'hash', 'payment', 'unsigned', 'sig_expires')).toEqual({
    ...given,
    id: event.proposal_id,
    proposal_id: expect.stringMatching(/^[0-9A-Za-z_-]+$/),
    from: aliceId,
    expires: created + 3_600_000,
    status: 'pending',
    created_at: expect.any(Number),
    sig: frame.sig,
  })
  expect(created).toBeGreaterThanOrEqual(before)
  expect(event.unsigned).toEqual(['terms'])
  expect(event.payment).toEqual({ scheme: 'unknown', checked: false })
})

test('PROPOSAL: null for each optional field, and null where the event has nothing', async () => {
  const peers = await pair(await serve())
  const frame = proposalV0(alice, { to: bobId, task: 'x', ...absent, ref: null })
  const event = await told(peers[0], peers, frame)
  const { elo_stake: _none, ...nulls } = absent
  expect(event).toMatchObject({ ...nulls, to: bobId, task: 'x', sig: frame.sig })
  for (const name of ['elo_stake', 'unsigned', 'ref']) expect(event).not.toHaveProperty(name)
})

test.each([
  ['newer', { elo_stake: 25 }],
  ['newer', { elo_stake: '25' }],
  ['newer', { elo_stake: 0 }],
  ['newer', {}],
  ['older', {}],
] as const)('both parties are told what is signed in the %s form, with %j', async (form, stake) => {
  const peers = await pair(await serve())
  const given = { task: 'x', amount: 5, currency: 'EUR', expires: 60, ...stake }
  const frame = proposalV0(alice, { to: '@bob', ...given }, form)
  const event = await told(peers[0], peers, frame)
  expect(event).toMatchObject({ to: bobId, sig_to: '@bob', sig_expires: 60, key: alice.raw })
  const { sig_to, sig_expires, sig, ...rest } = event
  const text = proposalTextV0({ ...rest, to: sig_to, expires: sig_expires }, form)
  expect(text.startsWith('@bob|x|5|EUR||60')).toBe(true)
  expect(isGenuine(alice, text, sig)).toBe(true)

  const proposal_id = event.proposal_id
  const accept = stepV0(bob, 'ACCEPT', { proposal_id, payment_code: null, ...stake }, form)
  expect(await told(peers[1], peers, accept)).toMatchObject({ ...stake, sig: accept.sig })
})

test.each([0.05, 5, 0, 1e21, '0.05', '5', '0', 'a cow', ''])('the amount %j', async (amount) => {
  const peers = await pair(await serve())
  const event = await told(peers[0], peers, proposalV0(alice, { to: bobId, task: 'x', amount }))
  expect(event.amount).toBe(amount)
})

test('ACCEPT', async () => {
  const peers = await pair(await serve())
  const proposal_id = await proposed(peers)
  const frame = stepV0(bob, 'ACCEPT', { proposal_id, payment_code: 'here please' })
  const event = await told(peers[1], peers, frame)
  expect(without(event, 'payment')).toEqual({
    proposal_id,
    status: 'accepted',
    updated_at: expect.any(Number),
    from: aliceId,
    to: bobId,
    payment_code: 'here please',
    sig: frame.sig,
  })
})

test.each([null, 'too dear | too late'])('REJECT for the reason %j', async (reason) => {
  const peers = await pair(await serve())
  const proposal_id = await proposed(peers)
  const frame = stepV0(bob, 'REJECT', { proposal_id, reason })
  expect(without(await told(peers[1], peers, frame))).toEqual({
    proposal_id,
    status: 'rejected',
    updated_at: expect.any(Number),
    from: aliceId,
    to: bobId,
    reason,
    sig: frame.sig,
  })
})

test.each([null, 'https://example.com/page|1'])(
  'COMPLETE completes a proposal of version 0 at once, with the proof %j',
  async (proof) => {
    const peers = await pair(await serve())
    const proposal_id = await accepted(peers)
    const frame = stepV0(alice, 'COMPLETE', { proposal_id, proof })
    const event = await told(peers[0], peers, frame)
    expect(without(event)).toEqual({
      proposal_id,
      status: 'completed',
      updated_at: event.completed_at,
      from: aliceId,
      to: bobId,
      completed_by: aliceId,
      completed_at: expect.any(Number),
      proof,
      sig: frame.sig,
    })
    expect(event).not.toHaveProperty('awaiting')
  },
)

test('DISPUTE', async () => {
  const peers = await pair(await serve())
  const proposal_id = await accepted(peers)
  const frame = stepV0(bob, 'DISPUTE', { proposal_id, reason: 'nothing | came' })
  const event = await told(peers[1], peers, frame)
  expect(without(event)).toEqual({
    proposal_id,
    status: 'disputed',
    updated_at: event.disputed_at,
    from: aliceId,
    to: bobId,
    disputed_by: bobId,
    disputed_at: expect.any(Number),
    reason: 'nothing | came',
    sig: frame.sig,
  })
})

test('an identical frame is the same proposal while that is open, and a new one afterwards', async () => {
  const server = await serve(hasty)
  const peers = await pair(server)
  const frame = proposalV0(alice, { to: bobId, task: 'x', amount: 1 })
  const first = await told(peers[0], peers, frame)
  peers[0].send(frame)
  const again = await peers[0].ask(frame)
  expect(again).toMatchObject({ proposal_id: first.proposal_id, repeat: true, status: 'pending' })
  // The older form says the same.
  const older = await peers[0].ask(proposalV0(alice, { to: bobId, task: 'x', amount: 1 }, 'older'))
  expect(older).toMatchObject({ proposal_id: first.proposal_id, repeat: true })
  for (const peer of peers) expect(await peer.settled()).toEqual([])

  const { proposal_id } = first
  const reject = stepV0(bob, 'REJECT', { proposal_id })
  await told(peers[1], peers, reject)
  expect(await peers[1].ask(reject)).toMatchObject({ status: 'rejected', repeat: true })
  const second = await told(peers[0], peers, frame)
  expect(second.proposal_id).not.toBe(proposal_id)
  expect(await peers[1].ask(reject)).toMatchObject({ proposal_id, status: 'rejected' })
  await told(peers[1], peers, stepV0(bob, 'ACCEPT', { proposal_id: second.proposal_id }))
})

test('both forms of an ACCEPT are one acceptance', async () => {
  const peers = await pair(await serve(hasty))
  const proposal_id = await proposed(peers)
  await told(peers[1], peers, stepV0(bob, 'ACCEPT', { proposal_id }, 'older'))
  const newer = await peers[1].ask(stepV0(bob, 'ACCEPT', { proposal_id }, 'newer'))
  expect(newer).toMatchObject({ proposal_id, status: 'accepted', repeat: true })
  for (const peer of peers) expect(await peer.settled()).toEqual([])
})

test('who was away is told after its next login', async () => {
  const server = await serve(hasty)
  const peers = await pair(server)
  const known = await proposed(peers, { task: 'seen before' })
  await peers[1].leave()
  peers[0].send(proposalV0(alice, { to: '@bob', task: 'while away' }))
  const missed = await peers[0].next('PROPOSAL')
  const back = await keyedV0(server, 'bob', bob)
  expect(await back.next('PROPOSAL')).toEqual({ ...missed, replay: true })
  expect(await back.settled()).toEqual([])

  await peers[0].leave()
  back.send(stepV0(bob, 'ACCEPT', { proposal_id: missed.proposal_id }))
  const answer = await back.next('ACCEPT')
  const proposer = await keyedV0(server, 'alice', alice)
  expect(await proposer.next('ACCEPT')).toEqual({ ...answer, replay: true })
  const others = await proposer.settled('PROPOSAL')
  expect(others.map(({ proposal_id }) => proposal_id)).not.toContain(known)
})

test('an agent of version 0 answers a proposal of version 1, which then waits for both', async () => {
  const server = await serve(hasty)
  const peers = [await keyed(server, 'alice', alice), await keyedV0(server, 'bob', bob)] as const
  const event = await told(
    peers[0],
    peers,
    proposalV1(alice, { to: bobId, task: 'x', amount: '0.05', terms: { pages: 3 } }),
  )
  expect(event).toMatchObject({ sig_version: 'v1', amount: '0.05', terms: { pages: 3 } })
  expect(event).not.toHaveProperty('unsigned')
  const { proposal_id } = event
  const accept = await told(peers[1], peers, stepV0(bob, 'ACCEPT', { proposal_id }))
  expect(accept).toMatchObject({ status: 'accepted', sig_version: 'v0' })
  const done = await told(peers[1], peers, stepV0(bob, 'COMPLETE', { proposal_id, proof: 'see' }))
  expect(done).toMatchObject({ status: 'accepted', awaiting: 'confirmation', completed_by: bobId })
  const { list } = await peers[0].ask({ type: 'LIST_PROPOSALS' })
  const [standing] = list as Frame[]
  if (!standing) throw new Error('It is not listed.')
  const confirm = await told(peers[0], peers, stepV1(alice, 'CONFIRM', standing))
  expect(confirm).toMatchObject({ status: 'completed', by: aliceId })
})

test('an agent of version 1 answers a proposal of version 0', async () => {
  const server = await serve(hasty)
  const peers = [await keyedV0(server, 'alice', alice), await keyed(server, 'bob', bob)] as const
  const frame = proposalV0(alice, { to: bobId, task: 'x', amount: 5 })
  const standing = await told(peers[0], peers, frame)
  const accept = await told(peers[1], peers, stepV1(bob, 'ACCEPT', standing))
  expect(accept).toMatchObject({ status: 'accepted', sig_version: 'v1', payment_code: null })
  const { proposal_id } = standing
  const complete = await told(peers[0], peers, stepV0(alice, 'COMPLETE', { proposal_id }))
  expect(complete).toMatchObject({ status: 'completed', completed_by: aliceId })
})
