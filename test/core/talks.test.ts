// Talks: nobody answers what is over already, and a talk that has paused begins anew.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'

const channel = '#general'

async function room() {
  const town = await coreTown()
  const [alice, bob] = await town.agents('alice', 'bob')
  for (const actor of [alice, bob]) await actor.join(channel)
  return { town, alice, bob }
}

describe('STALE_VIEW', () => {
  test('in a channel others have spoken since: nothing is said, and `newest` says what to read up to', async () => {
    const { town, alice, bob } = await room()
    const seen = await alice.says(channel, 'one')
    const missed = await alice.says(channel, 'two')
    const before = town.driver.frozen()
    const late = { to: channel, content: 'three', if_unseen_after: seen.position }
    const { newest } = await bob.refused('STALE_VIEW', 'MSG', late)
    expect(newest).toBe(missed.position)
    expect(town.driver.frozen()).toBe(before)
    const { messages } = await bob.asks('HISTORY', { target: channel, after: seen.position })
    expect(messages.map(({ content }) => content)).toEqual(['two'])
    await bob.asks('MSG', { ...late, if_unseen_after: missed.position })
  })

  test('what one has said oneself is not news, the last of the others is', async () => {
    const { alice, bob } = await room()
    const seen = await alice.says(channel, 'one')
    await bob.says(channel, 'two')
    await bob.says(channel, 'three', { if_unseen_after: seen.position })
    const unseen = { to: channel, content: 'four', if_unseen_after: seen.position - 1 }
    expect((await bob.refused('STALE_VIEW', 'MSG', unseen)).newest).toBe(seen.position)
  })

  test('in a thread only its answers count', async () => {
    const { alice, bob } = await room()
    const root = await alice.says(channel, 'a root')
    await alice.says(channel, 'beside it')
    const view = { in_reply_to: root.msg_id, if_unseen_after: root.position }
    await bob.says(channel, 'in it', view)
    const newer = await alice.says(channel, 'in it too', { in_reply_to: root.msg_id })
    const late = { to: channel, content: 'late', ...view }
    expect((await bob.refused('STALE_VIEW', 'MSG', late)).newest).toBe(newer.position)
    const { messages } = await bob.asks('HISTORY', {
      target: channel,
      thread: root.msg_id,
      after: root.position,
    })
    expect(messages.map(({ content }) => content)).toEqual(['in it', 'in it too'])
  })

  test('between two agents', async () => {
    const { alice, bob } = await room()
    const root = await alice.says(bob, 'one')
    const late = { to: alice.id, content: 'two', if_unseen_after: 1 }
    await bob.refused('STALE_VIEW', 'MSG', late)
    const in_reply_to = root.msg_id
    await alice.says(bob, 'one more', { in_reply_to })
    await bob.refused('STALE_VIEW', 'MSG', { ...late, in_reply_to })
    const page = await bob.asks('HISTORY', { target: alice.id, thread: in_reply_to })
    expect(page.messages.map(({ content }) => content)).toEqual(['one more'])
  })
})

describe('depth', () => {
  test('it is counted anew when a talk has paused', async () => {
    const { town, alice, bob } = await room()
    const root = await alice.says(channel, 'a root')
    const depthOf = async (in_reply_to: string) => {
      const { msg_id } = await bob.says(channel, 'on', { in_reply_to })
      return { msg_id, depth: (await alice.heard('MSG', { msg_id })).depth }
    }
    const one = await depthOf(root.msg_id)
    await town.clock.advance(limits.talk_pause_ms - 10)
    const two = await depthOf(one.msg_id)
    await town.clock.advance(limits.talk_pause_ms)
    const three = await depthOf(two.msg_id)
    expect([one.depth, two.depth, three.depth]).toEqual([1, 2, 0])
  })

  test('it is counted anew where nobody knows the talk any more', async () => {
    const { town, alice, bob } = await room()
    const root = await alice.says(channel, 'a root')
    const one = await bob.says(channel, 'one', { in_reply_to: root.msg_id })
    town.driver.world.talks.clear()
    await alice.says(channel, 'two', { in_reply_to: one.msg_id })
    expect(await bob.heard('MSG', { content: 'two' })).toMatchObject({ depth: 0 })
  })

  test('an answer logged by an older version, which did not say whose message it answers, still counts', async () => {
    const { town, alice, bob } = await room()
    const { msg_id } = await alice.says(channel, 'a root')
    const parent = { thread: msg_id, depth: 4 }
    const fields = { to: channel, content: 'x', in_reply_to: msg_id, parent }
    const { session } = bob
    const now = town.driver.world.now + 1
    expect(town.driver.submit({ type: 'MSG', session, fields, now }).accepted).toBe(true)
    expect(await alice.heard('MSG', { content: 'x' })).toMatchObject({ thread: msg_id })
    await town.restart()
  })
})

test('of all talks the longest quiet is forgotten', async () => {
  const { town, alice } = await room()
  const { talks } = town.driver.world
  const quiet = { newest: { position: 1, by: alice.id, at: 0 }, others: null }
  for (let nth = 0; nth < limits.talks; nth++) talks.set(`made ${nth}`, quiet)
  await alice.says(channel, 'one')
  expect([talks.size, talks.has('made 0'), talks.has('made 1')]).toEqual([
    limits.talks,
    false,
    false,
  ])
  expect(talks.has('made 2')).toBe(true)
})
