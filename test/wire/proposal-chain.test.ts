// What a server keeps of proposals: the whole chain, under its seal, over a restart and past retention.

import { createPublicKey, verify } from 'node:crypto'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import {
  anon,
  envelope,
  type Frame,
  type Given,
  hash,
  hasty,
  idOf,
  keyed,
  keyedV0,
  makeKeys,
  type Peer,
  type Served,
  serve,
} from './kit.ts'
import {
  canonicalOf,
  proposalV0,
  proposalV1,
  type Standing,
  stepV0,
  stepV1,
  told,
} from './proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const bobId = idOf(bob)
const given = {
  to: bobId,
  task: 'h\u00e9llo',
  amount: '1',
  terms: { b: [1, true], a: '\u{1F600}' },
}

// The server looks for what to forget once a minute; a minute passes when the test says so.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

async function lasting(more: Given = {}): Promise<() => Promise<Served>> {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  return () => serve({ ...hasty, durability: 'normal', data, ...more })
}

async function pair(server: Served): Promise<[Peer, Peer]> {
  return [await keyed(server, 'alice', alice), await keyed(server, 'bob', bob)]
}

/** A proposal with all steps up to a settled dispute. */
async function settled([one, other]: readonly [Peer, Peer]): Promise<Frame> {
  const outcome = { outcome: 'half' }
  const proposal = await told(one, [one, other], proposalV1(alice, given))
  let at: Frame = proposal
  const steps = [
    [other, bob, 'ACCEPT', { payment_code: 'iban:DE02' }],
    [other, bob, 'COMPLETE', { proof: 'see there' }],
    [one, alice, 'DISPUTE', { reason: 'nothing' }],
    [one, alice, 'SETTLE', outcome],
    [other, bob, 'SETTLE', outcome],
  ] as const
  for (const [peer, keys, type, fields] of steps) {
    at = await peer.ask(stepV1(keys, type, at, { fields }))
    expect(at, JSON.stringify(at)).toMatchObject({ type: 'PROPOSAL_STATE' })
  }
  expect(at).toMatchObject({ status: 'settled' })
  for (const peer of [one, other]) await peer.settled()
  return at
}

async function chainOf(peer: Peer, { proposal_id }: Standing): Promise<Frame> {
  return peer.ask({ type: 'GET_PROPOSAL', proposal_id })
}

function isSealed({ server, server_key, proposal, chain, seal }: Frame, key: string): boolean {
  const { proposal_id } = proposal as Frame
  const bytes = envelope('receipt', [server, server_key, proposal_id, hash(canonicalOf(chain))])
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: key },
    format: 'jwk',
  })
  return verify(null, bytes, publicKey, Buffer.from(String(seal), 'base64url'))
}

test('strangers read no chain, nor learn that there is one', async () => {
  const server = await serve(hasty)
  const at = await settled(await pair(server))
  const stranger = await keyed(server, 'eve', makeKeys())
  const refused = await chainOf(stranger, at)
  expect(refused).toMatchObject({ type: 'ERROR', code: 'PROPOSAL_NOT_FOUND' })
  const unknown = await chainOf(stranger, { ...at, proposal_id: 'ab'.repeat(32) })
  expect(unknown.message).toBe(refused.message)
})

test('the chain is what was told, sealed with the key of the server', async () => {
  const server = await serve(hasty)
  const [one, other] = await pair(server)
  const proposal = await told(one, [one, other], proposalV1(alice, given))
  const step = await told(other, [one, other], stepV1(bob, 'ACCEPT', proposal))
  const chain = await chainOf(one, proposal)
  expect(chain.chain).toEqual([proposal, step])
  expect(chain).toMatchObject({ server: 'localhost', server_key: server.key })
  expect(isSealed(chain, server.key)).toBe(true)
  expect((await chainOf(other, proposal)).seal).toBe(chain.seal)

  const [first, second] = chain.chain as [Frame, Frame]
  const changes = [
    [second, first],
    [first],
    [{ ...first, ts: first.ts + 1 }, second],
    [{ ...first, position: 1 }, second],
    [first, { ...second, status: 'rejected' }],
  ]
  for (const changed of changes) {
    expect(isSealed({ ...chain, chain: changed }, server.key)).toBe(false)
  }
  expect(isSealed({ ...chain, server: 'other' }, server.key)).toBe(false)
  expect(isSealed(chain, makeKeys().raw)).toBe(false)
})

test('a chain with anything that version 0 may write is sealed too', async () => {
  const server = await serve(hasty)
  const one = await keyedV0(server, 'alice', alice)
  const other = await keyedV0(server, 'bob', bob)
  const terms = JSON.parse('{"\u00e9":null,"a":[0.1,1e21,-0,1e-7,9007199254740993],"":"\u2028"}')
  const proposal = await told(
    one,
    [one, other],
    proposalV0(alice, { ...given, amount: 0.1, terms }),
  )
  await told(other, [one, other], stepV0(bob, 'ACCEPT', { proposal_id: proposal.proposal_id }))
  const chain = await chainOf(one, proposal)
  expect(chain.chain).toHaveLength(2)
  expect(isSealed(chain, server.key)).toBe(true)
})

test('a restart keeps proposals, their chains, their seals and what may follow', async () => {
  const start = await lasting()
  const first = await start()
  const before = await pair(first)
  const done = await chainOf(before[0], await settled(before))
  const open = await told(before[0], before, proposalV1(alice, { ...given, task: 'open' }))
  const offer = proposalV1(alice, { ...given, task: 'repeat' })
  const { proposal_id } = await before[0].ask(offer)
  const listed = await before[0].ask({ type: 'LIST_PROPOSALS' })
  await first.stop()

  const second = await start()
  const after = await pair(second)
  expect(await after[0].ask({ type: 'LIST_PROPOSALS' })).toMatchObject({
    list: listed.list,
    total: 3,
  })
  const again = await chainOf(after[1], done.proposal as Frame)
  expect(again).toMatchObject({ chain: done.chain, seal: done.seal, proposal: done.proposal })
  expect(isSealed(again, first.key)).toBe(true)
  expect(await after[0].ask(offer)).toMatchObject({ proposal_id, repeat: true })
  const accept = await told(after[1], after, stepV1(bob, 'ACCEPT', open))
  expect(accept).toMatchObject({ status: 'accepted', proposal_id: open.proposal_id })
})

test.each(['memory', 'normal'])(
  'retention forgets no chain, with --durability %s',
  async (durability) => {
    const server = await (await lasting({ durability, retainCount: '20' }))()
    const peers = await pair(server)
    const done = await chainOf(peers[0], await settled(peers))
    const open = await told(peers[0], peers, proposalV1(alice, { ...given, task: 'open' }))
    const guest = await anon(server, 'guest')
    await guest.ask({ type: 'JOIN', channel: '#general' })
    for (let said = 0; said < 60; said++) {
      await guest.ask({ type: 'MSG', to: '#general', content: `${said}` })
    }
    vi.advanceTimersByTime(60_000)
    const { details } = await server.reported('retention-done')
    expect(Number(details?.position)).toBeGreaterThan(Number(open.position))
    const { messages } = await guest.ask({ type: 'HISTORY', target: '#general', after: 0 })
    expect((messages as Frame[]).length).toBeLessThanOrEqual(20)

    const kept = await chainOf(peers[1], done.proposal as Frame)
    expect(kept).toMatchObject({ chain: done.chain, seal: done.seal })
    expect((await chainOf(peers[1], open)).chain).toEqual([open])
    await told(peers[1], peers, stepV1(bob, 'ACCEPT', open))
  },
)
