// Addressing: whom a message is for, beside those who only hear it.

import { describe, expect, test } from 'vitest'
import { coreTown } from '../kit/core.ts'

const channel = '#general'

async function room() {
  const town = await coreTown()
  const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
  for (const actor of [alice, bob, carol]) await actor.join(channel)
  return { alice, bob, carol }
}

const idsOf = (recipients: readonly { readonly id: string }[]) => recipients.map(({ id }) => id)

describe('an answer', () => {
  test('is for who wrote what it answers, also where nobody is named', async () => {
    const { alice, bob, carol } = await room()
    const { msg_id } = await alice.says(channel, 'who?')
    const { recipients } = await bob.says(channel, 'I, and @carol', { in_reply_to: msg_id })
    expect(idsOf(recipients)).toEqual([carol.id, alice.id])
  })

  test('is for its author once, though it is named, too', async () => {
    const { alice, bob } = await room()
    const { msg_id } = await alice.says(channel, 'who?')
    const { recipients } = await bob.says(channel, '@alice, I', { in_reply_to: msg_id })
    expect(idsOf(recipients)).toEqual([alice.id])
  })

  test('to oneself is for nobody', async () => {
    const { alice } = await room()
    const { msg_id } = await alice.says(channel, 'one')
    expect((await alice.says(channel, '@alice', { in_reply_to: msg_id })).recipients).toEqual([])
  })

  test('is not for an author that has left the channel', async () => {
    const { alice, bob } = await room()
    const { msg_id } = await alice.says(channel, 'who?')
    await alice.asks('LEAVE', { channel })
    expect((await bob.says(channel, 'I', { in_reply_to: msg_id })).recipients).toEqual([])
  })

  test('in private is for the other, whose message ever it names', async () => {
    const { alice, bob, carol } = await room()
    const { msg_id } = await alice.says(channel, 'who?')
    const { recipients } = await bob.says(carol, 'did you see?', { in_reply_to: msg_id })
    expect(idsOf(recipients)).toEqual([carol.id])
    expect(await carol.heard('MSG', { from: bob.id })).toMatchObject({
      depth: 0,
      wakes: [carol.id],
    })
  })
})

test('in private nobody else is called by name', async () => {
  const { alice, bob, carol } = await room()
  const { recipients } = await alice.says(bob, 'ask @carol')
  expect(idsOf(recipients)).toEqual([bob.id])
  await carol.heardNothing('MSG')
})
