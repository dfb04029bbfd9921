// RESUME: what an agent missed, once, in order, bounded; and nothing that it was not there for.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { coreTown } from '../kit/core.ts'

async function town() {
  const place = await coreTown()
  const alice = await place.agent('alice')
  const bob = await place.keyed('bob')
  await alice.join('#general')
  await bob.join('#general')
  return { place, alice, bob }
}

async function resume(actor: Actor, fields: { after?: number; limit?: number } = {}) {
  const end = await actor.asks('RESUME', fields)
  const frames = await actor.heardSoFar('MSG')
  return { end, words: frames.map(({ content }) => content), frames }
}

describe('an agent that was away', () => {
  test('hears what was said in its channels and to itself since its cursor, marked, in order', async () => {
    const { alice, bob } = await town()
    await alice.says('#general', 'heard')
    const heard = await bob.heard('MSG')
    await bob.asks('ACK', { position: heard.position ?? 0 })
    await bob.leaves()
    await alice.says('#general', 'one')
    await alice.says(bob, 'two')
    await alice.says('#general', 'three')
    const back = await bob.again()
    const { words, frames, end } = await resume(back)
    expect(words).toEqual(['one', 'two', 'three'])
    expect(frames.every(({ replay }) => replay === true)).toBe(true)
    expect(end).toMatchObject({ count: 3, more: false, position: frames.at(-1)?.position })
  })

  test('hears it again until it moves the cursor: reading alone does not', async () => {
    const { alice, bob } = await town()
    await alice.says('#general', 'one')
    await bob.heardSoFar()
    expect((await resume(bob)).words).toEqual(['one'])
    const { end } = await resume(bob)
    await bob.asks('ACK', { position: end.position })
    expect((await resume(bob)).words).toEqual([])
  })

  test('goes on from the position of a bounded part, and misses nothing', async () => {
    const { alice, bob } = await town()
    await bob.leaves()
    for (const word of ['1', '2', '3', '4', '5']) await alice.says('#general', word)
    const back = await bob.again()
    const words: string[] = []
    let part = await resume(back, { limit: 2 })
    words.push(...part.words)
    while (part.end.more) {
      part = await resume(back, { after: part.end.position, limit: 2 })
      words.push(...part.words)
    }
    expect(words).toEqual(['1', '2', '3', '4', '5'])
  })

  test('gets no more at once than a page', async () => {
    const { alice, bob } = await town()
    for (let said = 0; said <= limits.page_messages; said++) await alice.says('#general', `${said}`)
    await bob.heardSoFar()
    const { end } = await resume(bob)
    expect(end).toMatchObject({ count: limits.page_messages, more: true })
  })

  test('gets direct messages that came while nobody of it was there, also its own from elsewhere', async () => {
    const { place, alice, bob } = await town()
    await bob.says(alice, 'mine')
    await bob.leaves()
    await alice.says(bob, 'yours')
    await place.restart()
    const back = await bob.again()
    expect((await resume(back)).words).toEqual(['mine', 'yours'])
  })

  test('finds its invite', async () => {
    const { alice, bob } = await town()
    await alice.creates('#work', { invite_only: true })
    await bob.leaves()
    await alice.asks('INVITE', { channel: '#work', agent: bob.id })
    const back = await bob.again()
    expect((await resume(back)).frames).toMatchObject([{ invite: '#work', from: alice.id }])
  })
})

describe('an agent that came later than its cursor', () => {
  test('does not hear what was said in the channel before', async () => {
    const { place, alice } = await town()
    const carol = await place.keyed('carol')
    await alice.says('#general', 'before')
    await carol.join('#general', { replay: 0 })
    await alice.says('#general', 'after')
    await carol.heardSoFar()
    expect((await resume(carol)).words).toEqual(['after'])
    expect((await resume(carol, { after: 0 })).words).toEqual(['after'])
  })

  test('that left and came back does not hear what was said in between', async () => {
    const { alice, bob } = await town()
    await bob.asks('LEAVE', { channel: '#general' })
    await alice.says('#general', 'without you')
    await bob.join('#general', { replay: 0 })
    await alice.says('#general', 'with you')
    await bob.heardSoFar()
    expect((await resume(bob)).words).toEqual(['with you'])
  })

  test('hears nothing from a channel that it has left', async () => {
    const { alice, bob } = await town()
    await alice.says('#general', 'secret')
    await bob.asks('LEAVE', { channel: '#general' })
    await bob.heardSoFar()
    expect((await resume(bob)).words).toEqual([])
  })
})

test('an agent without a key hears what came on this connection', async () => {
  const { alice, bob } = await town()
  await bob.says('#general', 'one')
  await alice.heardSoFar()
  expect((await resume(alice, { after: 0 })).words).toEqual(['one'])
})
