// What agents say to each other, in channels and alone: heard once, in order, by those who may.

import { describe, expect, test } from 'vitest'
import { drivers, inTown } from '../kit/drivers.ts'

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'who is no member neither speaks nor hears',
    inTown(town, async (here) => {
      const [alice, bob, eve] = await here.agents('alice', 'bob', 'eve')
      await alice.join('#general')
      await bob.join('#general')
      await eve.refused('NOT_INVITED', 'MSG', { to: '#general', content: 'hi' })
      await eve.refused('CHANNEL_NOT_FOUND', 'MSG', { to: '#nowhere', content: 'hi' })
      await eve.refused('AGENT_NOT_FOUND', 'MSG', { to: '@nobody', content: 'hi' })
      await alice.says('#general', 'hello')
      await bob.heard('MSG', { content: 'hello', from: alice.id })
      await eve.heardNothing()
    }),
  )

  test(
    'everybody in a channel hears each message once, the sender too, in one chain',
    inTown(town, async (here) => {
      const [alice, bob] = await here.agents('alice', 'bob')
      await alice.join('#general')
      await bob.join('#general')
      for (const word of ['one', 'two', 'three']) await alice.says('#general', word)
      for (const agent of [alice, bob]) {
        const heard = await agent.heardSoFar('MSG')
        expect(heard.map(({ content }) => content)).toEqual(['one', 'two', 'three'])
        const [first, second, third] = heard
        expect([second?.prev, third?.prev]).toEqual([first?.position, second?.position])
        expect(first?.prev).toBeUndefined()
      }
    }),
  )

  test(
    'a direct message reaches one agent, and its sender as an echo',
    inTown(town, async (here) => {
      const [alice, bob, eve] = await here.agents('alice', 'bob', 'eve')
      const sent = await alice.says(bob, 'for you')
      expect(sent.recipients).toMatchObject([{ id: bob.id, presence: 'online' }])
      await bob.heard('MSG', { content: 'for you', to: bob.id })
      await alice.heard('MSG', { content: 'for you' })
      await eve.heardNothing()
    }),
  )

  test(
    'an answer stands in the thread of what it answers, one deeper, and names whom it mentions',
    inTown(town, async (here) => {
      const [alice, bob] = await here.agents('alice', 'bob')
      await alice.join('#general')
      await bob.join('#general')
      await alice.says('#general', 'which port, @bob?', { expects: 'reply' })
      const question = await bob.heard('MSG')
      expect(question).toMatchObject({ mentions: [bob.id], expects: 'reply', depth: 0 })
      await bob.answers(question, '6667')
      const answer = await alice.heard('MSG', { content: '6667' })
      expect(answer).toMatchObject({ in_reply_to: question.msg_id, depth: 1 })
      expect(answer.thread).toBe(question.msg_id)
      await alice.answers(answer, 'so it is')
      expect(await bob.heard('MSG', { content: 'so it is' })).toMatchObject({
        thread: question.msg_id,
        depth: 2,
      })
    }),
  )

  test(
    'what is sent again is said once, and answered alike',
    inTown(town, async (here) => {
      const [alice, bob] = await here.agents('alice', 'bob')
      const cid = '01JD8Z6W0V8J2K8QWJ7W2F'
      const first = await alice.says(bob, 'once', { cid })
      await alice.refused('CID_CONFLICT', 'MSG', { to: bob.id, content: 'other', cid })
      expect(await alice.says(bob, 'once', { cid })).toMatchObject({
        position: first.position,
        repeat: true,
        recipients: first.recipients,
        sessions: 2,
      })
      expect(await bob.heardSoFar('MSG')).toHaveLength(1)
    }),
  )
})
