// The older way to claim: the first in the order of the log has the turn, until it has answered or its time is over.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { coreTown } from '../kit/core.ts'
import { fillWorld } from '../kit/worlds.ts'

const channel = '#general'

async function room() {
  const town = await coreTown()
  const [alice, bob, carol] = await town.agents('alice', 'bob', 'carol')
  const all = [alice, bob, carol]
  for (const actor of all) await actor.join(channel)
  await carol.says(channel, 'Who knows?')
  const question = await carol.heard('MSG')
  for (const actor of all) await actor.heardSoFar()
  return { town, alice, bob, carol, question, claim: { msg_id: question.msg_id, channel } }
}

test('the first has it: the others hear who, and the second is told to yield', async () => {
  const { alice, bob, carol, claim } = await room()
  alice.sends({ type: 'RESPONDING_TO', ...claim })
  bob.sends({ type: 'RESPONDING_TO', ...claim })
  const claimed = { ...claim, holder: alice.id, holder_name: 'alice' }
  expect(await carol.heard('FLOOR_CLAIMED')).toMatchObject(claimed)
  const { started_at } = await bob.heard('FLOOR_CLAIMED')
  expect(await bob.heard('YIELD')).toMatchObject({
    ...claim,
    holder: alice.id,
    holder_started_at: started_at,
  })
  for (const actor of [alice, bob, carol]) await actor.heardNothing()
})

test('a claim with started_at=1 does not win over an earlier one', async () => {
  const { alice, bob, claim } = await room()
  alice.sends({ type: 'RESPONDING_TO', ...claim, started_at: 1_795_518_162_123 })
  bob.sends({ type: 'RESPONDING_TO', ...claim, started_at: 1 })
  expect(await bob.heard('YIELD')).toMatchObject({ holder: alice.id })
  await alice.heardNothing()
})

test('the time that is told is the server’s, whatever the client says', async () => {
  const { town, alice, bob, claim } = await room()
  alice.sends({ type: 'RESPONDING_TO', ...claim, started_at: 1 })
  const { started_at } = await bob.heard('FLOOR_CLAIMED')
  expect(Math.floor(started_at)).toBe(town.clock.now())
})

test('claiming again changes nothing and tells nobody', async () => {
  const { town, alice, bob, claim } = await room()
  await alice.asks('RESPONDING_TO', claim)
  await bob.heardSoFar()
  const before = town.driver.frozen()
  await alice.asks('RESPONDING_TO', claim)
  expect(town.driver.frozen()).toBe(before)
  await bob.heardNothing()
})

test('the lease ends by time', async () => {
  const { town, alice, bob, carol, claim } = await room()
  await alice.asks('RESPONDING_TO', claim)
  await town.clock.advance(limits.turn_lease_ms - 1)
  bob.sends({ type: 'RESPONDING_TO', ...claim })
  await bob.heard('YIELD')
  await town.clock.advance(2)
  expect(town.driver.world.claims.size).toBe(0)
  await bob.asks('RESPONDING_TO', claim)
  await carol.heard('FLOOR_CLAIMED', { holder: bob.id })
})

test('a lease that is over is nobody’s, though no TICK came between', async () => {
  const { town, alice, bob, carol, claim } = await room()
  await alice.asks('RESPONDING_TO', claim)
  await carol.heardSoFar()
  const now = town.clock.now() + limits.turn_lease_ms + 1
  town.driver.submit({ type: 'RESPONDING_TO', session: bob.session, fields: claim, now })
  await carol.heard('FLOOR_CLAIMED', { holder: bob.id })
})

test('what was answered has no turn any more: whoever comes later is told who answered', async () => {
  const { town, alice, bob, carol, question, claim } = await room()
  await alice.asks('RESPONDING_TO', claim)
  await alice.answers(question, 'I do.')
  await carol.heard('CLAIM_ENDED', { msg_id: claim.msg_id, holder: alice.id, why: 'answered' })
  await carol.heardSoFar()
  for (const late of [bob, alice]) {
    late.sends({ type: 'RESPONDING_TO', ...claim })
    await late.heard('YIELD', { msg_id: claim.msg_id, holder: alice.id })
  }
  await carol.heardNothing()
  // A log of an older version has such entries, and is executed again.
  expect(town.driver.entries.at(-1)?.type).toBe('RESPONDING_TO')
})

test('an answer of somebody else does not end it', async () => {
  const { alice, bob, question, claim } = await room()
  await alice.asks('RESPONDING_TO', claim)
  await bob.answers(question, 'I too.')
  bob.sends({ type: 'RESPONDING_TO', ...claim })
  await bob.heard('YIELD', { holder: alice.id })
})

test('the same message in two channels has two turns', async () => {
  const { alice, bob, claim } = await room()
  await bob.creates('#work')
  await alice.asks('RESPONDING_TO', claim)
  await bob.asks('RESPONDING_TO', { ...claim, channel: '#work' })
  await bob.heardNothing('YIELD')
})

test('a refusal is silent for a frame without a ref', async () => {
  const { alice, claim } = await room()
  alice.sends({ type: 'RESPONDING_TO', ...claim, channel: '#nowhere' })
  await alice.heardNothing()
})

describe('the bounds', () => {
  test('an agent holds no more turns than its limit, and the refusal names it', async () => {
    const { alice } = await room()
    for (let taken = 0; taken < limits.open_claims; taken++) {
      await alice.asks('RESPONDING_TO', { msg_id: `m${taken}`, channel })
    }
    const refusal = await alice.refused('LIMIT_REACHED', 'RESPONDING_TO', { msg_id: 'x', channel })
    expect(refusal.limit).toBe('open_claims')
  })

  test('there are no more turns than the limit, and the refusal names it', async () => {
    const { town, alice, claim } = await room()
    fillWorld(town.driver.world).claims(limits.claims)
    const refusal = await alice.refused('LIMIT_REACHED', 'RESPONDING_TO', claim)
    expect(refusal.limit).toBe('claims')
    await town.clock.advance(2)
    await alice.asks('RESPONDING_TO', claim)
  })
})
