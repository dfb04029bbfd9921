// One agent proves its key to another: passed on, answered, or over.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import type { Actor } from '../kit/actor.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { provesRefusals } from '../kit/refusals.ts'

const nonce = '0f'.repeat(16)

provesRefusals('verification', {
  'VERIFY_REQUEST AGENT_NOT_FOUND': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { target: '@nobody', nonce } }
  },
  'VERIFY_REQUEST NO_PUBKEY': async (town) => {
    const [who, bob] = await town.agents('alice', 'bob')
    return { who, fields: { target: bob.id, nonce } }
  },
  'VERIFY_REQUEST LIMIT_REACHED': async (town) => {
    const who = await town.agent('alice')
    await town.keyed('bob')
    for (let open = 0; open < limits.open_verifications; open++) {
      await who.asks('VERIFY_REQUEST', { target: '@bob', nonce })
    }
    return { who, fields: { target: '@bob', nonce } }
  },
  'VERIFY_RESPONSE SIGNATURE_REQUIRED': async (town) => {
    const who = await town.agent('alice')
    return { who, fields: { request_id: 'v1', nonce, sig: 'x' } }
  },
  'VERIFY_RESPONSE VERIFICATION_EXPIRED': async (town) => {
    const who = await town.keyed('alice')
    return { who, fields: { request_id: 'v1', nonce, sig: 'x' } }
  },
})

async function pair() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const bob = await town.keyed('bob')
  return { town, alice, bob }
}

async function request(alice: Actor, bob: Actor) {
  const asked = await alice.asks('VERIFY_REQUEST', { target: '@bob', nonce })
  const heard = await bob.heard('VERIFY_REQUEST')
  return { asked, heard }
}

test('the request is passed on to the target, and who asked hears that it is pending', async () => {
  const { alice, bob } = await pair()
  const { asked, heard } = await request(alice, bob)
  const { request_id } = asked
  expect(asked).toMatchObject({ from: alice.id, target: bob.id, nonce, status: 'pending' })
  expect(heard).toMatchObject({ request_id, from: alice.id, target: bob.id, nonce })
  expect(heard.status).toBeUndefined()
})

test('the right signature is told to both, with the key', async () => {
  const { town, alice, bob } = await pair()
  const { heard } = await request(alice, bob)
  await bob.proves(heard)
  const news = { request_id: heard.request_id, agent: bob.id, pubkey: keyPairOf('bob').public.pem }
  expect(await alice.heard('VERIFY_SUCCESS')).toMatchObject(news)
  expect(await bob.heard('VERIFY_SUCCESS')).toMatchObject(news)
  expect(town.driver.world.verifications.size).toBe(0)
})

test.each([
  ['a wrong signature', { sig: 'bm90IGl0' }],
  ['a signature over another nonce', { nonce: 'aa'.repeat(16) }],
])('%s is told to both, and the request is over', async (_what, wrong) => {
  const { alice, bob } = await pair()
  const { heard } = await request(alice, bob)
  if ('nonce' in wrong) await bob.proves({ ...heard, ...wrong })
  else {
    await bob.asks('VERIFY_RESPONSE', { request_id: heard.request_id, nonce, v: 1, ...wrong })
  }
  for (const actor of [alice, bob]) {
    const failed = {
      request_id: heard.request_id,
      target: bob.id,
      reason: 'BAD_SIGNATURE',
    } as const
    await actor.heard('VERIFY_FAILED', failed)
  }
  const again = { request_id: heard.request_id, nonce, sig: 'x' }
  await bob.refused('VERIFICATION_EXPIRED', 'VERIFY_RESPONSE', again)
})

test('only the target may answer', async () => {
  const { town, alice, bob } = await pair()
  const mallory = await town.keyed('mallory')
  const { heard } = await request(alice, bob)
  const before = town.driver.frozen()
  const answer = { request_id: heard.request_id, nonce, sig: 'x' }
  await mallory.refused('VERIFICATION_EXPIRED', 'VERIFY_RESPONSE', answer)
  expect(town.driver.frozen()).toBe(before)
  await bob.proves(heard)
  await alice.heard('VERIFY_SUCCESS')
})

test('a target that is not online is not asked', async () => {
  const { town, alice, bob } = await pair()
  await bob.leaves()
  const before = town.driver.frozen()
  await alice.refused('AGENT_NOT_FOUND', 'VERIFY_REQUEST', { target: bob.id, nonce })
  expect(town.driver.frozen()).toBe(before)
})

test('the older version proves itself too', async () => {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const bob = await town.keyed('bob', { version: 'v0' })
  const { heard } = await request(alice, bob)
  await bob.proves(heard)
  await alice.heard('VERIFY_SUCCESS', { agent: bob.id })
})

describe('a request that nobody answers', () => {
  test('has failed after its time, by a TICK, and both are told', async () => {
    const { town, alice, bob } = await pair()
    const { heard } = await request(alice, bob)
    await town.clock.advance(limits.verification_ms - 1)
    await alice.heardNothing()
    await town.clock.advance(2)
    const failed = { request_id: heard.request_id, target: bob.id, reason: 'EXPIRED' } as const
    await alice.heard('VERIFY_FAILED', failed)
    await bob.heard('VERIFY_FAILED', failed)
    expect(town.driver.world.verifications.size).toBe(0)
  })

  test('is told to who is still there, when the other is gone', async () => {
    const { town, alice, bob } = await pair()
    await request(alice, bob)
    await alice.leaves()
    await town.clock.advance(limits.verification_ms + 1)
    await bob.heard('VERIFY_FAILED', { reason: 'EXPIRED' })
  })

  test('makes room for another', async () => {
    const { town, alice, bob } = await pair()
    for (let open = 0; open < limits.open_verifications; open++) await request(alice, bob)
    const refusal = await alice.refused('LIMIT_REACHED', 'VERIFY_REQUEST', {
      target: '@bob',
      nonce,
    })
    expect(refusal.limit).toBe('open_verifications')
    await town.clock.advance(limits.verification_ms + 1)
    await request(alice, bob)
  })
})

test('an answer that comes too late is refused, though no TICK came between', async () => {
  const { town, alice, bob } = await pair()
  const { heard } = await request(alice, bob)
  const now = town.clock.now() + limits.verification_ms + 1
  const fields = { request_id: heard.request_id, nonce, sig: 'x', genuine: true }
  const before = town.driver.frozen()
  const outcome = town.driver.submit({
    type: 'VERIFY_RESPONSE',
    session: bob.session,
    fields,
    now,
  })
  expect(outcome.accepted).toBe(false)
  await bob.refused('VERIFICATION_EXPIRED')
  expect(town.driver.frozen()).toBe(before)
})
