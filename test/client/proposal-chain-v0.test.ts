// Proposals and steps of the older wire, checked: what its signatures cover, and what they do not.

import { expect, test } from 'vitest'
import { checkChain } from '../../src/index.ts'
import { after, alice, bob, changed, type Deal, mallory, proposed, startMs } from './kit/deals.ts'
import { serverKeys, serverName } from './kit/hostile.ts'

const legacy = { version: 'v0' } as const
const old = proposed({ terms: 'more', amount: 0.05, expires: 60, elo_stake: 3 }, legacy)
const took = after(old, 'ACCEPT', { ...legacy, stage: 'accepted', own: { payment_code: 'x' } })
const done = after(took, 'COMPLETE', { ...legacy, by: alice, stage: 'completed' })

test('is believed as far as it signs', () => {
  expect(check(done)).toMatchObject({
    version: 'v0',
    stage: 'completed',
    unsigned: ['terms'],
    proposal: { amount: 0.05, terms: null, expiresAtMs: null, expiresSeconds: 60, at: startMs },
  })
  const mixed = after(took, 'DISPUTE', { by: alice, stage: 'disputed', own: { reason: 'no' } })
  expect(check(mixed)).toMatchObject({ stage: 'disputed' })
})

test('names no server: whose key that has makes no difference', () => {
  const { chain } = changed(done, 0, { server_key: mallory.text })
  for (const { text: serverKey } of [serverKeys, mallory]) {
    const checked = checkChain(chain, { serverName, serverKey })
    expect(checked).toMatchObject({ stage: 'completed', unsigned: ['terms', 'server_key'] })
  }
})

test('of its terms anything may be told, and they count for nothing', () => {
  expect(check(changed(old, 0, { terms: 'other' }))).toMatchObject({ proposal: { terms: null } })
})

test.each<[string, object]>([
  ['the task', { task: 'other' }],
  ['the amount', { amount: 0.5 }],
  ['the stake', { elo_stake: 4 }],
  ['the time to answer', { sig_expires: 61 }],
  ['the recipient', { to: mallory.public.id }],
  ['the recipient, as if signed so', { to: mallory.public.id, sig_to: bob.public.id }],
  ['the recipient, as a channel', { to: '#jobs', sig_to: bob.public.id }],
  ['its place', { position: 10 }],
  ['a bar', { task: 'a|b' }],
])('%s is not to be changed', (_what, fields) => {
  expect(faultOf(changed(old, 0, { ...fields }))).toMatch(/^Step 1: /)
})

test('a name may stand for the recipient, and that is said', () => {
  const named = proposed({ to: '@bob' }, legacy)
  const told = changed(named, 0, { to: bob.public.id, sig_to: '@bob' })
  expect(check(told)).toMatchObject({
    to: bob.public.id,
    unsigned: ['to'],
    proposal: { to: '@bob' },
  })
})

test('knows no steps but its own', () => {
  const withdrawn = after(old, 'WITHDRAW', { ...legacy, by: alice, stage: 'withdrawn' })
  expect(faultOf(withdrawn)).toMatch(/knows no such step/)
  expect(faultOf(changed(took, 1, { link: old.hash }))).toMatch(/no "link"/)
})

function check({ chain }: Deal) {
  return checkChain(chain, { serverName })
}

function faultOf(deal: Deal): string | undefined {
  const checked = check(deal)
  return 'fault' in checked ? checked.fault : undefined
}
