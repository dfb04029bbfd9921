// Mentions: the members that a text names, each once, and no more than the limit.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { fillWorld } from '../kit/worlds.ts'

async function room() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const [bob, carol] = [await town.keyed('bob'), await town.keyed('carol')]
  for (const actor of [alice, bob, carol]) await actor.join('#general')
  const mentionsIn = async (content: string, to = '#general') => {
    await alice.heardSoFar()
    const sent = await alice.says(to, content)
    const { mentions } = await alice.heard('MSG', { position: sent.position })
    return { mentions, recipients: sent.recipients.map(({ id }) => id) }
  }
  return { town, alice, bob, carol, mentionsIn }
}

test('members are found by name and by id, in the order of the text, each once', async () => {
  const { bob, carol, mentionsIn } = await room()
  const { mentions, recipients } = await mentionsIn(`@carol, @BOB! (@bob) ${bob.id}`)
  expect(mentions).toEqual([carol.id, bob.id])
  expect(recipients).toEqual([carol.id, bob.id])
})

test('a member that is away is mentioned too: that is what wakes it', async () => {
  const { bob, mentionsIn } = await room()
  await bob.leaves()
  expect((await mentionsIn('@bob wake up')).mentions).toEqual([bob.id])
})

describe('not mentioned', () => {
  test.each([
    ['nobody of that name', 'hi @nobody'],
    ['a name without @', 'hi bob'],
    ['a longer name', 'hi @bobby'],
    ['@ alone', 'a @ b'],
  ])('%s', async (_what, content) => {
    const { mentionsIn } = await room()
    const { mentions, recipients } = await mentionsIn(content)
    expect([mentions, recipients]).toEqual([undefined, []])
  })

  test('an agent that is no member', async () => {
    const { town, mentionsIn } = await room()
    await town.keyed('dave')
    expect((await mentionsIn('hi @dave')).mentions).toBeUndefined()
  })

  test('anybody, in a direct message: its addressee is who it is for', async () => {
    const { carol, mentionsIn } = await room()
    const { mentions, recipients } = await mentionsIn('ask @bob', carol.id)
    expect([mentions, recipients]).toEqual([undefined, [carol.id]])
  })
})

test('no more are mentioned than the limit', async () => {
  const { town, mentionsIn } = await room()
  const filler = fillWorld(town.driver.world)
  const ids = filler.agents(limits.mentions + 10)
  filler.members('#general', ids)
  const { mentions } = await mentionsIn(ids.join(' '))
  expect(mentions).toEqual(ids.slice(0, limits.mentions))
})
