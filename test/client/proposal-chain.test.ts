// A proposal with its steps, checked by somebody who believes nobody: first what is a lie, then what is true.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkChain } from '../../src/index.ts'
import { hashOf } from '../../src/protocol/proposal-signing.ts'
import {
  after,
  alice,
  bob,
  changed,
  type Deal,
  mallory,
  proposed,
  retold,
  startMs,
  timePassed,
} from './kit/deals.ts'
import { serverKeys, serverName } from './kit/hostile.ts'

const terms = { lines: ['one', 'two'], pages: 2 }
const offer = proposed({ terms, payment_code: 'x:alice', expires: 60, due_seconds: 600 })
const due = { until: startMs + 1_000 + 600_000 }
const accepted = after(offer, 'ACCEPT', {
  stage: 'accepted',
  own: { payment_code: 'x:bob' },
  told: due,
})
const claimed = after(accepted, 'COMPLETE', { stage: 'claimed', own: { proof: 'here' } })
const disputed = after(claimed, 'DISPUTE', { by: alice, stage: 'disputed', own: { reason: 'no' } })
const half = { by: alice, stage: 'disputed', own: { outcome: 'half' } } as const
const offered = after(disputed, 'SETTLE', half)
const settled = after(offered, 'SETTLE', { stage: 'settled', own: { outcome: 'half' } })
const completed = after(claimed, 'CONFIRM', { by: alice, stage: 'completed' })

function check({ chain }: Deal, server = serverName) {
  return checkChain(chain, { serverName: server })
}

function faultOf(deal: Deal, server = serverName): string | undefined {
  const checked = check(deal, server)
  return 'fault' in checked ? checked.fault : undefined
}

describe('what was changed after it was signed is a lie', () => {
  test.each<[string, object]>([
    ['the task', { task: 'translate all' }],
    ['the amount', { amount: '0.5' }],
    ['the amount as a number', { amount: 0.05 }],
    ['no amount', { amount: null }],
    ['the currency', { currency: 'BTC' }],
    ['the payment code', { payment_code: 'x:mallory' }],
    ['the terms', { terms: { ...terms, pages: 3 } }],
    ['no terms', { terms: null }],
    ['when it expires', { expires: startMs + 61_000 }],
    ['when it is due', { due_seconds: 601 }],
    ['how long it may be disputed', { confirm_seconds: 1 }],
    ['the recipient', { to: mallory.public.id }],
    ['the recipient, as a channel', { to: '#general' }],
    ['the cid', { cid: 'd'.repeat(22) }],
    ['the key of the server', { server_key: mallory.text }],
    ['no key of the server', { server_key: undefined }],
    ['the time', { sig_ts: startMs + 1 }],
    ['the key', { key: mallory.text }],
    ['the proposer', { from: mallory.public.id }],
    ['the proposer and its key', { from: mallory.public.id, key: mallory.text }],
    ['the version', { sig_version: 'v0' }],
    ['no version', { sig_version: undefined }],
    ['no signature', { sig: undefined }],
    ['its id', { proposal_id: 'f'.repeat(64) }],
    ['its other id', { id: 'f'.repeat(64) }],
    ['its hash', { hash: hashOf(Uint8Array.of(1)) }],
    ['its status', { status: 'accepted' }],
    ['what it waits for', { awaiting: 'escrow' }],
    ['how long it stands', { until: startMs + 61_000 }],
  ])('%s of a proposal', (_what, fields) => {
    expect(faultOf(changed(offer, 0, { ...fields }))).toMatch(/^Step 1: /)
    expect(faultOf(changed(accepted, 0, { ...fields }))).toMatch(/^Step 1: /)
  })

  test.each<[string, object]>([
    ['what it says', { payment_code: 'x:mallory' }],
    ['that it says nothing', { payment_code: null }],
    ['who took it', { by: mallory.public.id, to: mallory.public.id }],
    [
      'who took it, with a key',
      { by: mallory.public.id, to: mallory.public.id, key: mallory.text },
    ],
    ['the key', { key: mallory.text }],
    ['the time', { sig_ts: startMs }],
    ['the step before', { link: 'A'.repeat(43) }],
    ['no step before', { link: undefined }],
    ['its proposal', { proposal_id: 'f'.repeat(64) }],
    ['its proposer', { from: mallory.public.id }],
    ['its recipient', { to: mallory.public.id }],
    ['no recipient', { to: null }],
    ['its type', { type: 'COMPLETE' }],
    ['its type, as one that is no step', { type: 'MSG' }],
    ['its type, as none', { type: 'constructor' }],
    ['its status', { status: 'completed' }],
    ['what it waits for', { awaiting: 'confirmation' }],
    ['its position', { position: 11 }],
    ['no position', { position: undefined }],
    ['when it came', { updated_at: startMs - 1 }],
    ['that it came too late', { updated_at: startMs + 60_000 }],
    ['how long it may take', { until: startMs + 600_999 }],
  ])('%s, of a later step', (_what, fields) => {
    expect(faultOf(changed(accepted, 1, { ...fields }))).toMatch(/^Step 2: /)
  })
})

test('it was signed for one server', () => {
  for (const deal of [offer, settled]) {
    const known = checkChain(deal.chain, { serverName, serverKey: serverKeys.text })
    expect(known).not.toHaveProperty('fault')
    const other = checkChain(deal.chain, { serverName, serverKey: mallory.text })
    expect(other).toEqual({ fault: 'Step 1: It was signed for a server with another key.' })
  }
  expect(faultOf(settled, 'chat.example.org')).toMatch(/does not fit/)
  expect(faultOf(settled, 'two words')).toMatch(/nobody can sign/)
})

test('a step that is left out, put elsewhere or told twice shows', () => {
  const { chain } = settled
  for (const [index] of chain.entries()) {
    const without = chain.filter((_frame, place) => place !== index)
    if (index < chain.length - 1) expect(faultOf(retold(settled, without))).toBeDefined()
    const twice = [...chain.slice(0, index + 1), ...chain.slice(index)]
    expect(faultOf(retold(settled, twice))).toBeDefined()
    for (const [other] of chain.entries()) {
      if (other <= index) continue
      const swapped = chain.map((frame, place) => {
        const from = place === index ? other : place === other ? index : place
        return { ...chain[from], position: frame.position, updated_at: frame.updated_at }
      })
      expect(faultOf(retold(settled, swapped))).toBeDefined()
    }
  }
})

test('who signs a step has to be one that may', () => {
  const stranger = { by: mallory } as const
  const wrong: [Deal, RegExp][] = [
    [after(offer, 'ACCEPT', { ...stranger, stage: 'accepted' }), /NOT_PROPOSAL_RECIPIENT/],
    [after(offer, 'ACCEPT', { by: alice, stage: 'accepted' }), /NOT_PROPOSAL_RECIPIENT/],
    [after(offer, 'REJECT', { by: alice, stage: 'rejected' }), /NOT_PROPOSAL_RECIPIENT/],
    [after(offer, 'WITHDRAW', { stage: 'withdrawn' }), /NOT_PROPOSAL_PROPOSER/],
    [after(accepted, 'COMPLETE', { ...stranger, stage: 'claimed' }), /NOT_PROPOSAL_PARTY/],
    [after(claimed, 'CONFIRM', { stage: 'completed' }), /NOT_PROPOSAL_COUNTERPARTY/],
    [after(claimed, 'COMPLETE', { stage: 'completed' }), /NOT_PROPOSAL_COUNTERPARTY/],
    [after(offer, 'COMPLETE', { stage: 'claimed' }), /PROPOSAL_NOT_ACCEPTED/],
    [after(accepted, 'CONFIRM', { by: alice, stage: 'completed' }), /PROPOSAL_NOT_CLAIMED/],
    [after(accepted, 'FUNDED', { ...stranger, stage: 'accepted' }), /PROPOSAL_NOT_HELD/],
    [after(completed, 'DISPUTE', { stage: 'disputed', own: { reason: 'no' } }), /NOT_ACCEPTED/],
    [after(offered, 'SETTLE', { ...half, stage: 'settled' }), /status/],
    [after(offered, 'SETTLE', { stage: 'settled', own: { outcome: 'all' } }), /status/],
    [after(disputed, 'SETTLE', { stage: 'settled' }), /outcome/],
    [after(disputed, 'SETTLE', { stage: 'settled', own: { outcome: '' } }), /outcome/],
    [after(accepted, 'DISPUTE', { stage: 'disputed' }), /reason/],
    [after(proposed({ to: '#jobs' }), 'ACCEPT', { by: alice, stage: 'accepted' }), /RECIPIENT/],
    [proposed({ to: alice.public.id }), /own proposer/],
  ]
  for (const [deal, why] of wrong) expect(faultOf(deal)).toMatch(why)
})

test('time ends only what it can, and not too early', () => {
  const day = after(proposed({ confirm_seconds: 60 }), 'ACCEPT', { stage: 'accepted' })
  const until = startMs + 2_000 + 60_000
  const claim = after(day, 'COMPLETE', { stage: 'claimed', told: { until } })
  expect(faultOf(timePassed(claim, 'claimed', 'completed', 62))).toBeUndefined()
  expect(faultOf(timePassed(claim, 'claimed', 'completed', 61))).toMatch(/not over/)
  expect(faultOf(timePassed(claim, 'accepted', 'expired', 62))).toMatch(/ends nothing/)
  expect(faultOf(timePassed(claim, 'claimed', 'expired', 62))).toMatch(/status/)
  expect(faultOf(timePassed(disputed, 'disputed', 'completed', 90))).toMatch(/ends nothing/)
  const short = after(day, 'COMPLETE', { stage: 'claimed', told: { until: until - 1 } })
  const none = after(day, 'COMPLETE', { stage: 'claimed', told: { until: undefined } })
  // Where no other time was signed there is a day to dispute.
  const unsaid = after(proposed(), 'ACCEPT', { stage: 'accepted' })
  const soon = { until: startMs + 2_000 + 86_399_000 }
  const sooner = after(unsaid, 'COMPLETE', { stage: 'claimed', told: soon })
  for (const deal of [short, none, sooner]) expect(faultOf(deal)).toMatch(/less time/)
  const late = after(timePassed(offer, 'pending', 'expired', 60), 'ACCEPT', {
    stage: 'accepted',
    told: { updated_at: startMs + 61_000 },
  })
  expect(faultOf(late)).toMatch(/PROPOSAL_EXPIRED/)
})

test('what is no chain at all is a fault, never an exception', () => {
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
  const many = Array.from({ length: 10_000 }, () => offer.chain[0])
  for (const chain of [
    [],
    [null],
    [7],
    [[]],
    ['PROPOSAL'],
    [{}],
    [deep],
    many,
    [{ terms: deep }],
  ]) {
    expect(faultOf(retold(offer, chain))).toBeDefined()
  }
  for (const chain of [undefined, null, 7, 'text', {}] as unknown as unknown[][]) {
    expect(checkChain(chain, { serverName })).toHaveProperty('fault')
  }
  const withDeepTerms = { ...offer.chain[0], terms: deep }
  expect(faultOf(retold(offer, [withDeepTerms]))).toMatch(/deep/)
})

test('fields of any shape are a fault, or change nothing', () => {
  const frames = settled.chain.flatMap((frame) => Object.keys(frame))
  const hard = fc.constantFrom<unknown>(null, [], {}, '', -1, 0.5, { toString: 1 }, { toJSON: 1 })
  const value = fc.oneof(hard, fc.jsonValue({ maxDepth: 3 }))
  const honest = check(settled)
  fc.assert(
    fc.property(
      fc.nat(settled.chain.length - 1),
      fc.constantFrom(...frames),
      value,
      (index, name, given) => {
        const checked = check(changed(settled, index, { [name]: given }))
        if ('fault' in checked) expect(checked.fault).toMatch(/\.$/)
        else expect(checked).toMatchObject({ id: settled.id, link: settled.link })
      },
    ),
    { numRuns: 500, seed: 7 },
  )
  expect(honest).not.toHaveProperty('fault')
})

test('a true chain tells what was signed, and where it leads', () => {
  expect(check(settled)).toMatchObject({
    id: settled.id,
    hash: settled.hash,
    version: 'v1',
    stage: 'settled',
    status: 'settled',
    from: alice.public.id,
    to: bob.public.id,
    link: settled.link,
    position: 16,
    unsigned: [],
    proposal: {
      to: bob.public.id,
      task: 'translate',
      amount: '0.05',
      currency: 'SOL',
      paymentCode: 'x:alice',
      terms,
      expiresAtMs: startMs + 60_000,
      expiresSeconds: null,
      dueSeconds: 600,
      confirmSeconds: null,
      at: startMs,
    },
    steps: [
      { type: 'ACCEPT', by: bob.public.id, stage: 'accepted', at: startMs + 1_000, version: 'v1' },
      { type: 'COMPLETE', proof: 'here', stage: 'claimed' },
      { type: 'DISPUTE', by: alice.public.id, reason: 'no', stage: 'disputed' },
      { type: 'SETTLE', outcome: 'half', stage: 'disputed' },
      { type: 'SETTLE', outcome: 'half', stage: 'settled', position: 16 },
    ],
  })
  expect(check(claimed)).toMatchObject({
    stage: 'claimed',
    status: 'accepted',
    awaiting: 'confirmation',
  })
  expect(check(completed)).not.toHaveProperty('awaiting')
})

test('an open offer belongs to whoever takes it', () => {
  const open = proposed({ to: '#jobs' })
  expect(check(open)).toMatchObject({ to: null, proposal: { to: '#jobs' } })
  const taken = after(open, 'ACCEPT', { by: mallory, stage: 'accepted' })
  expect(check(taken)).toMatchObject({ to: mallory.public.id, stage: 'accepted' })
  const withdrawn = after(open, 'WITHDRAW', { by: alice, stage: 'withdrawn' })
  expect(check(withdrawn)).toMatchObject({ to: null, stage: 'withdrawn' })
})

test('an escrow signs before it begins; that it is the escrow, the server says', () => {
  const held = after(offer, 'ACCEPT', { stage: 'awaiting_escrow' })
  expect(check(held)).toMatchObject({ status: 'accepted', awaiting: 'escrow' })
  const own = { reference: 'vault 7' }
  const funded = after(held, 'FUNDED', {
    by: mallory,
    stage: 'accepted',
    own,
    told: { until: startMs + 2_000 + 600_000 },
  })
  expect(check(funded)).toMatchObject({
    stage: 'accepted',
    steps: [{ type: 'ACCEPT' }, { type: 'FUNDED', by: mallory.public.id, ...own }],
  })
})
