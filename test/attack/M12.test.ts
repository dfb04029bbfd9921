// M12: A clock is wrong, or set so, to say something before it was said, or after.

import { describe, expect, test } from 'vitest'
import {
  anon,
  keyed,
  keyedV0,
  makeKeys,
  serve,
  signedMessage,
  signedMessageV0,
} from '../wire/kit.ts'

const alice = makeKeys()
const dayMs = 86_400_000
const minuteMs = 60_000

describe('the clock of a client', () => {
  test.each([
    ['a day ahead', dayMs],
    ['six minutes ahead', 6 * minuteMs],
    ['a day and a minute behind', -dayMs - minuteMs],
    ['of 1970', -Date.now()],
  ])('that is %s: what it signs is refused', async (_what, ms) => {
    const server = await serve()
    const ts = Date.now() + ms
    const peer = await keyed(server, 'alice', alice)
    expect(await peer.ask(signedMessage(alice, { to: peer.id, content: 'x', ts }))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
    const bob = makeKeys()
    const older = await keyedV0(server, 'bob', bob)
    expect(await older.ask(signedMessageV0(bob, older.id, 'x', ts))).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test('that is less wrong: its time is shown as its own, and orders nothing', async () => {
    const server = await serve()
    const peer = await keyed(server, 'alice', alice)
    const now = Date.now()
    const times = [now + 4 * minuteMs, now - 23 * 60 * minuteMs, now]
    for (const ts of times) {
      await peer.ask(signedMessage(alice, { to: peer.id, content: `${ts}`, ts }))
    }
    const heard = await peer.settled('MSG')
    expect(heard.map(({ sig_ts }) => sig_ts)).toEqual(times)
    const positions = heard.map(({ position }) => Number(position))
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    for (const { ts } of heard) expect(Math.abs(ts - Date.now())).toBeLessThan(minuteMs)
    const page = await peer.ask({ type: 'HISTORY', target: peer.id, after: 0 })
    expect(page.messages).toEqual(heard)
  })

  test('is not believed where nothing is signed', async () => {
    const peer = await anon(await serve(), 'alice')
    await peer.ask({ type: 'MSG', to: peer.id, content: 'x', ts: 1 })
    const [heard] = await peer.settled('MSG')
    expect(heard?.ts).toBeGreaterThan(Date.now() - minuteMs)
    expect(heard).not.toHaveProperty('sig_ts')
  })
})

describe.each([
  ['ahead', dayMs],
  ['back', -dayMs],
])('the clock of the server jumps a day %s', (_way, ms) => {
  test('positions and times only rise, haste is measured as before, and sessions stay', async () => {
    let jump = 0
    const server = await serve({ burst: '6' }, { now: () => Date.now() + jump })
    const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
    for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
    const message = { type: 'MSG', to: '#general', content: 'x' }
    for (let at = 0; at < 3; at++) await one.ask(message)
    jump = ms
    for (let at = 0; at < 3; at++) await one.ask(message)
    expect(await one.ask(message)).toMatchObject({ code: 'RATE_LIMITED' })
    const heard = await other.settled('MSG')
    expect(heard).toHaveLength(6)
    for (const key of ['position', 'ts'] as const) {
      const values = heard.map((frame) => Number(frame[key]))
      expect(values.filter((value, at) => at > 0 && value <= (values[at - 1] ?? 0))).toEqual([])
    }
    const { list } = await other.ask({ type: 'LIST_AGENTS', channel: '#general' })
    expect(list).toMatchObject([{ presence: 'online' }, { presence: 'online' }])
  })

  test('an agent with the right time can log in and sign', async () => {
    let jump = 0
    const now = () => Date.now() + jump
    const server = await serve({}, { now })
    await anon(server, 'bob')
    jump = ms
    const peer = await keyed(server, 'alice', alice)
    expect(peer.welcome.type).toBe('WELCOME')
    const message = signedMessage(alice, { to: peer.id, content: 'x', ts: now() })
    expect(await peer.ask(message)).toMatchObject({ type: 'SENT' })
  })
})
