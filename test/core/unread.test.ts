// Reading what matters: mentions, questions and threads first, and nothing that the agent may not read.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'

const channel = '#general'

/** Who reads has a key; the others talk. */
async function room() {
  const town = await coreTown()
  const reader = await town.keyed('reader')
  const [alice, bob] = await town.agents('alice', 'bob')
  for (const actor of [reader, alice, bob]) await actor.join(channel)
  const texts = (list: readonly object[]) => list.map((one) => Reflect.get(one, 'content'))
  const unread = async (fields = {}) => {
    const page = await reader.asks('UNREAD', fields)
    const { addressed, questions, threads, places } = page
    const told = [addressed, questions, threads].map(texts)
    return { told, places, page }
  }
  return { town, reader, alice, bob, unread }
}

test('an agent without a key has nothing that it has not read', async () => {
  const { alice } = await room()
  await alice.refused('SIGNATURE_REQUIRED', 'UNREAD', {})
})

test('each piece stands once, where it matters most; all else is counted', async () => {
  const { reader, alice, bob, unread } = await room()
  const own = await reader.says(channel, 'I begin')
  await alice.says(channel, 'answered', { in_reply_to: own.msg_id })
  await bob.says(channel, '@reader, do you know?', { expects: 'reply' })
  await bob.says(channel, 'does anybody?', { expects: 'reply' })
  const first = await bob.heard('MSG', { from: alice.id })
  await bob.answers(first, 'in the thread')
  await alice.says(channel, 'noise')
  await alice.says(reader, 'between us')
  const { told, places } = await unread()
  expect(told).toEqual([
    ['answered', '@reader, do you know?', 'between us'],
    ['does anybody?'],
    ['in the thread'],
  ])
  expect(places).toEqual([{ channel, unread: 5 }])
})

test('it is counted from the cursor, or from where is asked, and moves nothing', async () => {
  const { town, reader, alice, unread } = await room()
  const one = await alice.says(channel, '@reader one')
  await alice.says(channel, '@reader two')
  const before = town.driver.frozen()
  expect((await unread({ after: one.position })).told[0]).toEqual(['@reader two'])
  expect((await unread({ before: one.position + 1 })).told[0]).toEqual(['@reader one'])
  expect(town.driver.frozen()).toBe(before)
  await reader.asks('ACK', { position: town.driver.world.position })
  expect((await unread()).told[0]).toEqual([])
})

test('a thread is followed by who speaks in it, in the channels that it is in', async () => {
  const { reader, alice, bob, unread } = await room()
  const { msg_id } = await alice.says(channel, 'a root')
  await bob.says(channel, 'before the reader came', { in_reply_to: msg_id })
  expect((await unread()).told[2]).toEqual([])
  const mine = await reader.says(channel, 'me too', { in_reply_to: msg_id })
  await bob.says(channel, 'and on', { in_reply_to: msg_id })
  expect((await unread({ after: mine.position })).told[2]).toEqual(['and on'])
  await reader.asks('LEAVE', { channel })
  expect((await unread()).told[2]).toEqual([])
})

test('of its threads the one that it left longest ago is forgotten', async () => {
  const { town, reader } = await room()
  for (let nth = 0; nth <= limits.threads_per_agent; nth++) await reader.says(channel, `${nth}`)
  const threads = town.driver.world.trails.get(reader.id)?.threads
  const [first] = threads?.keys() ?? []
  expect(threads?.size).toBe(limits.threads_per_agent)
  expect(first).toMatch(/^\^m8 /)
})

describe('what is private', () => {
  /** A channel that the reader was never asked into, and a thread in it. */
  async function den() {
    const scene = await room()
    const { alice, bob } = scene
    await alice.creates('#den', { invite_only: true })
    await alice.asks('INVITE', { channel: '#den', agent: bob.id })
    await bob.join('#den')
    const { msg_id } = await alice.says('#den', 'who, @reader?', { expects: 'reply' })
    await bob.says('#den', 'me', { in_reply_to: msg_id })
    return { ...scene, msg_id }
  }

  test('an outsider reads none of it, by whatever name it asks', async () => {
    const { reader, alice, unread, msg_id } = await den()
    const thread = { thread: msg_id }
    await reader.refused('NOT_INVITED', 'HISTORY', { target: '#den', ...thread })
    for (const target of [channel, alice.id]) {
      const page = await reader.asks('HISTORY', { target, ...thread })
      expect(page.messages).toEqual([])
    }
    expect((await reader.asks('GET_MESSAGE', { msg_id })).message).toBeNull()
    await reader.refused('MESSAGE_NOT_FOUND', 'CLAIM', { msg_id })
    await reader.refused('MESSAGE_NOT_FOUND', 'DECLINE', { msg_id })
    await reader.refused('MESSAGE_NOT_FOUND', 'LADDER', { msg_id })
    expect((await unread()).told).toEqual([[], [], []])
    // An answer elsewhere is none: it is not told as one, and its author is not woken by it.
    await reader.says(channel, 'me', { in_reply_to: msg_id })
    const heard = await alice.heard('MSG', { content: 'me', to: channel })
    expect([heard.wakes, heard.thread === msg_id]).toEqual([undefined, false])
  })

  test('a member reads all of it', async () => {
    const { bob, msg_id } = await den()
    const { messages } = await bob.asks('HISTORY', { target: '#den', thread: msg_id })
    expect(messages.map(({ content }) => content)).toEqual(['me'])
    const { message } = await bob.asks('GET_MESSAGE', { msg_id })
    expect(message).toMatchObject({ msg_id, to: '#den' })
    await bob.refused('ALREADY_ANSWERED', 'CLAIM', { msg_id })
  })

  test('who has left reads what it was told, and no more of the rest', async () => {
    const { bob, msg_id } = await den()
    await bob.asks('LEAVE', { channel: '#den' })
    expect((await bob.asks('GET_MESSAGE', { msg_id })).message).toBeNull()
    await bob.refused('MESSAGE_NOT_FOUND', 'CLAIM', { msg_id })
  })

  test('a direct message is read by both, and by nobody else', async () => {
    const { alice, bob, reader } = await room()
    const { msg_id } = await alice.says(bob, 'between us')
    for (const one of [alice, bob]) {
      expect((await one.asks('GET_MESSAGE', { msg_id })).message).toMatchObject({ msg_id })
    }
    expect((await reader.asks('GET_MESSAGE', { msg_id })).message).toBeNull()
  })
})

test.each(['m0', 'm1', 'm99999', 'x', 'm01x'])('GET_MESSAGE %s finds nothing', async (msg_id) => {
  const { alice } = await room()
  expect((await alice.asks('GET_MESSAGE', { msg_id })).message).toBeNull()
})
