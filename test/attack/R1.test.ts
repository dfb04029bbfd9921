// R1: Frames so large that holding them hurts.

import { expect, test } from 'vitest'
import { anon, serve } from '../wire/kit.ts'

const limit = 4_096

/** A PING that is just so many bytes long. */
function pingOf(bytes: number): string {
  const head = '{"type":"PING","ref":"big","pad":"'
  return `${head}${'x'.repeat(bytes - head.length - 2)}"}`
}

test('a frame of one byte over the limit closes its connection with 1009, and no other', async () => {
  const server = await serve({ maxFrame: String(limit) })
  const [mallory, bob] = [await anon(server, 'mallory'), await anon(server, 'bob')]
  mallory.send(pingOf(limit + 1))
  expect((await mallory.closed).code).toBe(1009)
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})

test('a frame of the limit is read', async () => {
  const mallory = await anon(await serve({ maxFrame: String(limit) }), 'mallory')
  mallory.send(pingOf(limit))
  expect(await mallory.next(({ ref }) => ref === 'big')).toMatchObject({ type: 'PONG' })
})

test('by default the limit is 256 KiB', async () => {
  const mallory = await anon(await serve(), 'mallory')
  mallory.send(pingOf(262_144))
  expect(await mallory.next(({ ref }) => ref === 'big')).toMatchObject({ type: 'PONG' })
  mallory.send(pingOf(262_145))
  expect((await mallory.closed).code).toBe(1009)
})
