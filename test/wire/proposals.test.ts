// Proposals of version 1, over bare WebSockets: every signature that is wrong, and what stays where it is signed.

import { describe, expect, test } from 'vitest'
import { hash, hasty, idOf, keyed, makeKeys, type Peer, type Served, serve } from './kit.ts'
import {
  canonicalOf,
  hexOf,
  newCid,
  proposalBytesV1,
  proposalV1,
  refusedOnce,
  type Signing,
  type Standing,
  stepV1,
  told,
} from './proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const bobId = idOf(bob)
const given = {
  to: bobId,
  task: 'translate the page',
  amount: '0.05',
  currency: 'SOL',
  payment_code: 'iban:DE02',
  terms: { pages: [1, 2], by: 'friday' },
  expires: 3_600,
  due_seconds: 60,
  confirm_seconds: 60,
}
const minute = 60_000

async function pair(server: Served): Promise<[Peer, Peer]> {
  return [await keyed(server, 'alice', alice), await keyed(server, 'bob', bob)]
}

/** A proposal of alice that bob has accepted, and where it stands. */
async function accepted([one, other]: readonly [Peer, Peer]): Promise<Standing> {
  const proposal = await told(one, [one, other], proposalV1(alice, given))
  const answer = await other.ask(stepV1(bob, 'ACCEPT', proposal))
  expect(answer).toMatchObject({ type: 'PROPOSAL_STATE', status: 'accepted' })
  for (const peer of [one, other]) await peer.settled()
  return answer
}

describe('a PROPOSAL is refused', () => {
  const ts = Date.now()
  const cid = newCid()
  const sign = (more: Signing = {}, keys = alice) =>
    proposalV1(keys, given, { ts, cid, ...more }).sig
  const bytesOf = () => Buffer.from(sign(), 'base64url')

  test.each<[string, () => string]>([
    ['of another key', () => sign({}, bob)],
    ['that names another server', () => sign({ server: 'other' })],
    ['for another server of the same name', () => sign({ serverKey: makeKeys().raw })],
    ['that names no key of the server', () => sign({ serverKey: '-' })],
    ['of another purpose', () => stepV1(alice, 'ACCEPT', { proposal_id: 'x', hash: 'x' }).sig],
    [
      'over the terms alone',
      () => alice.sign(Buffer.from(canonicalOf(given))).toString('base64url'),
    ],
    ['spelled as in version 0', () => bytesOf().toString('base64')],
    ['with padding', () => `${sign()}==`],
    ['with stray bits in its last digit', () => sign().replace(/.$/, 'h')],
    ['of 63 bytes', () => bytesOf().subarray(1).toString('base64url')],
    ['of zeros', () => Buffer.alloc(64).toString('base64url')],
    ['of nothing', () => '-'],
  ])('with a signature %s', async (_what, forge) => {
    const [one, other] = await pair(await serve())
    const frame = { ...proposalV1(alice, given, { ts, cid }), sig: forge() }
    expect(await refusedOnce(one, frame)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    expect(await other.settled()).toEqual([])
  })

  test.each(
    Object.entries({
      to: ['@bob', '#general'],
      task: ['translate the page '],
      amount: ['0.5', '0.050', undefined],
      currency: ['sol', undefined],
      payment_code: ['iban:DE03', undefined],
      terms: [{ pages: [2, 1], by: 'friday' }, { pages: ['1', '2'], by: 'friday' }, undefined],
      expires: [3_601, 0, undefined],
      due_seconds: [61, undefined],
      confirm_seconds: [61, undefined],
      cid: [newCid()],
      ts: [ts + 1],
    }),
  )('whose %s was changed after it was signed', async (field, values) => {
    const [one, other] = await pair(await serve())
    await one.ask({ type: 'JOIN', channel: '#general' })
    const signed = proposalV1(alice, given, { ts, cid })
    for (const value of values) {
      const frame = { ...signed, [field]: value }
      expect(await refusedOnce(one, frame)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    }
    expect(await other.settled()).toEqual([])
  })

  test.each([
    ['a day old', -1_440 * minute - 1],
    ['ahead of the server', 5 * minute + 1_000],
  ])('of a time %s', async (_what, aside) => {
    const [one] = await pair(await serve())
    const frame = proposalV1(alice, given, { ts: Date.now() + aside })
    const error = await refusedOnce(one, frame)
    expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' })
    expect(error.message).toContain('"ts"')
  })

  test.each([
    ['ts', undefined, 'VERIFICATION_FAILED'],
    ['ts', null, 'VERIFICATION_FAILED'],
    ['ts', ts + 0.5, 'VERIFICATION_FAILED'],
    ['ts', String(ts), 'INVALID_MSG'],
    ['ts', -1, 'INVALID_MSG'],
    ['cid', undefined, 'INVALID_MSG'],
    ['cid', null, 'INVALID_MSG'],
    ['cid', 'short', 'INVALID_MSG'],
    ['sig', undefined, 'INVALID_MSG'],
    ['task', undefined, 'INVALID_MSG'],
    ['to', undefined, 'INVALID_MSG'],
    ['elo_stake', 5, 'INVALID_MSG'],
    ['expires', 1.5, 'INVALID_MSG'],
    ['due_seconds', 0, 'INVALID_MSG'],
    ['confirm_seconds', 2_592_001, 'INVALID_MSG'],
  ])('whose %s is %j', async (field, value, code) => {
    const [one] = await pair(await serve())
    const frame = { ...proposalV1(alice, given, { ts, cid }), [field]: value }
    const error = await refusedOnce(one, frame)
    expect(error).toMatchObject({ code, message: expect.stringContaining(`"${field}"`) })
  })

  test.each([
    ...[5, 0.5, 0, '1e5', '01', '-1', '0.1.2', '1.', '.5', '+1', ' 1', '1 ', '1,5', '0x1', '1_0'],
    ...['', '-', '-0', 'NaN', 'Infinity', '\u0661', '1\n', '9'.repeat(31), `0.${'1'.repeat(19)}`],
  ])('whose amount is %j, though it is signed so', async (amount) => {
    const [one] = await pair(await serve())
    const error = await refusedOnce(one, proposalV1(alice, { ...given, amount }))
    expect(error).toMatchObject({ code: 'INVALID_MSG' })
    expect(error.message).toContain('decimal written as text')
  })

  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) })
  test.each([
    ['null', '{"a":null}', /no null/],
    ['null in a list', '[1,null]', /no null/],
    ['a fraction', '{"a":0.1}', /decimals as strings/],
    ['a fraction alone', '1.5', /decimals as strings/],
    ['-0', '{"a":-0}', /no -0/],
    ['2^53', '[9007199254740992]', /2\^53/],
    ['1e400', '[1e400]', /whole numbers/],
    ['a key that is not ASCII', '{"\u00e9":1}', /ASCII/],
    ['8 levels below the first', JSON.stringify(deep(8)), /8 levels/],
    ['16 KiB', JSON.stringify('x'.repeat(16_384)), /16 KiB/],
    ['16 KiB of two bytes each', JSON.stringify('\u00e9'.repeat(8_192)), /16 KiB/],
  ])('whose terms hold %s', async (_what, terms, rule) => {
    const [one] = await pair(await serve())
    const frame = JSON.stringify({ ...proposalV1(alice, given), terms: 'here' }).replace(
      '"here"',
      () => terms,
    )
    one.send(frame)
    const error = await one.next('ERROR')
    expect(error).toMatchObject({ code: 'INVALID_MSG', message: expect.stringMatching(rule) })
    expect(await one.settled()).toEqual([])
  })

  const bip47 =
    'PM8TJTLJbPRGxSbc8EJi42Wrr6QbNSaSSVJ5Y3E4pbCYiTHUskHg13935Ubb7q8tx9GVbh2UuRnBc3WSyJHhUrw8KhprKnn9eDznYGieTzFcwQRya4GA'
  test.each([
    ['a BIP47 code with a letter changed', bip47.replace('xSbc', 'xSbd'), /checksum/],
    ['a BIP47 code cut short', `bip47:${bip47.slice(0, -1)}`, /115 letters/],
    ['a Solana address of other letters', `solana:${'0'.repeat(32)}`, /base58/],
    ['words', 'send it to me', /scheme:value/],
    ['nothing', '', /scheme:value/],
  ])('to be paid to %s, with the reason', async (_what, payment_code, reason) => {
    const [one, other] = await pair(await serve())
    const frame = proposalV1(alice, { ...given, payment_code })
    const error = await refusedOnce(one, frame)
    expect(error).toMatchObject({ code: 'INVALID_MSG', message: expect.stringMatching(reason) })
    const proposal = await told(one, [one, other], proposalV1(alice, given))
    const accept = stepV1(bob, 'ACCEPT', proposal, { fields: { payment_code } })
    expect(await refusedOnce(other, accept)).toMatchObject({ code: 'INVALID_MSG' })
  })

  test('whose time to answer is over already', async () => {
    const [one] = await pair(await serve())
    const frame = proposalV1(alice, { ...given, expires: 1 }, { ts: Date.now() - 2_000 })
    const late = { code: 'INVALID_PROPOSAL', message: 'PROPOSAL_EXPIRED' }
    expect(await refusedOnce(one, frame)).toMatchObject(late)
  })

  test('that is signed for a name, with the id to sign for', async () => {
    const [one] = await pair(await serve())
    const error = await refusedOnce(one, proposalV1(alice, { ...given, to: '@bob' }))
    expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' })
    expect(error.message).toContain(bobId)
  })
})

describe('a later step is refused', () => {
  const foreign = hash('another')
  test.each([
    ['with a signature of another key', (at: Standing) => stepV1(alice, 'COMPLETE', at).sig],
    [
      'signed for another server',
      (at: Standing) => stepV1(bob, 'COMPLETE', at, { server: 'other' }).sig,
    ],
    ['signed as another step', (at: Standing) => stepV1(bob, 'CONFIRM', at).sig],
    [
      'signed for another proposal',
      (at: Standing) => stepV1(bob, 'COMPLETE', { ...at, proposal_id: 'ab'.repeat(32) }).sig,
    ],
    [
      'signed for other terms',
      (at: Standing) => stepV1(bob, 'COMPLETE', { ...at, hash: foreign }).sig,
    ],
    [
      'signed behind another step',
      (at: Standing) => stepV1(bob, 'COMPLETE', { ...at, link: foreign }).sig,
    ],
    [
      'signed over another proof',
      (at: Standing) => stepV1(bob, 'COMPLETE', at, { fields: { proof: 'y' } }).sig,
    ],
  ])('%s', async (_what, sign) => {
    const [one, other] = await pair(await serve(hasty))
    const at = await accepted([one, other])
    const ts = Date.now()
    const frame = { ...stepV1(bob, 'COMPLETE', at, { ts }), sig: sign(at) }
    expect(await refusedOnce(other, frame)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    expect(await one.settled()).toEqual([])
  })

  test.each([
    ['without a link', { link: undefined }, 'INVALID_MSG', /"link"/],
    ['without a time', { ts: undefined }, 'VERIFICATION_FAILED', /"ts"/],
    ['with a link that is no hash', { link: 'x' }, 'INVALID_MSG', /"link"/],
    ['with a proof that is no text', { proof: {} }, 'INVALID_MSG', /"proof"/],
  ])('%s', async (_what, changed, code, message) => {
    const [one, other] = await pair(await serve(hasty))
    const frame = { ...stepV1(bob, 'COMPLETE', await accepted([one, other])), ...changed }
    const error = await refusedOnce(other, frame)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('behind a step that is not the newest, though it is signed so', async () => {
    const [one, other] = await pair(await serve(hasty))
    const at = await accepted([one, other])
    const stale = stepV1(bob, 'COMPLETE', { ...at, link: at.hash })
    expect(await refusedOnce(other, stale)).toMatchObject({ message: 'PROPOSAL_CHANGED' })
  })

  test('that names a stake, which nobody signs in version 1', async () => {
    const [one, other] = await pair(await serve())
    const proposal = await told(one, [one, other], proposalV1(alice, given))
    const frame = { ...stepV1(bob, 'ACCEPT', proposal), elo_stake: 5 }
    const error = await refusedOnce(other, frame)
    expect(error).toMatchObject({ code: 'INVALID_MSG' })
    expect(error.message).toContain('"elo_stake"')
  })
})

test('a proposal is called by the hash of what is signed, and all that is told is signed', async () => {
  const server = await serve()
  const [one, other] = await pair(server)
  const signing = { server: 'localhost', serverKey: server.key, ts: Date.now(), cid: newCid() }
  const bytes = proposalBytesV1(alice, given, signing)
  const event = await told(one, [one, other], proposalV1(alice, given, signing))
  expect(event).toMatchObject({ ...given, expires: signing.ts + 3_600_000, sig_ts: signing.ts })
  expect(event.proposal_id).toBe(hexOf(bytes))
  expect(event.hash).toBe(Buffer.from(hexOf(bytes), 'hex').toString('base64url'))
  expect(event).toMatchObject({ payment: { scheme: 'iban', checked: false }, cid: signing.cid })
  expect(event.server_key).toBe(server.key)
})

test('the same cid is the same proposal, and none with other terms', async () => {
  const [one, other] = await pair(await serve(hasty))
  const cid = newCid()
  const first = await one.ask(proposalV1(alice, given, { cid }))
  const later = proposalV1(alice, given, { cid, ts: Date.now() - 5 })
  expect(await one.ask(later)).toMatchObject({ proposal_id: first.proposal_id, repeat: true })
  const changed = proposalV1(alice, { ...given, task: 'another' }, { cid })
  expect(await one.ask(changed)).toMatchObject({ code: 'CID_CONFLICT' })
  expect(await other.settled('PROPOSAL')).toHaveLength(1)
})
