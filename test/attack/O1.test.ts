// O1: Something signed is captured and sent again. Here it is a step of a proposal; frames of operators come with their roles.

import { describe, expect, test } from 'vitest'
import {
  connect,
  type Frame,
  hasty,
  idOf,
  keyed,
  keyedV0,
  makeKeys,
  type Peer,
  serve,
} from '../wire/kit.ts'
import { proposalV0, proposalV1, refusedOnce, stepV0, stepV1, told } from '../wire/proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const eve = makeKeys()
const bobId = idOf(bob)
const given = { to: bobId, task: 'x', amount: '5', currency: 'SOL' }

/** A deal in version 1, and every frame of it as somebody on the way has captured it. */
async function captured() {
  const clock = { aheadMs: 0 }
  const server = await serve(hasty, { now: () => Date.now() + clock.aheadMs })
  const one = await keyed(server, 'alice', alice)
  const other = await keyed(server, 'bob', bob)
  const both = [one, other] as const
  const propose = proposalV1(alice, given)
  const proposal = await told(one, both, propose)
  const accept = stepV1(bob, 'ACCEPT', proposal)
  const accepted = await other.ask(accept)
  const complete = stepV1(bob, 'COMPLETE', accepted, { fields: { proof: 'see there' } })
  const completed = await other.ask(complete)
  const dispute = stepV1(alice, 'DISPUTE', completed, { fields: { reason: 'nothing' } })
  await one.ask(dispute)
  for (const peer of both) await peer.settled()
  const frames: readonly [Peer, Frame][] = [
    [one, propose],
    [other, accept],
    [other, complete],
    [one, dispute],
  ].map(([peer, frame]) => [peer as Peer, frame as Frame])
  return { clock, server, one, other, both, proposal, frames }
}

const failed = { code: 'VERIFICATION_FAILED' }

describe('refused: sent again', () => {
  test('before anybody is known on the connection', async () => {
    const { server, frames, both } = await captured()
    const stranger = await connect(server)
    for (const [, frame] of frames) {
      expect(await refusedOnce(stranger, frame)).toMatchObject({ code: 'AUTH_REQUIRED' })
    }
    for (const peer of both) expect(await peer.settled()).toEqual([])
  })

  test.each([
    ['a stranger', 'mallory', eve],
    ['the other party', undefined, undefined],
  ])('by %s', async (_who, name, keys) => {
    const { server, one, frames, both } = await captured()
    const thief = name && keys ? await keyed(server, name, keys) : undefined
    for (const [peer, frame] of frames) {
      const sender = thief ?? both.find((party) => party !== peer) ?? one
      expect(await refusedOnce(sender, frame)).toMatchObject(failed)
    }
    for (const peer of both) expect(await peer.settled()).toEqual([])
  })

  test('for another proposal, though its terms are the same', async () => {
    const { one, other, both, frames } = await captured()
    const second = await told(one, both, proposalV1(alice, given))
    const { proposal_id, hash } = second
    for (const [peer, frame] of frames.slice(1)) {
      for (const swap of [{ proposal_id }, { proposal_id, link: hash }]) {
        expect(await refusedOnce(peer, { ...frame, ...swap })).toMatchObject(failed)
      }
    }
    const accept = stepV1(bob, 'ACCEPT', second)
    expect(await told(other, both, accept)).toMatchObject({ status: 'accepted' })
  })

  test('as another step of the same proposal', async () => {
    const { one, both, frames } = await captured()
    const dispute = frames[3]?.[1]
    for (const swap of [
      { type: 'SETTLE', outcome: 'nothing' },
      { type: 'REJECT', reason: 'nothing' },
      { type: 'WITHDRAW', reason: 'nothing' },
      { type: 'CONFIRM' },
    ]) {
      expect(await refusedOnce(one, { ...dispute, ...swap })).toMatchObject(failed)
    }
    for (const peer of both) expect(await peer.settled()).toEqual([])
  })

  test('on another server', async () => {
    const { frames } = await captured()
    const elsewhere = await serve({ ...hasty, name: 'elsewhere.example' })
    const one = await keyed(elsewhere, 'alice', alice)
    const other = await keyed(elsewhere, 'bob', bob)
    const propose = frames[0]?.[1] ?? {}
    expect(await refusedOnce(one, propose)).toMatchObject(failed)
    const here = proposalV1(alice, given, { server: 'elsewhere.example' })
    const proposal = await told(one, [one, other], here)
    const accept = frames[1]?.[1] ?? {}
    expect(await refusedOnce(other, accept)).toMatchObject({ code: 'PROPOSAL_NOT_FOUND' })
    const { proposal_id } = proposal
    expect(await refusedOnce(other, { ...accept, proposal_id })).toMatchObject(failed)
    expect(await refusedOnce(other, stepV1(bob, 'ACCEPT', proposal))).toMatchObject(failed)
  })

  test('on another server of the same name', async () => {
    const { server, frames } = await captured()
    const elsewhere = await serve(hasty)
    expect([elsewhere.name, elsewhere.key === server.key]).toEqual([server.name, false])
    const one = await keyed(elsewhere, 'alice', alice)
    const other = await keyed(elsewhere, 'bob', bob)
    const propose = frames[0]?.[1] ?? {}
    for (const server_key of [undefined, server.key, elsewhere.key]) {
      expect(await refusedOnce(one, { ...propose, server_key })).toMatchObject(failed)
    }
    const proposal = await told(one, [one, other], proposalV1(alice, given))
    const accept = frames[1]?.[1] ?? {}
    const { proposal_id, hash } = proposal
    for (const swap of [{ proposal_id }, { proposal_id, link: hash }]) {
      expect(await refusedOnce(other, { ...accept, ...swap })).toMatchObject(failed)
    }
    for (const peer of [one, other]) expect(await peer.settled()).toEqual([])
  })

  test('a day later', async () => {
    const { clock, frames, both } = await captured()
    clock.aheadMs = 86_400_000
    for (const [peer, frame] of frames) expect(await refusedOnce(peer, frame)).toMatchObject(failed)
    for (const peer of both) {
      const news = (await peer.settled()).filter(({ type }) => type !== 'TIME_UP')
      expect(news).toEqual([])
    }
  })

  test('with a later time, to seem new', async () => {
    const { frames } = await captured()
    for (const [peer, frame] of frames) {
      const ts = Number(frame.ts) + 1
      expect(await refusedOnce(peer, { ...frame, ts })).toMatchObject(failed)
    }
  })

  test('from the older wire, on the newer one, and the reverse', async () => {
    const server = await serve(hasty)
    const one = await keyedV0(server, 'alice', alice)
    const other = await keyed(server, 'bob', bob)
    const both = [one, other] as const
    const proposal = await told(one, both, proposalV0(alice, { ...given, amount: 5 }))
    const { proposal_id } = proposal
    const older = stepV0(bob, 'ACCEPT', { proposal_id })
    const { ts, link } = stepV1(bob, 'ACCEPT', proposal)
    expect(await refusedOnce(other, { ...older, ts, link })).toMatchObject(failed)
    const newer = proposalV1(alice, given)
    expect(await refusedOnce(one, newer)).toMatchObject(failed)
    const { sig } = newer
    const spelled = Buffer.from(sig, 'base64url').toString('base64')
    expect(await refusedOnce(one, { ...newer, sig: spelled })).toMatchObject(failed)
  })

  test('of the older wire, by a stranger or for another proposal', async () => {
    const server = await serve(hasty)
    const one = await keyedV0(server, 'alice', alice)
    const other = await keyedV0(server, 'bob', bob)
    const thief = await keyedV0(server, 'mallory', eve)
    const both = [one, other] as const
    const propose = proposalV0(alice, { ...given, amount: 5 })
    const { proposal_id } = await told(one, both, propose)
    const accept = stepV0(bob, 'ACCEPT', { proposal_id })
    for (const frame of [propose, accept]) {
      expect(await refusedOnce(thief, frame)).toMatchObject(failed)
    }
    const second = await told(one, both, proposalV0(alice, { ...given, amount: 6 }))
    const swapped = { ...accept, proposal_id: second.proposal_id }
    expect(await refusedOnce(other, swapped)).toMatchObject(failed)
  })
})

test('sent again by who signed it, it is the same thing once, whatever came after it', async () => {
  const { proposal, frames, both } = await captured()
  for (const [peer, { ref: _none, ...frame }] of frames) {
    expect(await peer.ask(frame)).toMatchObject({
      type: 'PROPOSAL_STATE',
      proposal_id: proposal.proposal_id,
      status: 'disputed',
      repeat: true,
    })
  }
  for (const peer of both) expect(await peer.settled()).toEqual([])
  const { chain } = await both[0].ask({ type: 'GET_PROPOSAL', proposal_id: proposal.proposal_id })
  expect(chain).toHaveLength(4)
})
