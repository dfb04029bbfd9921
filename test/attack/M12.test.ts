// M12: A client lies about the time, to come first, to come late, or to have its word last for ever.

import { expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { anon, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const day = 86_400_000

async function aliceAt(now: () => number = Date.now) {
  const server = await serve({}, { now })
  const sender = await keyed(server, 'alice', alice)
  await sender.ask({ type: 'JOIN', channel: '#general' })
  return { server, sender }
}

test.each([
  ['a day behind', -limits.behind_ms - 1],
  ['a day ahead', day],
  ['just over what is allowed ahead', limits.ahead_ms + 1_000],
])('a message that was signed %s is refused', async (_when, shift) => {
  const now = Date.now()
  const { sender } = await aliceAt(() => now)
  const message = signedMessage(alice, { to: '#general', content: 'x', ts: now + shift })
  expect(await sender.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
})

test('the order is that of the server, whatever the clients say', async () => {
  const now = Date.now()
  const { sender } = await aliceAt(() => now)
  const late = signedMessage(alice, { to: '#general', content: 'first', ts: now + 60_000 })
  const early = signedMessage(alice, { to: '#general', content: 'second', ts: now - 60_000 })
  const [one, other] = [await sender.ask(late), await sender.ask(early)]
  expect(Number(one.position)).toBeLessThan(Number(other.position))
  const [first, second] = await sender.settled('MSG')
  expect([first?.content, second?.content]).toEqual(['first', 'second'])
  expect(Number(second?.ts)).toBeGreaterThan(Number(first?.ts))
  expect(first?.sig_ts).toBe(now + 60_000)
})

test('a clock of the server that jumps back does not turn time around', async () => {
  let now = Date.now()
  const server = await serve({}, { now: () => now })
  const sender = await anon(server, 'bob')
  await sender.ask({ type: 'JOIN', channel: '#general' })
  const times: number[] = []
  for (const jump of [0, -3_600_000, day, -2 * day, 0]) {
    now += jump
    await sender.ask({ type: 'MSG', to: '#general', content: 'tick' })
    times.push(Number((await sender.next('MSG')).ts))
  }
  expect(times).toEqual([...new Set(times)].sort((one, other) => one - other))
})

test('whoever names an early start does not get a turn that another has', async () => {
  const server = await serve()
  const [holder, cheat] = [await anon(server, 'bob'), await anon(server, 'eve')]
  for (const peer of [holder, cheat]) await peer.ask({ type: 'JOIN', channel: '#general' })
  const claim = { type: 'RESPONDING_TO', msg_id: 'm1', channel: '#general' }
  await holder.ask({ ...claim, started_at: Date.now() })
  await cheat.ask({ ...claim, started_at: 1 })
  expect(await cheat.next('YIELD')).toMatchObject({ holder: holder.id })
})
