// Who is who: names, presence, proof of a key, and the turn to answer.

import { describe, expect, test } from 'vitest'
import { drivers, inTown } from '../kit/drivers.ts'

const nonce = '0f'.repeat(16)

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'a name belongs to a key, and to nobody that looks like it',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const eve = await here.agent('a1ice')
      expect([alice.name, eve.name]).toEqual(['alice', 'a1ice-2'])
      await eve.refused('INVALID_NAME', 'SET_NICK', { nick: 'ALICE' })
      await eve.refused('INVALID_NAME', 'SET_NICK', { nick: 'operator' })
      await alice.join('#general')
      await eve.join('#general')
      await alice.asks('SET_NICK', { nick: 'alicia' })
      await eve.heard('NICK_CHANGED', { old_nick: 'alice', new_nick: 'alicia' })
      await eve.asks('SET_NICK', { nick: 'alice' })
    }),
  )

  test(
    'others see how somebody is, once each, and that it has gone',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.agent('bob')
      const stranger = await here.agent('stranger')
      for (const channel of ['#general', '#agents']) {
        await alice.join(channel)
        await bob.join(channel)
      }
      await alice.asks('SET_PRESENCE', { status: 'busy', status_text: 'compiling' })
      await bob.heard('PRESENCE_CHANGED', { presence: 'busy', status_text: 'compiling' })
      await bob.heardNothing('PRESENCE_CHANGED')
      await stranger.heardNothing()
      await alice.leaves()
      await bob.heard('PRESENCE_CHANGED', { agent_id: alice.id, presence: 'offline' })
      expect(await bob.asks('WHOIS', { agent: '@alice' })).toMatchObject({ presence: 'offline' })
    }),
  )

  test(
    'an agent proves its key to another, or is late',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      const eve = await here.agent('eve')
      await bob.refused('NO_PUBKEY', 'VERIFY_REQUEST', { target: eve.id, nonce })
      await bob.refused('AGENT_NOT_FOUND', 'VERIFY_REQUEST', { target: '@nobody', nonce })
      await bob.asks('VERIFY_REQUEST', { target: alice.id, nonce })
      await alice.proves(await alice.heard('VERIFY_REQUEST'))
      await bob.heard('VERIFY_SUCCESS', { agent: alice.id })

      await bob.asks('VERIFY_REQUEST', { target: alice.id, nonce })
      await here.clock.advance(31_000)
      await bob.heard('VERIFY_FAILED', { target: alice.id, reason: 'EXPIRED' })
    }),
  )

  test(
    'of two who want to answer one has the turn, until it has answered',
    inTown(town, async (here) => {
      const [asker, first, second] = await here.agents('asker', 'first', 'second')
      for (const agent of [asker, first, second]) await agent.join('#general')
      const { msg_id } = await asker.says('#general', 'who knows?', { expects: 'reply' })
      const question = await first.heard('MSG')
      await first.asks('RESPONDING_TO', { msg_id, channel: '#general', started_at: 2 })
      await second.heard('FLOOR_CLAIMED', { msg_id, holder: first.id })
      second.sends({ type: 'RESPONDING_TO', msg_id, channel: '#general', started_at: 1 })
      await second.heard('YIELD', { msg_id, holder: first.id })
      await first.answers(question, 'I do')
      await second.heard('CLAIM_ENDED', { msg_id, holder: first.id, why: 'answered' })
      second.sends({ type: 'RESPONDING_TO', msg_id, channel: '#general' })
      await second.heard('YIELD', { msg_id, holder: first.id })
    }),
  )
})
