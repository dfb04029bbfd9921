// Proposals of version 0 that are refused: the code, the one word in INVALID_PROPOSAL, and one ERROR only.

import { describe, expect, test } from 'vitest'
import { anon, hasty, idOf, keyed, keyedV0, makeKeys, type Peer, serve } from './kit.ts'
import { type Fields, proposalV0, refusedOnce, signV0, stepV0, told } from './proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const carol = makeKeys()
const bobId = idOf(bob)
const unknown = 'prop_0123456789abcdef0123456789abcdef'
const given = {
  to: bobId,
  task: 'x',
  amount: 5,
  currency: 'SOL',
  payment_code: 'here',
  expires: 60,
  elo_stake: 1,
}

/** A server with alice, bob and carol, and a clock that the test moves. */
async function three() {
  const clock = { aheadMs: 0 }
  const server = await serve(hasty, { now: () => Date.now() + clock.aheadMs })
  const [one, other, third] = [
    await keyedV0(server, 'alice', alice),
    await keyedV0(server, 'bob', bob),
    await keyedV0(server, 'carol', carol),
  ]
  return { clock, server, one, other, third }
}

type Three = Awaited<ReturnType<typeof three>>

async function proposed({ one, other }: Three, more: Fields = {}): Promise<string> {
  const event = await told(one, [one, other], proposalV0(alice, { ...given, ...more }))
  return String(event.proposal_id)
}

async function accepted(on: Three): Promise<string> {
  const proposal_id = await proposed(on)
  await told(on.other, [on.one, on.other], stepV0(bob, 'ACCEPT', { proposal_id }))
  return proposal_id
}

describe('who has no key is told that a signature is needed', () => {
  test.each(['PROPOSAL', 'ACCEPT', 'REJECT', 'COMPLETE', 'DISPUTE'])('for %s', async (type) => {
    const on = await three()
    const proposal_id = await proposed(on)
    const guest = await anon(on.server, 'guest')
    const stray = makeKeys()
    const frame =
      type === 'PROPOSAL'
        ? proposalV0(stray, given)
        : stepV0(stray, type, { proposal_id, ...(type === 'DISPUTE' && { reason: 'x' }) })
    expect(await refusedOnce(guest, frame)).toMatchObject({ code: 'SIGNATURE_REQUIRED' })
    expect(await on.one.settled()).toEqual([])
  })
})

const signed = proposalV0(alice, given)
const aDifferentText = Object.entries({
  task: 'y',
  amount: 50,
  currency: 'sol',
  payment_code: 'there',
  expires: 61,
  elo_stake: 2,
  to: '@bob',
})

describe('VERIFICATION_FAILED', () => {
  test.each([
    ['of another key', proposalV0(bob, given).sig],
    ['of nothing', 'x'],
    ['that is spelled as in version 1', Buffer.from(signed.sig, 'base64').toString('base64url')],
    ['without its padding', signed.sig.replaceAll('=', '')],
    ['with more behind it', `${signed.sig}AAAA`],
    ['with one bit changed', signed.sig.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
    ['of all zeros', Buffer.alloc(64).toString('base64')],
    ['of another purpose', signV0(alice, `REJECT|${unknown}|`)],
  ])('for a signature %s', async (_what, sig) => {
    const { one, other } = await three()
    expect(await refusedOnce(one, { ...signed, sig })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
    expect(await other.settled()).toEqual([])
  })

  test.each(aDifferentText)('for a signature over another %s', async (field, value) => {
    const { one, other } = await three()
    expect(await refusedOnce(one, { ...signed, [field]: value })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
    expect(await other.settled()).toEqual([])
  })

  test.each([
    ['ACCEPT', 'payment_code'],
    ['ACCEPT', 'elo_stake'],
    ['REJECT', 'reason'],
    ['COMPLETE', 'proof'],
    ['DISPUTE', 'reason'],
  ])('for a %s signed over another %s', async (type, field) => {
    const on = await three()
    const isLate = type === 'COMPLETE' || type === 'DISPUTE'
    const proposal_id = await (isLate ? accepted(on) : proposed(on))
    const step = stepV0(bob, type, { proposal_id, [field]: 'signed' })
    const wrong = [
      { ...step, [field]: 'changed' },
      { ...step, sig: stepV0(alice, type, { proposal_id, [field]: 'signed' }).sig },
      { ...step, sig: stepV0(bob, type, { proposal_id: unknown, [field]: 'signed' }).sig },
    ]
    for (const frame of wrong) {
      expect(await refusedOnce(on.other, frame)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    }
    expect(await on.one.settled()).toEqual([])
  })
})

test('a stake that the older form leaves out is not taken for signed', async () => {
  const on = await three()
  const frame = proposalV0(alice, given, 'older')
  expect(await refusedOnce(on.one, frame)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  const proposal_id = await proposed(on)
  const accept = stepV0(bob, 'ACCEPT', { proposal_id, elo_stake: 1 }, 'older')
  expect(await refusedOnce(on.other, accept)).toMatchObject({ code: 'VERIFICATION_FAILED' })
})

describe('INVALID_MSG', () => {
  const barred = ['task', 'amount', 'currency', 'payment_code', 'elo_stake']

  test.each(barred)('for a bar in %s of a proposal, though it is signed so', async (field) => {
    const { one, other } = await three()
    for (const form of ['newer', 'older'] as const) {
      const frame = proposalV0(alice, { ...given, [field]: 'a|b' }, form)
      const error = await refusedOnce(one, frame)
      expect(error).toMatchObject({ code: 'INVALID_MSG', message: expect.stringContaining('|') })
    }
    expect(await other.settled()).toEqual([])
  })

  test.each(['payment_code', 'elo_stake'])('for a bar in %s of an ACCEPT', async (field) => {
    const on = await three()
    const proposal_id = await proposed(on)
    for (const form of ['newer', 'older'] as const) {
      const frame = stepV0(bob, 'ACCEPT', { proposal_id, [field]: 'a|b' }, form)
      const error = await refusedOnce(on.other, frame)
      expect(error).toMatchObject({ code: 'INVALID_MSG', message: expect.stringContaining('|') })
    }
    expect(await on.one.settled()).toEqual([])
  })

  test.each([
    ['to oneself', proposalV0(alice, { ...given, to: idOf(alice) })],
    ['to oneself by name', proposalV0(alice, { ...given, to: '@alice' })],
    ['without a signature', { ...signed, sig: null }],
    ['without a task', proposalV0(alice, { ...given, task: null })],
    ['with an empty task', proposalV0(alice, { ...given, task: '' })],
    ['to no name at all', proposalV0(alice, { ...given, to: 'bob' })],
    ['that expires before it begins', proposalV0(alice, { ...given, expires: -1 })],
  ])('for a proposal %s', async (_what, frame) => {
    const { one, other } = await three()
    expect(await refusedOnce(one, frame)).toMatchObject({ code: 'INVALID_MSG' })
    expect(await other.settled()).toEqual([])
  })

  test.each(['', null, undefined])('for a DISPUTE for the reason %j', async (reason) => {
    const on = await three()
    const proposal_id = await accepted(on)
    const frame = stepV0(bob, 'DISPUTE', { proposal_id, reason })
    expect(await refusedOnce(on.other, frame)).toMatchObject({ code: 'INVALID_MSG' })
  })

  test('for more terms than anybody signs', async () => {
    const { one } = await three()
    const frame = proposalV0(alice, { ...given, terms: 'x'.repeat(16_384) })
    expect(await refusedOnce(one, frame)).toMatchObject({ code: 'INVALID_MSG' })
  })
})

test('nobody to propose to', async () => {
  const { server, one } = await three()
  const nobody = proposalV0(alice, { ...given, to: '@nobody' })
  expect(await refusedOnce(one, nobody)).toMatchObject({ code: 'AGENT_NOT_FOUND' })
  const guest = await anon(server, 'guest')
  const keyless = proposalV0(alice, { ...given, to: guest.id })
  expect(await refusedOnce(one, keyless)).toMatchObject({ code: 'NO_PUBKEY' })
})

test('no such proposal', async () => {
  const { one } = await three()
  for (const type of ['ACCEPT', 'REJECT', 'COMPLETE', 'DISPUTE']) {
    const frame = stepV0(alice, type, { proposal_id: unknown, reason: 'x' })
    expect(await refusedOnce(one, frame)).toMatchObject({ code: 'PROPOSAL_NOT_FOUND' })
  }
})

test('a step that version 0 does not know', async () => {
  const on = await three()
  const proposal_id = await proposed(on)
  for (const type of ['WITHDRAW', 'CONFIRM', 'FUNDED', 'SETTLE']) {
    const frame = { ...stepV0(alice, type, { proposal_id }), outcome: 'x' }
    expect(await refusedOnce(on.one, frame)).toMatchObject({ code: 'V1_REQUIRED' })
  }
})

/** Who takes which step when, and the one word that it is refused with. */
const outOfTurn: readonly [
  word: string,
  when: (on: Three) => Promise<string>,
  who: (on: Three) => Peer,
  keys: typeof alice,
  types: readonly string[],
][] = [
  ['PROPOSAL_NOT_PENDING', accepted, ({ other }) => other, bob, ['ACCEPT', 'REJECT']],
  ['PROPOSAL_NOT_PENDING', completed, ({ other }) => other, bob, ['ACCEPT', 'REJECT']],
  ['PROPOSAL_NOT_PENDING', disputed, ({ other }) => other, bob, ['ACCEPT', 'REJECT']],
  ['NOT_PROPOSAL_RECIPIENT', proposed, ({ one }) => one, alice, ['ACCEPT', 'REJECT']],
  ['NOT_PROPOSAL_RECIPIENT', proposed, ({ third }) => third, carol, ['ACCEPT', 'REJECT']],
  ['PROPOSAL_EXPIRED', expired, ({ other }) => other, bob, ['ACCEPT', 'REJECT']],
  ['PROPOSAL_NOT_ACCEPTED', proposed, ({ one }) => one, alice, ['COMPLETE', 'DISPUTE']],
  ['PROPOSAL_NOT_ACCEPTED', completed, ({ other }) => other, bob, ['COMPLETE', 'DISPUTE']],
  ['PROPOSAL_NOT_ACCEPTED', disputed, ({ one }) => one, alice, ['COMPLETE', 'DISPUTE']],
  ['NOT_PROPOSAL_PARTY', accepted, ({ third }) => third, carol, ['COMPLETE', 'DISPUTE']],
]

async function completed(on: Three): Promise<string> {
  const proposal_id = await accepted(on)
  await told(on.one, [on.one, on.other], stepV0(alice, 'COMPLETE', { proposal_id }))
  return proposal_id
}

async function disputed(on: Three): Promise<string> {
  const proposal_id = await accepted(on)
  await told(on.other, [on.one, on.other], stepV0(bob, 'DISPUTE', { proposal_id, reason: 'x' }))
  return proposal_id
}

async function expired(on: Three): Promise<string> {
  const proposal_id = await proposed(on)
  on.clock.aheadMs += 60_001
  return proposal_id
}

test.each(outOfTurn)('%s: what the message says', async (word, when, who, keys, types) => {
  const on = await three()
  const proposal_id = await when(on)
  for (const type of types) {
    const own = type === 'ACCEPT' ? { payment_code: 'late' } : { reason: 'late', proof: 'late' }
    const error = await refusedOnce(who(on), stepV0(keys, type, { proposal_id, ...own }))
    expect(error).toMatchObject({ code: 'INVALID_PROPOSAL', message: word })
    expect(error).toMatchObject({ hint: expect.stringMatching(/\.$/) })
  }
  const heard = await on.third.settled()
  expect(heard.filter(({ type }) => type !== 'ERROR')).toEqual([])
})

test('an agent that logged in with version 1 does not sign as version 0', async () => {
  const server = await serve(hasty)
  const one = await keyed(server, 'alice', alice)
  await keyed(server, 'bob', bob)
  expect(await refusedOnce(one, proposalV0(alice, { to: bobId, task: 'x' }))).toMatchObject({
    code: 'VERIFICATION_FAILED',
  })
})

test('a cid that stands for another proposal is a conflict in version 0 too', async () => {
  const { one } = await three()
  const cid = 'c'.repeat(24)
  const first = await one.ask(proposalV0(alice, { ...given, cid }))
  expect(first).toMatchObject({ type: 'PROPOSAL_STATE' })
  expect(await one.ask(proposalV0(alice, { ...given, cid }))).toMatchObject({ repeat: true })
  expect(await one.ask(proposalV0(alice, { ...given, task: 'y', cid }))).toMatchObject({
    code: 'CID_CONFLICT',
  })
})
