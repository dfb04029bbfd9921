// I2: An ephemeral agent takes an id that could be a persistent agent's.
import { randomFillSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ephemeralId,
  isEphemeralId,
  isPersistentId,
  isReservedName,
} from '../../src/protocol/names.ts'
import { anon, connect, idOf, keyed, makeKeys, serve } from '../wire/kit.ts'

test('no ephemeral id of 10^6 draws is a persistent one, and none comes twice', () => {
  const random = randomFillSync(new Uint8Array(16_000_000))
  const seen = new Set<string>()
  let persistent = 0
  let other = 0
  for (let at = 0; at < random.length; at += 16) {
    const id = ephemeralId(random.subarray(at, at + 16))
    if (isPersistentId(id)) persistent++
    if (!isEphemeralId(id)) other++
    seen.add(id)
  }
  expect({ persistent, other, different: seen.size }).toEqual({
    persistent: 0,
    other: 0,
    different: 1_000_000,
  })
})

test('no text is an id of both kinds', () => {
  const text = fc.oneof(
    fc.stringMatching(/^@(anon-)?[0-9a-f]{11,32}$/),
    fc.stringMatching(/^@[0-9a-f]{16}$/),
    fc.stringMatching(/^@anon-[0-9a-f]{32}$/),
    fc.string(),
  )
  fc.assert(fc.property(text, (id) => !(isPersistentId(id) && isEphemeralId(id))))
})

test('a name that reads as an id of either kind is reserved', () => {
  const id = fc.stringMatching(/^([0-9a-fA-F]{16}|[aA][nN][oO0][nN][-_][0-9a-f]{0,27})$/)
  fc.assert(fc.property(id, (name) => isReservedName(name)))
})

test('whoever says an id, a name or a key of another, and proves nothing, is not it', async () => {
  const server = await serve()
  const alice = makeKeys()
  const owner = await keyed(server, 'alice', alice)
  const asked = { type: 'IDENTIFY', name: 'alice' }
  const claims = [
    { ...asked, pubkey: alice.pem },
    { ...asked, pubkey: alice.pem, v: 1, nonce: 'ab'.repeat(32) },
    { ...asked, name: owner.id },
    { ...asked, name: owner.id.slice(1) },
    { ...asked, name: `anon-${'0'.repeat(27)}` },
  ]
  for (const claim of claims) {
    const peer = await connect(server)
    expect((await peer.ask(claim)).type).toMatch(/^(CHALLENGE|ERROR)$/)
    for (const frame of [
      { type: 'RESUME', after: 0 },
      { type: 'MSG', to: owner.id, content: 'x' },
      { type: 'ACK', position: 0 },
    ]) {
      expect(await peer.ask(frame)).toMatchObject({ code: 'AUTH_REQUIRED' })
    }
  }
  const claimed = { agent_id: owner.id, id: owner.id, key: alice.raw, session: 's1' }
  const guest = await anon(server, 'alice', claimed)
  expect(guest.id).toMatch(/^@anon-[0-9a-f]{32}$/)
  expect(guest.welcome.name).toBe('alice-2')
  expect(await guest.ask({ type: 'WHOIS', agent: idOf(alice) })).toMatchObject({ name: 'alice' })
  expect(await owner.settled()).toEqual([])
})
