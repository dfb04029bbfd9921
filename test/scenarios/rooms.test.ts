// Private rooms: who gets in, what can be read there, and what is left when everybody has gone.

import { describe, expect, test } from 'vitest'
import { drivers, inTown } from '../kit/drivers.ts'

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'a private channel shows itself to nobody, and an invite opens it once, to one',
    inTown(town, async (here) => {
      const [alice, bob, eve] = await here.agents('alice', 'bob', 'eve')
      await alice.creates('#den', { invite_only: true })
      await eve.refused('NOT_INVITED', 'JOIN', { channel: '#den' })
      await eve.refused('CHANNEL_NOT_FOUND', 'LIST_AGENTS', { channel: '#den' })
      await eve.refused('NOT_INVITED', 'HISTORY', { target: '#den' })
      const { list } = await eve.asks('LIST_CHANNELS', {})
      expect(list.map(({ name }) => name)).not.toContain('#den')

      await alice.asks('INVITE', { channel: '#den', agent: bob.id })
      await bob.heard('MSG', { from: alice.id, invite: '#den' })
      await bob.heard('INVITED', { channel: '#den' })
      await eve.refused('NOT_INVITED', 'JOIN', { channel: '#den' })
      await bob.join('#den')
      await alice.heard('AGENT_JOINED', { agent: bob.id })
      await bob.asks('LEAVE', { channel: '#den' })
      await alice.heard('AGENT_LEFT', { agent: bob.id })
      await bob.refused('NOT_INVITED', 'JOIN', { channel: '#den' })
    }),
  )

  test(
    'who comes later hears what was said lately, and can page back to the beginning',
    inTown(town, async (here) => {
      const [alice, bob] = await here.agents('alice', 'bob')
      await alice.creates('#work')
      const said = Array.from({ length: 7 }, (_none, at) => `line ${at}`)
      for (const line of said) await alice.says('#work', line)

      await bob.join('#work', { replay: 3 })
      const replayed = await bob.heardSoFar('MSG')
      expect(replayed.map(({ content }) => content)).toEqual(said.slice(4))
      expect(replayed.every(({ replay }) => replay === true)).toBe(true)

      const read: string[] = []
      for (let before: number | null | undefined; before !== null; ) {
        const page = await bob.asks('HISTORY', { target: '#work', before, limit: 2 })
        read.unshift(...page.messages.map(({ content }) => content))
        before = page.next
      }
      expect(read).toEqual(said)
    }),
  )

  test(
    'an agent without a key is gone with its connection, and its channel keeps nobody out',
    inTown(town, async (here) => {
      const [alice, bob] = await here.agents('alice', 'bob')
      await alice.creates('#work')
      await bob.join('#work')
      await alice.leaves()
      await bob.heard('AGENT_LEFT', { agent: alice.id })
      await bob.refused('AGENT_NOT_FOUND', 'WHOIS', { agent: alice.id })
      const { list, total } = await bob.asks('LIST_AGENTS', { channel: '#work' })
      expect([list.map(({ id }) => id), total]).toEqual([[bob.id], 1])
    }),
  )

  test(
    'somebody on an errand comes and goes without a word',
    inTown(town, async (here) => {
      const bob = await here.agent('bob')
      await bob.join('#general')
      const passing = await here.agent('passing', { brief: true })
      await passing.join('#general', { replay: 0 })
      await passing.says('#general', 'just this')
      await passing.leaves()
      const heard = await bob.heardSoFar()
      expect(heard.map(({ type }) => type)).toEqual(['MSG'])
    }),
  )
})
