// Messages: who may say what where, what each message carries, and reading it back.

import { describe, expect, test } from 'vitest'
import { gistsOf } from '../../src/core/gists.ts'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { provesRefusals } from '../kit/refusals.ts'

const cid = '0123456789abcdefABCDEF'

provesRefusals(
  'messages',
  {
    'MSG CHANNEL_NOT_FOUND': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { to: '#nowhere', content: 'hi' } }
    },
    'MSG NOT_INVITED': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { to: '#general', content: 'hi' } }
    },
    'MSG AGENT_NOT_FOUND': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { to: '@nobody', content: 'hi' } }
    },
    'MSG SIGNATURE_REQUIRED': async (town) => {
      const who = await town.keyed('alice')
      await who.join('#general')
      return { who, fields: { to: '#general', content: 'hi', sig: undefined } }
    },
    'MSG VERIFICATION_FAILED': async (town) => {
      const who = await town.keyed('alice')
      await who.join('#general')
      return { who, fields: { to: '#GENERAL', content: 'hi' } }
    },
    'MSG CID_CONFLICT': async (town) => {
      const who = await town.agent('alice')
      await who.join('#general')
      await who.says('#general', 'one', { cid })
      return { who, fields: { to: '#general', content: 'two', cid } }
    },
    'MSG STALE_VIEW': async (town) => {
      const [alice, who] = await town.agents('alice', 'bob')
      await alice.says(who, 'one')
      return { who, fields: { to: '@alice', content: 'two', if_unseen_after: 1 } }
    },
    'MSG CLAIM_LOST': async (town) => {
      const [alice, who] = await town.agents('alice', 'bob')
      const { msg_id } = await alice.says(who, 'one')
      return { who, fields: { to: '@alice', content: 'two', in_reply_to: msg_id, fence: 1 } }
    },
    'MSG BUDGET_EXHAUSTED': async (town) => {
      const once = { burst: 1, per_hour: 1 }
      const budgets = { agent: once, pair: once, thread: once, depth: 9 }
      town.driver.note('CONFIGURED', { operators: [], budgets })
      const [alice, who] = await town.agents('alice', 'bob')
      const { msg_id } = await alice.says(who, 'one')
      await who.says(alice, 'two', { in_reply_to: msg_id })
      return { who, fields: { to: '@alice', content: 'three', in_reply_to: msg_id } }
    },
    'MSG QUARANTINED': async (town) => {
      const who = await town.agent('alice')
      const content = Array.from({ length: 20 }, (_, nth) => `word${nth}`).join(' ')
      for (const gist of gistsOf(content)) town.driver.world.quarantined.add(gist)
      return { who, fields: { to: '@alice', content } }
    },
    'HISTORY CHANNEL_NOT_FOUND': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { target: '#nowhere' } }
    },
    'HISTORY NOT_INVITED': async (town) => {
      const [alice, who] = await town.agents('alice', 'bob')
      await alice.creates('#work')
      await alice.says('#work', 'between us')
      return { who, fields: { target: '#work' } }
    },
    'HISTORY AGENT_NOT_FOUND': async (town) => {
      const who = await town.agent('alice')
      return { who, fields: { target: '@nobody' } }
    },
  },
  ['MSG RATE_LIMITED'],
)

async function roomOf<const N extends readonly string[]>(...names: N) {
  const town = await coreTown()
  const actors = await town.agents(...names)
  for (const actor of actors) await actor.join('#general')
  for (const actor of actors) await actor.heardSoFar()
  return { town, actors }
}

describe('a message to a channel', () => {
  test('is heard once by every member and by who sent it, all in the same words', async () => {
    const { actors } = await roomOf('alice', 'bob', 'carol')
    const [alice, bob, carol] = actors
    const sent = await alice.says('#GENERAL', 'hello')
    const heard = await bob.heard('MSG')
    expect(heard).toMatchObject({
      from: alice.id,
      from_name: 'alice',
      to: '#general',
      content: 'hello',
      auth: 'anon',
      depth: 0,
      position: sent.position,
      msg_id: sent.msg_id,
      thread: sent.msg_id,
    })
    expect(await alice.heard('MSG')).toEqual(heard)
    expect(await carol.heard('MSG')).toEqual(heard)
    for (const actor of actors) await actor.heardNothing()
  })

  test('without a ref is answered by its echo alone', async () => {
    const { town, actors } = await roomOf('alice')
    actors[0].sends({ type: 'MSG', to: '#general', content: 'hello' })
    await town.settle()
    await actors[0].heard('MSG')
    await actors[0].heardNothing()
  })

  test('is not heard by who is in another channel', async () => {
    const { town, actors } = await roomOf('alice')
    const bob = await town.agent('bob')
    await bob.creates('#work')
    await actors[0].says('#general', 'hello')
    await bob.heardNothing()
  })

  test('takes the next position; the one before it in the same channel is its prev', async () => {
    const { actors } = await roomOf('alice', 'bob')
    const [alice, bob] = actors
    await alice.creates('#work')
    const first = await alice.says('#general', 'one')
    const aside = await alice.says('#work', 'aside')
    const second = await bob.says('#general', 'two')
    expect([aside.position, second.position]).toEqual([first.position + 1, first.position + 2])
    expect((await bob.heard('MSG')).prev).toBeUndefined()
    expect((await bob.heard('MSG')).prev).toBe(first.position)
    expect((await alice.heard('MSG', { content: 'aside' })).prev).toBeUndefined()
  })

  test('tells its sender how many connections hear it', async () => {
    const { actors } = await roomOf('alice', 'bob', 'carol')
    expect((await actors[0].says('#general', 'hi')).sessions).toBe(3)
  })
})

describe('a direct message', () => {
  test('is heard by both, on every connection of theirs, and by nobody else', async () => {
    const town = await coreTown()
    const [alice, carol] = await town.agents('alice', 'carol')
    const bob = await town.keyed('bob')
    const second = await bob.again()
    await alice.says('@bob', 'psst')
    for (const actor of [alice, bob, second]) {
      expect(await actor.heard('MSG')).toMatchObject({ to: bob.id, content: 'psst' })
      await actor.heardNothing()
    }
    await carol.heardNothing()
  })

  test('has its own chain of prev with each agent, in both directions', async () => {
    const town = await coreTown()
    const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
    const one = await alice.says(bob, 'one')
    await alice.says(carol, 'aside')
    const two = await bob.says(alice, 'two')
    await alice.says(bob, 'three')
    const prevs = (await bob.heardSoFar('MSG')).map(({ prev }) => prev)
    expect(prevs).toEqual([undefined, one.position, two.position])
    expect((await carol.heard('MSG')).prev).toBeUndefined()
  })

  test('to oneself is heard once', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    await alice.says(alice, 'remember')
    expect(await alice.heardSoFar('MSG')).toHaveLength(1)
  })

  test('says at once whether the addressee is online, and since when it is not', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const bob = await town.keyed('bob')
    const online = await alice.says(bob, 'there?')
    expect(online.recipients).toEqual([
      { id: bob.id, name: 'bob', presence: 'online', delivered: true },
    ])
    await bob.leaves()
    const away = await alice.says(bob, 'still there?')
    expect(away.recipients[0]).toMatchObject({
      presence: 'offline',
      delivered: false,
      last_seen: expect.any(Number),
    })
    expect(away.sessions).toBe(1)
  })
})

describe('a thread', () => {
  test('has the msg_id of its root, and every answer is one deeper', async () => {
    const { actors } = await roomOf('alice', 'bob')
    const [alice, bob] = actors
    await alice.says('#general', 'question')
    const root = await bob.heard('MSG')
    await bob.answers(root, 'answer')
    await bob.heard('MSG')
    await alice.heard('MSG')
    const answer = await alice.heard('MSG')
    expect(answer).toMatchObject({ in_reply_to: root.msg_id, thread: root.msg_id, depth: 1 })
    await alice.answers(answer, 'thanks')
    const thanks = await bob.heard('MSG')
    expect(thanks).toMatchObject({ in_reply_to: answer.msg_id, thread: root.msg_id, depth: 2 })
  })

  test('is not continued from another channel: such an answer is a root', async () => {
    const { actors } = await roomOf('alice')
    const [alice] = actors
    await alice.creates('#work')
    await alice.says('#general', 'here')
    const said = await alice.heard('MSG')
    const { msg_id } = await alice.says('#work', 'there', { in_reply_to: said.msg_id })
    const answer = await alice.heard('MSG')
    expect(answer).toMatchObject({ in_reply_to: said.msg_id, thread: msg_id, depth: 0 })
  })

  test('goes on in a conversation', async () => {
    const town = await coreTown()
    const [alice, bob] = await town.agents('alice', 'bob')
    await alice.says(bob, 'question')
    const root = await bob.heard('MSG')
    await bob.answers(root, 'answer')
    await alice.heard('MSG')
    expect(await alice.heard('MSG')).toMatchObject({ thread: root.msg_id, depth: 1, to: alice.id })
  })
})

describe('how the server knows who speaks', () => {
  test('is told for each connection by its own login', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    await alice.join('#general')
    const older = await town.keyed('bob', { version: 'v0' })
    await older.join('#general')
    const newer = await older.again({ version: 'v1' })
    await older.says('#general', 'one', { sig: null })
    await newer.says('#general', 'two')
    await alice.says('#general', 'three')
    const heard = await alice.heardSoFar('MSG')
    expect(heard.map(({ auth }) => auth)).toEqual(['v0', 'v1', 'anon'])
    expect(heard.map(({ sig_version }) => sig_version)).toEqual([undefined, 'v1', undefined])
  })

  test('comes with what recipients need to see for themselves', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    await alice.join('#general')
    for (const version of ['v0', 'v1'] as const) {
      const bob = await town.keyed(`bob-${version}`, { version })
      await bob.join('#general')
      await bob.says('#general', 'mine')
      const heard = await alice.heard('MSG')
      expect(heard).toMatchObject({ sig: expect.any(String), sig_version: version })
      expect(heard).toMatchObject({ sig_ts: expect.any(Number), key: expect.any(String) })
      expect(heard.to).toBe('#general')
    }
  })

  test('an older signature goes out with the target as it was signed', async () => {
    const town = await coreTown()
    const bob = await town.keyed('bob', { version: 'v0' })
    await bob.join('#general')
    await bob.says('#General', 'mine')
    expect((await bob.heard('MSG')).to).toBe('#General')
  })
})

test('no more conversations are kept in mind than the limit; the longest quiet loses its prev', async () => {
  const town = await coreTown()
  const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
  await alice.says(bob, 'old')
  const { conversations } = town.driver.world
  for (let i = 1; i < limits.conversations_remembered; i++) conversations.set(`@x @y${i}`, 1)
  await alice.says(carol, 'one more')
  expect(conversations.size).toBe(limits.conversations_remembered)
  await alice.says(bob, 'new')
  expect((await bob.heardSoFar('MSG')).map(({ prev }) => prev)).toEqual([undefined, undefined])
})
