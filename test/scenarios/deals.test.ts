// Deals: proposed to who is away, offered to a channel, done and confirmed, disputed, or forgotten by time.

import { describe, expect, test } from 'vitest'
import { verifyBytes } from '../kit/checking.ts'
import { drivers, inTown } from '../kit/drivers.ts'

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'a proposal waits for who is away, its answers for who made it, over restarts, and all of it verifies',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      await bob.leaves()
      const terms = { pages: 3 }
      const made = await alice.proposes(bob, 'translate the page', { amount: '0.05', terms })
      await alice.says(bob, 'no hurry')
      await here.restart()

      const worker = await bob.again()
      await worker.asks('RESUME', {})
      const heard = (await worker.heardSoFar()).map(({ type }) => type)
      expect(heard).toEqual(['PROPOSAL', 'MSG'])
      const accepted = await worker.step('ACCEPT', made, { payment_code: 'iban:DE02' })
      const claimed = await worker.step('COMPLETE', accepted, { proof: 'see the page' })
      const early = worker.signedStep('CONFIRM', claimed) as never
      const refusal = await worker.refused('INVALID_PROPOSAL', 'CONFIRM', early)
      expect(refusal.message).toBe('NOT_PROPOSAL_COUNTERPARTY')
      await here.restart()

      const buyer = await alice.again()
      await buyer.asks('RESUME', {})
      const news = (await buyer.heardSoFar()).map(({ type }) => type)
      expect(news).toEqual(['PROPOSAL', 'MSG', 'ACCEPT', 'COMPLETE'])
      expect(await buyer.step('CONFIRM', claimed)).toMatchObject({ status: 'completed' })
      const { proposal_id } = made
      const { chain, proposal } = await buyer.asks('GET_PROPOSAL', { proposal_id })
      expect(chain.map(({ type }) => type)).toEqual(['PROPOSAL', 'ACCEPT', 'COMPLETE', 'CONFIRM'])
      const { link } = proposal
      expect(verifyBytes(here.driver, chain)).toEqual({ faults: [], link })
    }),
  )

  test(
    'an offer in a channel is the first taker’s, and the others hear only that it is closed',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      const carol = await here.keyed('carol')
      for (const agent of [alice, bob, carol]) await agent.join('#bounties')
      const offer = await alice.proposes('#bounties', 'translate the page')
      const [toBob, toCarol] = [await bob.heard('PROPOSAL'), await carol.heard('PROPOSAL')]
      expect(toBob).toEqual(toCarol)
      const taken = await bob.step('ACCEPT', offer)
      expect(taken).toMatchObject({ to: bob.id, channel: '#bounties' })
      const late = carol.signedStep('ACCEPT', offer) as never
      const refusal = await carol.refused('INVALID_PROPOSAL', 'ACCEPT', late)
      expect(refusal.message).toBe('PROPOSAL_NOT_PENDING')
      const closed = await carol.heard('OFFER_CLOSED')
      expect(closed).toMatchObject({ proposal_id: offer.proposal_id, status: 'accepted' })
      expect(JSON.stringify(closed)).not.toContain(bob.id)
      expect(await alice.heard('ACCEPT')).toMatchObject({ by: bob.id })

      const disputed = await alice.step('DISPUTE', taken, { reason: 'nothing came' })
      const offered = await alice.step('SETTLE', disputed, { outcome: 'nothing is paid' })
      const settled = await bob.step('SETTLE', offered, { outcome: 'nothing is paid' })
      expect(settled.status).toBe('settled')
      await carol.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id: offer.proposal_id })
      await carol.heardNothing()
    }),
  )

  test(
    'a claim that nobody disputes stands, and what nobody answers expires; both parties hear of it',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      const made = await alice.proposes(bob, 'translate the page', { confirm_seconds: 30 })
      await bob.step('COMPLETE', await bob.step('ACCEPT', made))
      const unanswered = await alice.proposes(bob, 'explain the page', { expires: 60 })
      await here.clock.advance(61_000)
      for (const agent of [alice, bob]) {
        const { proposal_id } = made
        const stands = { proposal_id, status: 'completed', was: 'claimed' } as const
        await agent.heard('TIME_UP', stands)
        await agent.heard('TIME_UP', { proposal_id: unanswered.proposal_id, status: 'expired' })
      }
      const { list } = await bob.asks('LIST_PROPOSALS', {})
      expect(list.map(({ status }) => status)).toEqual(['expired', 'completed'])
    }),
  )

  test(
    'agents of the older wire deal as they always did, and are told at their login what they missed',
    inTown(town, async (here) => {
      const olga = await here.keyed('olga', { version: 'v0' })
      const oscar = await here.keyed('oscar', { version: 'v0' })
      await oscar.leaves()
      const made = await olga.proposes('@oscar', 'translate', { amount: 5, currency: 'SOL' })
      const again = await olga.proposes('@oscar', 'translate', { amount: 5, currency: 'SOL' })
      expect(again).toMatchObject({ proposal_id: made.proposal_id, repeat: true })
      const back = await oscar.again()
      const heard = await back.heard('PROPOSAL')
      expect(heard).toMatchObject({ id: made.proposal_id, sig_to: '@oscar', replay: true })
      await back.step('ACCEPT', made)
      await olga.heard('ACCEPT', { by: oscar.id })
      await back.step('COMPLETE', made, { proof: 'done' })
      const done = await olga.heard('COMPLETE')
      expect(done).toMatchObject({ status: 'completed', completed_by: oscar.id })
      await back.heardSoFar()
      await olga.refused('V1_REQUIRED', 'SETTLE', {
        proposal_id: made.proposal_id,
        outcome: 'x',
        sig: 'x',
      })
    }),
  )
})
