// Claims: of all that could answer one does, for as long as its lease lasts, and nobody answers twice.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { provesRefusals } from '../kit/refusals.ts'
import { fillWorld } from '../kit/worlds.ts'

const channel = '#general'

/** Three in a channel, of whom carol has asked something. */
async function room(town = coreTown()) {
  const here = await town
  const [alice, bob] = await here.agents('alice', 'bob')
  const carol = await here.keyed('carol')
  for (const actor of [alice, bob, carol]) await actor.join(channel)
  const { msg_id } = await carol.says(channel, 'Who knows?', { expects: 'reply' })
  const question = await alice.heard('MSG')
  for (const actor of [alice, bob, carol]) await actor.heardSoFar()
  return { town: here, alice, bob, carol, question, msg_id }
}

/** A question, and alice holds the claim of it. */
async function held(town = coreTown()) {
  const scene = await room(town)
  const { fence, until } = await scene.alice.asks('CLAIM', { msg_id: scene.msg_id })
  for (const actor of [scene.alice, scene.bob, scene.carol]) await actor.heardSoFar()
  return { ...scene, fence, until }
}

provesRefusals('claims', {
  'CLAIM MESSAGE_NOT_FOUND': async (town) => {
    const { alice, bob, carol } = await room(Promise.resolve(town))
    const { msg_id } = await alice.says(carol, 'between us')
    return { who: bob, fields: { msg_id } }
  },
  'CLAIM CLAIM_HELD': async (town) => {
    const { bob, msg_id } = await held(Promise.resolve(town))
    return { who: bob, fields: { msg_id } }
  },
  'CLAIM ALREADY_ANSWERED': async (town) => {
    const { alice, bob, question, msg_id } = await held(Promise.resolve(town))
    await alice.answers(question, 'I do.')
    return { who: bob, fields: { msg_id } }
  },
  'CLAIM LIMIT_REACHED': async (town) => {
    const { msg_id, bob } = await room(Promise.resolve(town))
    fillWorld(town.driver.world).claims(limits.claims)
    return { who: bob, fields: { msg_id } }
  },
  'RENEW CLAIM_LOST': async (town) => {
    const { bob, msg_id, fence } = await held(Promise.resolve(town))
    return { who: bob, fields: { msg_id, fence } }
  },
  'RELEASE CLAIM_LOST': async (town) => {
    const { alice, msg_id, fence } = await held(Promise.resolve(town))
    return { who: alice, fields: { msg_id, fence: fence + 1 } }
  },
  'DECLINE MESSAGE_NOT_FOUND': async (town) => {
    const { alice, bob, carol } = await room(Promise.resolve(town))
    const { msg_id } = await alice.says(carol, 'between us')
    return { who: bob, fields: { msg_id } }
  },
  'DECLINE ALREADY_ANSWERED': async (town) => {
    const { alice, question, msg_id } = await room(Promise.resolve(town))
    await alice.answers(question, 'I do.')
    return { who: alice, fields: { msg_id } }
  },
  'RESPONDING_TO CHANNEL_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { msg_id: 'm1', channel: '#nowhere' } }
  },
  'RESPONDING_TO NOT_INVITED': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { msg_id: 'm1', channel } }
  },
  'RESPONDING_TO LIMIT_REACHED': async (town) => {
    const who = await town.agent('alice')
    await who.join(channel)
    for (let taken = 0; taken < limits.open_claims; taken++) {
      await who.asks('RESPONDING_TO', { msg_id: `m${taken}`, channel })
    }
    return { who, fields: { msg_id: 'm-one-more', channel } }
  },
})

describe('one holder', () => {
  test('of fifty that claim one has it, and each of the others is told who and until when', async () => {
    const { town, msg_id } = await room()
    const names = Array.from({ length: 50 }, (_, nth) => `racer-${nth}`)
    const racers = await town.agents(...names)
    for (const racer of racers) await racer.join(channel)
    const answers = []
    for (const racer of racers) answers.push(await racer.tries('CLAIM', { msg_id }))
    const [first, ...others] = answers
    expect(first).toMatchObject({ type: 'CLAIMED', msg_id })
    const { id: holder, name: holder_name } = racers[0] ?? {}
    const until = town.driver.world.claims.values().next().value?.until
    for (const answer of others) {
      expect(answer).toMatchObject({ code: 'CLAIM_HELD', holder, holder_name, until })
    }
    expect(others).toHaveLength(49)
  })

  test('a second session of the holder is refused, and the first is told the same again', async () => {
    const { town, carol } = await room()
    const dave = await town.keyed('dave')
    const { msg_id } = await carol.says(dave, 'Do you know?')
    const { fence, until } = await dave.asks('CLAIM', { msg_id })
    const other = await dave.again()
    const refusal = await other.refused('CLAIM_HELD', 'CLAIM', { msg_id })
    expect(refusal).toMatchObject({ holder: dave.id, until })
    const before = town.driver.frozen()
    expect(await dave.asks('CLAIM', { msg_id, lease_ms: 1_800_000 })).toMatchObject({
      fence,
      until,
    })
    expect(town.driver.frozen()).toBe(before)
  })

  test('the channel hears who has it, and the holder does not hear it of itself', async () => {
    const { alice, bob, carol, msg_id } = await room()
    await alice.asks('CLAIM', { msg_id })
    for (const other of [bob, carol]) {
      await other.heard('FLOOR_CLAIMED', { msg_id, channel, holder: alice.id })
    }
    await alice.heardNothing()
  })

  test('who said when to come again may come then, and the fence has risen', async () => {
    const { town, bob, msg_id, fence } = await held()
    const refusal = await bob.refused('CLAIM_HELD', 'CLAIM', { msg_id })
    await town.clock.advance(Number(refusal.retry_after_ms) - 1)
    await bob.refused('CLAIM_HELD', 'CLAIM', { msg_id })
    await town.clock.advance(1)
    expect((await bob.asks('CLAIM', { msg_id })).fence).toBeGreaterThan(fence)
  })
})

describe('how it ends', () => {
  test('by time: the channel hears it, and the sender that nobody has answered', async () => {
    const { town, alice, bob, carol, msg_id } = await held()
    await town.clock.advance(limits.claim_lease_ms)
    await bob.heardNothing('CLAIM_ENDED')
    await town.clock.advance(1)
    await bob.heard('CLAIM_ENDED', { msg_id, holder: alice.id, why: 'expired' })
    await carol.heard('RECEIPT', { agent: alice.id, state: 'read', reason: 'EXPIRED' })
    expect([town.driver.world.claims.size, town.driver.world.claimsOf.size]).toEqual([0, 0])
  })

  test('later when it is renewed in time, but never later than an hour after it began', async () => {
    const { town, alice, bob, msg_id, fence } = await held()
    const { claim_lease_most_ms: lease_ms, claim_held_ms } = limits
    const began = town.driver.world.claims.values().next().value?.since ?? 0
    await town.clock.advance(limits.claim_lease_ms - 10)
    const { until } = await alice.asks('RENEW', { msg_id, fence, lease_ms })
    expect(Math.floor(until)).toBe(town.clock.now() + lease_ms)
    await town.clock.advance(lease_ms - 10)
    expect((await alice.asks('RENEW', { msg_id, fence, lease_ms })).until).toBe(
      began + claim_held_ms,
    )
    await town.clock.advance(lease_ms)
    await bob.heard('CLAIM_ENDED', { msg_id, why: 'expired' })
    await alice.refused('CLAIM_LOST', 'RENEW', { msg_id, fence })
    await bob.asks('CLAIM', { msg_id })
  })

  test('by giving it back: another can have it at once', async () => {
    const { alice, bob, carol, msg_id, fence } = await held()
    await alice.asks('RELEASE', { msg_id, fence })
    await bob.heard('CLAIM_ENDED', { msg_id, why: 'released' })
    await carol.heard('RECEIPT', { agent: alice.id, state: 'read', reason: 'RELEASED' })
    await bob.asks('CLAIM', { msg_id })
  })

  test('by declining: the sender reads why', async () => {
    const { alice, bob, carol, msg_id } = await held()
    await alice.asks('DECLINE', { msg_id, reason: 'not my repository' })
    await bob.heard('CLAIM_ENDED', { msg_id, why: 'released' })
    const words = 'not my repository'
    await carol.heard('RECEIPT', { agent: alice.id, state: 'declined', words })
    const { list } = await carol.asks('LADDER', { msg_id })
    expect(list[0]?.agents).toMatchObject([{ id: alice.id, state: 'declined', words }])
    await bob.asks('CLAIM', { msg_id })
  })

  test('by leaving for good: what an agent without a key held others can answer', async () => {
    const { town, alice, bob, msg_id } = await held()
    await alice.leaves()
    await bob.heard('CLAIM_ENDED', { msg_id, why: 'released' })
    expect(town.driver.world.claimsOf.size).toBe(0)
    await bob.asks('CLAIM', { msg_id })
  })

  test('not by the end of the session: an agent with a key may come back under the same fence', async () => {
    const { town, carol } = await room()
    const dave = await town.keyed('dave')
    await dave.join(channel)
    const { msg_id } = await carol.says(channel, '@dave?')
    const question = await dave.heard('MSG', { msg_id })
    const { fence } = await dave.asks('CLAIM', { msg_id })
    await dave.leaves()
    const back = await dave.again()
    await back.answers(question, 'yes', { fence })
    await carol.heard('CLAIM_ENDED', { msg_id, holder: dave.id, why: 'answered' })
  })
})

describe('answering', () => {
  test('under the fence ends it, and nobody can claim the message again', async () => {
    const { alice, bob, carol, question, msg_id, fence } = await held()
    const { msg_id: answer } = await alice.answers(question, 'I do.', { fence })
    await bob.heard('CLAIM_ENDED', { msg_id, why: 'answered' })
    await carol.heard('RECEIPT', { agent: alice.id, state: 'answered', answer })
    await carol.refused('MESSAGE_NOT_FOUND', 'CLAIM', { msg_id })
    for (const late of [alice, bob]) {
      const refusal = await late.refused('ALREADY_ANSWERED', 'CLAIM', { msg_id })
      expect(refusal).toMatchObject({ by: alice.id, answer })
    }
  })

  test('under a stale fence says nothing, and leaves no trace', async () => {
    const { town, alice, bob, carol, question, msg_id, fence } = await held()
    await alice.asks('RELEASE', { msg_id, fence })
    const { fence: current } = await bob.asks('CLAIM', { msg_id })
    await carol.heardSoFar()
    const before = town.driver.frozen()
    const late = { to: channel, content: 'late', in_reply_to: msg_id }
    await alice.refused('CLAIM_LOST', 'MSG', { ...late, fence })
    await alice.refused('CLAIM_LOST', 'MSG', { ...late, fence: current })
    await alice.refused('CLAIM_LOST', 'MSG', { ...late, in_reply_to: null, fence })
    expect(town.driver.frozen()).toBe(before)
    await carol.heardNothing()
    await bob.answers(question, 'I do.', { fence: current })
  })

  test('by another than the holder is heard, and marked; the holder may answer yet', async () => {
    const { alice, bob, carol, question, fence } = await held()
    await bob.answers(question, 'I too.')
    await carol.heard('MSG', { from: bob.id, claimed_by: alice.id })
    await carol.heardNothing('CLAIM_ENDED')
    await alice.answers(question, 'I do.', { fence })
    expect((await carol.heard('MSG', { from: alice.id })).claimed_by).toBeUndefined()
  })

  test('is remembered for the rest of the lease where the message was for nobody', async () => {
    const { town, alice, bob, carol } = await room()
    const { msg_id } = await carol.says(channel, 'I wonder.')
    const musing = await alice.heard('MSG')
    const { fence } = await alice.asks('CLAIM', { msg_id })
    await alice.answers(musing, 'I know.', { fence })
    await bob.refused('ALREADY_ANSWERED', 'CLAIM', { msg_id })
    await town.clock.advance(limits.claim_lease_ms + 1)
    await bob.asks('CLAIM', { msg_id })
  })
})

test('a direct message is claimed by those who read it, and the channel hears nothing of it', async () => {
  const { alice, bob, carol } = await room()
  const { msg_id } = await carol.says(alice, 'Do you know?')
  await bob.refused('MESSAGE_NOT_FOUND', 'CLAIM', { msg_id })
  await alice.asks('CLAIM', { msg_id })
  await carol.heard('RECEIPT', { messages: [msg_id], agent: alice.id, state: 'claimed' })
  await bob.heardNothing()
})

test('who names a message of others by its id alone reaches neither it nor who answered it', async () => {
  const { town, alice, bob, carol } = await room()
  const { msg_id } = await carol.says(alice, 'between us')
  await alice.answers(await alice.heard('MSG', { msg_id }), 'yes')
  await carol.heardSoFar()
  await bob.creates('#den')
  await bob.asks('RESPONDING_TO', { msg_id, channel: '#den' })
  await bob.heardNothing()
  await town.clock.advance(limits.turn_lease_ms + 1)
  await carol.heardNothing()
  const { list } = await carol.asks('LADDER', { msg_id })
  expect(list[0]?.agents.map(({ id }) => id)).toEqual([alice.id])
})

test('the bounds: an agent holds no more claims than its limit; answering makes room', async () => {
  const { alice, carol } = await room()
  const asked = []
  for (let nth = 0; nth <= limits.open_claims; nth++) {
    asked.push((await carol.says(channel, `question ${nth}`)).msg_id)
  }
  const [first = '', ...others] = asked
  for (const msg_id of others) await alice.asks('CLAIM', { msg_id })
  const refusal = await alice.refused('LIMIT_REACHED', 'CLAIM', { msg_id: first })
  expect(refusal.limit).toBe('open_claims')
  await alice.answers(await alice.heard('MSG', { msg_id: others[0] ?? '' }), 'yes')
  await alice.asks('CLAIM', { msg_id: first })
})
