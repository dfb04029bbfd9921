// HISTORY: reading back what was said, page by page, as a member or a party only.

import { describe, expect, test } from 'vitest'
import { coreTown } from '../kit/core.ts'

async function room() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  await alice.join('#general')
  return { town, alice }
}

describe('reading back', () => {
  test('gives the newest when no place is named, and goes on from `next` in both directions', async () => {
    const { alice } = await room()
    for (const word of ['1', '2', '3', '4', '5']) await alice.says('#general', word)
    const page = async (fields: { after?: number; before?: number }) => {
      const { messages, next } = await alice.asks('HISTORY', {
        target: '#general',
        limit: 2,
        ...fields,
      })
      return { words: messages.map(({ content }) => content), next: next ?? -1 }
    }
    const newest = await page({})
    expect(newest.words).toEqual(['4', '5'])
    const older = await page({ before: newest.next })
    expect(older.words).toEqual(['2', '3'])
    expect(await page({ before: older.next })).toEqual({ words: ['1'], next: -1 })
    const oldest = await page({ after: 0 })
    expect(oldest.words).toEqual(['1', '2'])
    expect((await page({ after: oldest.next })).words).toEqual(['3', '4'])
  })

  test('of a conversation gives what both said, to both, and to nobody else', async () => {
    const town = await coreTown()
    const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
    await alice.says(bob, 'one')
    await bob.says(alice, 'two')
    await alice.says(carol, 'aside')
    const words = async (actor: typeof alice, target: string) =>
      (await actor.asks('HISTORY', { target })).messages.map(({ content }) => content)
    expect(await words(alice, bob.id)).toEqual(['one', 'two'])
    expect(await words(bob, '@alice')).toEqual(['one', 'two'])
    expect(await words(carol, bob.id)).toEqual([])
  })

  test('is open to a member for all that was said, and closed to who has left', async () => {
    const { town, alice } = await room()
    await alice.says('#general', 'before')
    const bob = await town.agent('bob')
    await bob.join('#general', { replay: 0 })
    expect((await bob.asks('HISTORY', { target: '#general' })).messages).toHaveLength(1)
    await bob.asks('LEAVE', { channel: '#general' })
    await bob.refused('NOT_INVITED', 'HISTORY', { target: '#general' })
  })
})
