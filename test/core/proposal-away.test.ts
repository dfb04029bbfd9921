// Being away while others propose and answer: it waits, in order, once; and older clients are told at their login.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { day, dealAt, dealNews, market, stageOf } from '../kit/deals.ts'
import { fillWorld } from '../kit/worlds.ts'

/** What RESUME brings, as words: types, and what messages say. */
async function missed(actor: Actor, after?: number): Promise<string[]> {
  await actor.heardSoFar()
  const { position } = await actor.asks('RESUME', after === undefined ? {} : { after })
  const frames = await actor.heardSoFar()
  await actor.asks('ACK', { position })
  return frames.map((frame) => (frame.type === 'MSG' ? frame.content : frame.type))
}

describe('a proposal to an agent that is away', () => {
  test('waits for it, in order with messages, and is told once', async () => {
    const { alice, bob } = await market()
    await bob.leaves()
    await alice.says(bob, 'one')
    const made = await alice.proposes(bob, 'translate')
    await alice.says(bob, 'two')
    const back = await bob.again()
    expect(await missed(back)).toEqual(['one', 'PROPOSAL', 'two'])
    expect(await missed(back)).toEqual([])
    await back.step('ACCEPT', made)
  })

  test('is told as it was made, marked as told again, also when it has been withdrawn since', async () => {
    const { alice, bob } = await market()
    await bob.leaves()
    const made = await alice.proposes(bob, 'translate')
    const live = await alice.heard('PROPOSAL')
    await alice.step('WITHDRAW', made)
    const back = await bob.again()
    await back.asks('RESUME', {})
    const [proposal, withdrawal] = await dealNews(back)
    expect(proposal).toEqual({ ...live, replay: true })
    expect(withdrawal).toMatchObject({ type: 'WITHDRAW', replay: true })
  })

  test('waits over a restart, with a snapshot and without', async () => {
    for (const withSnapshot of [true, false]) {
      const { town, alice, bob } = await market()
      await bob.leaves()
      const made = await alice.proposes(bob, 'translate')
      if (withSnapshot) town.driver.takeSnapshot()
      await town.restart()
      const back = await bob.again()
      expect(await missed(back)).toEqual(['PROPOSAL'])
      await back.step('ACCEPT', made)
    }
  })
})

test('every answer waits for the proposer, and what time did meanwhile', async () => {
  const place = await market()
  const { town, alice, bob } = place
  const lasting = await dealAt('pending', place, { terms: 'one' })
  const rejected = await dealAt('pending', place, { terms: 'two' })
  await dealAt('pending', place, { terms: 'three', expires: 60 })
  await alice.asks('ACK', { position: town.driver.world.position })
  await alice.leaves()
  const accepted = await bob.step('ACCEPT', lasting)
  await bob.step('REJECT', rejected)
  await town.clock.advance(61_000)
  await bob.step('COMPLETE', accepted)
  await town.clock.advance(day + 1_000)
  const back = await alice.again()
  expect(await missed(back)).toEqual(['ACCEPT', 'REJECT', 'TIME_UP', 'COMPLETE', 'TIME_UP'])
  expect(stageOf(town, lasting)).toBe('completed')
})

test('what is said to one session of an agent is heard by all of them, each once', async () => {
  const { alice, bob } = await market()
  const other = await bob.again()
  await alice.proposes(bob, 'translate')
  for (const session of [bob, other]) expect(await dealNews(session)).toHaveLength(1)
})

describe('an agent of the older wire, which knows no RESUME', () => {
  async function older() {
    const place = await market()
    const olga = await place.town.keyed('olga', { version: 'v0' })
    return { ...place, olga }
  }

  test('is told at its login of each proposal that has changed since it left, from its beginning', async () => {
    const { bob, alice, olga } = await older()
    const first = await olga.proposes(bob, 'one')
    await olga.proposes(alice, 'two')
    await olga.leaves()
    await bob.step('ACCEPT', first)
    const third = await alice.proposes(olga, 'three')
    const back = await olga.again()
    const told = await dealNews(back)
    expect(told.map(({ type }) => type)).toEqual(['PROPOSAL', 'ACCEPT', 'PROPOSAL'])
    expect(told.every((frame) => Reflect.get(frame, 'replay') === true)).toBe(true)
    expect(await back.step('ACCEPT', third)).toMatchObject({ status: 'accepted' })
    await back.heardSoFar()
    await back.leaves()
    const again = await back.again()
    expect(await dealNews(again)).toEqual([])
  })

  test('hears at its first login of nothing, and at the one after no other agent’s deals', async () => {
    const place = await older()
    const { olga } = place
    expect(await dealNews(olga)).toEqual([])
    await olga.leaves()
    await dealAt('disputed', place)
    await place.alice.proposes('#jobs', 'an offer')
    expect(await dealNews(await olga.again())).toEqual([])
  })

  test('is told of no more than a page holds, the newest, however many have proposed to it', async () => {
    const { town, alice, olga } = await older()
    await olga.leaves()
    const plan = { from: '@somebody', to: olga.id }
    fillWorld(town.driver.world).proposals(limits.page_messages + 100, plan)
    await alice.proposes(olga, 'the newest')
    const back = await olga.again()
    const { reading } = town.driver.accepted.at(-1)?.outcome ?? {}
    expect(reading?.streams.length).toBe(limits.page_messages)
    expect((await dealNews(back)).map(({ type }) => type)).toEqual(['PROPOSAL'])
  })

  test('whose connection is displaced by its next one misses nothing that came in between', async () => {
    const { alice, olga } = await older()
    const made = await alice.proposes(olga, 'translate')
    // The older connection hears it, but nobody reads it there any more.
    const next = await olga.again()
    expect((await dealNews(next)).map(({ type }) => type)).toEqual(['PROPOSAL'])
    await next.step('ACCEPT', made)
  })

  test('hears it again after it was forgotten', async () => {
    const { town, alice, olga } = await older()
    await alice.proposes(olga, 'translate', { expires: 300 * 86_400 })
    await olga.leaves()
    await town.clock.advance(limits.unseen_agent_ms + 1_000)
    expect(town.driver.world.agents.has(olga.id)).toBe(false)
    const back = await olga.again()
    expect((await dealNews(back)).map(({ type }) => type)).toEqual(['PROPOSAL'])
  })
})

describe('an agent that nobody has seen for 90 days', () => {
  test('is proposed to no more, and comes back to the proposals it had', async () => {
    const { town, alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', { expires: 300 * 86_400 })
    await bob.leaves()
    await town.clock.advance(limits.unseen_agent_ms + 1_000)
    expect(town.driver.world.agents.has(bob.id)).toBe(false)
    const more = alice.signedProposal(bob.id, 'one more') as never
    await alice.refused('AGENT_NOT_FOUND', 'PROPOSAL', more)
    const back = await bob.again()
    const { list } = await back.asks('LIST_PROPOSALS', { status: 'pending' })
    expect(list.map(({ proposal_id }) => proposal_id)).toEqual([made.proposal_id])
    expect(await back.step('ACCEPT', made)).toMatchObject({ status: 'accepted' })
    expect(await missed(back, 0)).toEqual(['PROPOSAL', 'ACCEPT'])
  })

  test('that has proposed is answered all the same', async () => {
    const { town, alice, bob } = await market()
    const made = await alice.proposes(bob, 'translate', { expires: 300 * 86_400 })
    await alice.leaves()
    await town.clock.advance(limits.unseen_agent_ms + 1_000)
    expect(town.driver.world.agents.has(alice.id)).toBe(false)
    await bob.step('ACCEPT', made)
    const back = await alice.again()
    expect(await missed(back, 0)).toEqual(['PROPOSAL', 'ACCEPT'])
  })
})
