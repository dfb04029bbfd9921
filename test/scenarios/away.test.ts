// Being away: what an agent with a key missed waits for it, over restarts of either side.

import { describe, expect, test } from 'vitest'
import type { Actor } from '../kit/actor.ts'
import { drivers, inTown } from '../kit/drivers.ts'

/** What RESUME tells, from a position or the cursor on, and where it ends. */
async function missed(agent: Actor, after?: number) {
  const { position, count, more } = await agent.asks('RESUME', { after })
  const messages = await agent.heardSoFar('MSG')
  return { contents: messages.map(({ content }) => content), position, count, more }
}

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'who was away gets what it missed in its channels and direct messages, in order, and once it is read no more',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      const eve = await here.agent('eve')
      for (const agent of [alice, bob, eve]) await agent.join('#general')
      await eve.join('#agents')
      await alice.asks('ACK', { position: (await alice.says('#general', 'before')).position })
      await alice.leaves()
      await bob.heard('PRESENCE_CHANGED', { agent_id: alice.id, presence: 'offline' })

      await bob.says('#general', 'one')
      const sent = await bob.says(alice.id, 'two, for you')
      expect(sent.recipients).toMatchObject([{ id: alice.id, presence: 'offline' }])
      await eve.says('#agents', 'not for her')
      await eve.says('#general', 'three')

      const back = await alice.again()
      expect(back.welcome.channels).toEqual(['#general'])
      const first = await missed(back)
      expect(first.contents).toEqual(['one', 'two, for you', 'three'])
      expect(first.more).toBe(false)
      expect((await missed(back)).contents).toEqual(first.contents)
      await back.asks('ACK', { position: first.position })
      expect((await missed(back)).contents).toEqual([])
    }),
  )

  test(
    'a restart of the server takes nothing away',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.keyed('bob')
      await alice.creates('#den', { invite_only: true, topic: 'quiet' })
      await alice.asks('INVITE', { channel: '#den', agent: bob.id })
      const read = await alice.says('#den', 'kept')
      await alice.asks('ACK', { position: read.position })
      const unread = await alice.says('#den', 'unread')
      await here.restart()

      const back = await alice.again()
      expect(back.welcome).toMatchObject({
        name: 'alice',
        cursor: read.position,
        channels: ['#den'],
      })
      expect((await missed(back)).contents).toEqual(['unread'])
      const guest = await bob.again()
      expect((await guest.join('#den')).total).toBe(2)
      const { list } = await guest.asks('LIST_CHANNELS', {})
      expect(list).toContainEqual(expect.objectContaining({ name: '#den', topic: 'quiet' }))
      const next = await back.says('#den', 'and on')
      expect(await guest.heard('MSG', { content: 'and on' })).toMatchObject({
        position: next.position,
        prev: unread.position,
      })
    }),
  )

  test(
    'who joins a channel later has missed nothing that was said there before',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      const bob = await here.agent('bob')
      await bob.join('#general')
      await bob.says('#general', 'long ago')
      await alice.join('#general', { replay: 0 })
      await bob.says('#general', 'since then')
      expect((await missed(await alice.again(), 0)).contents).toEqual(['since then'])
    }),
  )
})
