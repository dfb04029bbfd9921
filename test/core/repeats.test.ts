// Repeats: the same cid says it once, and is answered as often as it comes.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'

const cid = '0123456789abcdefABCDEF'

async function room() {
  const town = await coreTown()
  const [alice, bob] = await town.agents('alice', 'bob')
  await alice.join('#general')
  await bob.join('#general')
  await alice.heardSoFar()
  return { town, alice, bob }
}

describe('refused, without a trace', () => {
  test.each([
    ['other content', { to: '#general', content: 'two', cid }],
    ['another target', { to: '#work', content: 'one', cid }],
    ['another expectation', { to: '#general', content: 'one', cid, expects: 'reply' as const }],
    ['another message answered', { to: '#general', content: 'one', cid, in_reply_to: 'm1' }],
  ])('a known cid with %s', async (_what, message) => {
    const { town, alice } = await room()
    await alice.creates('#work')
    await alice.says('#general', 'one', { cid })
    const before = town.driver.frozen()
    await alice.refused('CID_CONFLICT', 'MSG', message)
    expect(town.driver.frozen()).toBe(before)
  })
})

test('a repeat gets the answer of the first, is told to nobody, and takes no position', async () => {
  const { town, alice, bob } = await room()
  const first = await alice.says('#general', 'one', { cid })
  await bob.heard('MSG')
  const before = town.driver.frozen()
  for (let again = 0; again < 1_000; again++) {
    const answer = await alice.says('#general', 'one', { cid })
    expect(answer).toMatchObject({
      position: first.position,
      msg_id: first.msg_id,
      cid,
      repeat: true,
    })
  }
  expect(town.driver.frozen()).toBe(before)
  expect(first.repeat).toBeUndefined()
  await bob.heardNothing()
})

test('a repeat is answered also from another connection, after a restart, and after leaving', async () => {
  const town = await coreTown()
  const bob = await town.keyed('bob', { version: 'v0' })
  await bob.join('#general')
  const first = await bob.says('#general', 'one', { cid })
  await bob.asks('LEAVE', { channel: '#general' })
  await town.restart()
  const back = await bob.again()
  expect(await back.says('#general', 'one', { cid })).toMatchObject({
    position: first.position,
    repeat: true,
  })
})

test('two agents may use the same cid', async () => {
  const { alice, bob } = await room()
  const one = await alice.says('#general', 'one', { cid })
  const two = await bob.says('#general', 'two', { cid })
  expect(two.position).toBe(one.position + 1)
})

test('a cid is kept in mind among as many of the newest as the limit, and no longer', async () => {
  const { town, alice } = await room()
  const nth = (number: number) => String(number).padStart(22, 'c')
  for (let sent = 0; sent <= limits.cids_remembered; sent++) {
    await alice.says('#general', 'same', { cid: nth(sent) })
  }
  expect(town.driver.world.agents.get(alice.id)?.cids.size).toBe(limits.cids_remembered)
  expect((await alice.says('#general', 'same', { cid: nth(1) })).repeat).toBe(true)
  expect((await alice.says('#general', 'same', { cid: nth(0) })).repeat).toBeUndefined()
})
