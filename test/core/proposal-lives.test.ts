// The lives of proposals, branch by branch: where each step leads, what is told of it, and to whom.

import { describe, expect, test } from 'vitest'
import { verifyBytes } from '../kit/checking.ts'
import { dealAt, dealNews, dealWords, market, recordOf, stageOf } from '../kit/deals.ts'
import { keyPairOf } from '../kit/identity.ts'

describe('a proposal', () => {
  test('is heard by both parties with all that was said and signed, and by nobody else', async () => {
    const { town, alice, bob, trent, eve } = await market()
    const terms = { pages: 3, languages: ['de', 'en'] }
    const more = { amount: '0.05', currency: 'SOL', payment_code: 'iban:DE02', terms }
    const times = { expires: 3_600, due_seconds: 60, confirm_seconds: 30 }
    const made = await alice.proposes(bob, 'translate the page', { ...more, ...times })
    const heard = await bob.heard('PROPOSAL')
    expect(heard).toMatchObject({ ...more, due_seconds: 60, confirm_seconds: 30 })
    expect(heard).toMatchObject({
      id: made.proposal_id,
      proposal_id: made.proposal_id,
      hash: made.hash,
      from: alice.id,
      to: bob.id,
      task: 'translate the page',
      payment: { scheme: 'iban', checked: false },
      status: 'pending',
      expires: town.clock.now() + 3_600_000,
      until: town.clock.now() + 3_600_000,
      sig_version: 'v1',
      key: keyPairOf('alice').text,
      position: made.position,
    })
    expect(heard.unsigned).toBeUndefined()
    expect(await alice.heard('PROPOSAL')).toEqual(heard)
    expect(made).toMatchObject({ status: 'pending', version: 'v1', from: alice.id, to: bob.id })
    expect(made).toMatchObject({ task: 'translate the page', amount: '0.05', currency: 'SOL' })
    for (const actor of [alice, bob, trent, eve]) await actor.heardNothing()
  })

  test('brings nothing that nobody has signed', async () => {
    const { alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', { elo_stake: 10 })
    await bob.step('ACCEPT', made, { elo_stake: 10 })
    expect((await bob.heard('PROPOSAL')).elo_stake).toBeUndefined()
    expect((await alice.heard('ACCEPT')).elo_stake).toBeUndefined()
  })

  test('is named by the hash of what was signed: other terms are another proposal', async () => {
    const { alice, bob } = await market()
    const one = await alice.proposes(bob, 'translate', { terms: 'three pages' })
    const other = await alice.proposes(bob, 'translate', { terms: 'four pages' })
    expect(one.proposal_id).toMatch(/^[0-9a-f]{64}$/)
    expect(one.proposal_id).not.toBe(other.proposal_id)
    expect(Buffer.from(one.hash, 'base64url').toString('hex')).toBe(one.proposal_id)
    expect(one.link).toBe(one.hash)
  })

  test('is listed by its first 200 characters, and kept whole', async () => {
    const { alice, bob } = await market()
    const task = '😀'.repeat(300)
    const made = await alice.proposes(bob, task)
    expect(made.task).toBe('😀'.repeat(200))
    expect((await bob.heard('PROPOSAL')).task).toBe(task)
  })

  test('rejected or withdrawn is over, with or without a reason', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const first = await dealAt('pending', place)
    const rejected = await bob.step('REJECT', first, { reason: 'no time' })
    expect(rejected).toMatchObject({ status: 'rejected' })
    expect(rejected.until).toBeUndefined()
    const heard = await alice.heard('REJECT')
    expect(heard).toMatchObject({ by: bob.id, to: bob.id, reason: 'no time', status: 'rejected' })
    const second = await dealAt('pending', place, { terms: 'again' })
    await alice.step('WITHDRAW', second)
    expect(await bob.heard('WITHDRAW')).toMatchObject({ by: alice.id, to: bob.id, reason: null })
    expect([stageOf(town, first), stageOf(town, second)]).toEqual(['rejected', 'withdrawn'])
  })

  test('accepted, claimed and confirmed is completed; each step names the one before', async () => {
    const place = await market()
    const { alice, bob, eve } = place
    const made = await dealAt('pending', place)
    const accepted = await bob.step('ACCEPT', made, { payment_code: 'iban:DE02' })
    expect(accepted).toMatchObject({ status: 'accepted' })
    expect(accepted.awaiting).toBeUndefined()
    expect(await alice.heard('ACCEPT')).toMatchObject({
      by: bob.id,
      link: made.hash,
      payment_code: 'iban:DE02',
      payment: { scheme: 'iban', checked: false },
      sig_version: 'v1',
      key: keyPairOf('bob').text,
    })
    const claimed = await bob.step('COMPLETE', accepted, { proof: 'see the page' })
    expect(claimed).toMatchObject({ status: 'accepted', awaiting: 'confirmation' })
    expect(await alice.heard('COMPLETE')).toMatchObject({
      link: accepted.link,
      status: 'accepted',
      awaiting: 'confirmation',
      proof: 'see the page',
      completed_by: bob.id,
    })
    const done = await alice.step('CONFIRM', claimed)
    expect(done).toMatchObject({ status: 'completed' })
    expect(done.awaiting ?? done.until).toBeUndefined()
    expect(await bob.heard('CONFIRM')).toMatchObject({ by: alice.id, link: claimed.link })
    await eve.heardNothing()
  })

  test('that both parties say is done is completed, whoever says it first', async () => {
    const place = await market()
    const { town, alice, bob } = place
    for (const [first, second] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const accepted = await dealAt('accepted', place, { terms: first.name })
      const claimed = await first.step('COMPLETE', accepted)
      expect(stageOf(town, claimed)).toBe('claimed')
      // What the second signed before it knew of the first is behind another step than it names.
      const early = second.signedStep('COMPLETE', accepted)
      expect(await second.refused('INVALID_PROPOSAL', 'COMPLETE', early as never)).toMatchObject({
        message: 'PROPOSAL_CHANGED',
      })
      expect(await second.step('COMPLETE', claimed)).toMatchObject({ status: 'completed' })
    }
  })

  test('disputed is settled once both have signed the same outcome, and not before', async () => {
    const place = await market()
    const { alice, bob } = place
    const disputed = await dealAt('disputed', place)
    expect(disputed).toMatchObject({ status: 'disputed' })
    expect(disputed.until).toBeUndefined()
    expect(await bob.heard('DISPUTE')).toMatchObject({
      reason: 'nothing came',
      disputed_by: alice.id,
    })
    let now = await alice.step('SETTLE', disputed, { outcome: 'all is paid back' })
    now = await bob.step('SETTLE', now, { outcome: 'half is paid' })
    now = await bob.step('SETTLE', now, { outcome: 'a third is paid' })
    now = await alice.step('SETTLE', now, { outcome: 'half is paid' })
    expect(now).toMatchObject({ status: 'disputed' })
    now = await bob.step('SETTLE', now, { outcome: 'half is paid' })
    expect(now).toMatchObject({ status: 'settled' })
    const told = (await alice.heardSoFar('SETTLE')).map(({ by, status }) => [by, status])
    expect(told.at(-1)).toEqual([bob.id, 'settled'])
    expect(told.slice(0, -1).every(([, status]) => status === 'disputed')).toBe(true)
  })

  test('can be disputed by either party, also the one that has claimed, and its claim is gone', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const plain = await dealAt('accepted', place, { terms: 'one' })
    expect(await bob.step('DISPUTE', plain, { reason: 'no' })).toMatchObject({ status: 'disputed' })
    const claimed = await dealAt('claimed', place, { terms: 'two' })
    const disputed = await bob.step('DISPUTE', claimed, { reason: 'a slip' })
    expect(recordOf(town, disputed.proposal_id).claimant).toBeFalsy()
    // Who has claimed may agree to the outcome all the same.
    const offered = await alice.step('SETTLE', disputed, { outcome: 'nothing is paid' })
    expect(await bob.step('SETTLE', offered, { outcome: 'nothing is paid' })).toMatchObject({
      status: 'settled',
    })
  })
})

describe('the older wire', () => {
  async function older() {
    const place = await market()
    const olga = await place.town.keyed('olga', { version: 'v0' })
    const oscar = await place.town.keyed('oscar', { version: 'v0' })
    return { ...place, olga, oscar }
  }

  test('completes a proposal of its own at once', async () => {
    const { olga, oscar } = await older()
    const made = await olga.proposes('@oscar', 'translate', { amount: 5, expires: 60, terms: 'x' })
    expect(made).toMatchObject({ version: 'v0', to: oscar.id, amount: 5 })
    expect(made.proposal_id).toMatch(/^prop_[0-9a-f]{32}$/)
    const heard = await oscar.heard('PROPOSAL')
    expect(heard).toMatchObject({ to: oscar.id, sig_to: '@oscar', sig_expires: 60, terms: 'x' })
    expect(heard).toMatchObject({ sig_version: 'v0', unsigned: ['terms'] })
    expect(heard.sig_ts).toBeUndefined()
    const accepted = await oscar.step('ACCEPT', made, { elo_stake: 10 })
    expect(await olga.heard('ACCEPT')).toMatchObject({ elo_stake: 10, sig_version: 'v0' })
    expect(await olga.step('COMPLETE', accepted)).toMatchObject({ status: 'completed' })
    const news = await oscar.heard('COMPLETE')
    expect(news).toMatchObject({ status: 'completed', completed_by: olga.id, proof: null })
    expect(news.link).toBeUndefined()
  })

  test('knows rejecting and disputing, too', async () => {
    const { olga, oscar } = await older()
    const one = await olga.proposes(oscar, 'one')
    expect(await oscar.step('REJECT', one)).toMatchObject({ status: 'rejected' })
    const other = await olga.proposes(oscar, 'two')
    await oscar.step('ACCEPT', other)
    await olga.step('DISPUTE', other, { reason: 'late' })
    expect(await oscar.heard('DISPUTE')).toMatchObject({ reason: 'late', disputed_by: olga.id })
  })

  test('deals with the newer one: its COMPLETE of a newer proposal is a claim, or confirms one', async () => {
    const { town, alice, olga } = await older()
    const made = await alice.proposes(olga, 'translate', { confirm_seconds: 60 })
    await olga.step('ACCEPT', made)
    const claimed = await olga.step('COMPLETE', made)
    expect(claimed).toMatchObject({ status: 'accepted', awaiting: 'confirmation' })
    expect(await alice.step('CONFIRM', claimed)).toMatchObject({ status: 'completed' })
    const second = await alice.proposes(olga, 'translate more')
    const accepted = await olga.step('ACCEPT', second)
    await alice.step('COMPLETE', accepted)
    expect(await olga.step('COMPLETE', second)).toMatchObject({ status: 'completed' })
    expect(stageOf(town, second)).toBe('completed')
  })

  test('is completed at once by a newer party as well', async () => {
    const { bob, olga } = await older()
    const made = await olga.proposes(bob, 'translate')
    const accepted = await bob.step('ACCEPT', made)
    expect(await bob.step('COMPLETE', accepted)).toMatchObject({ status: 'completed' })
  })
})

test('all steps of a life verify against the keys they name, and hang together', async () => {
  const place = await market()
  const { town, alice, bob } = place
  const disputed = await dealAt('disputed', place, { amount: '2', terms: { pages: 3 } })
  const offered = await bob.step('SETTLE', disputed, { outcome: 'half is paid' })
  await alice.step('SETTLE', offered, { outcome: 'half is paid' })
  const { chain, proposal } = await bob.asks('GET_PROPOSAL', { proposal_id: disputed.proposal_id })
  expect(verifyBytes(town.driver, chain)).toEqual({ faults: [], link: proposal.link })
})

test('a name that changes, or passes to another, changes nothing of a proposal', async () => {
  const place = await market()
  const { alice, bob, eve } = place
  const made = await dealAt('pending', place)
  await bob.asks('SET_NICK', { nick: 'robert' })
  await eve.asks('SET_NICK', { nick: 'bob' })
  await eve.heardSoFar()
  await eve.refused('INVALID_PROPOSAL', 'ACCEPT', eve.signedStep('ACCEPT', made) as never)
  expect(await bob.step('ACCEPT', made)).toMatchObject({ to: bob.id, status: 'accepted' })
  expect(await dealWords(alice)).toEqual(['PROPOSAL', 'ACCEPT'])
  expect(await dealNews(eve)).toEqual([])
})
