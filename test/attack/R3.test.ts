// R3: A frame that makes a handler throw takes the whole server down.

import { expect, test } from 'vitest'
import { asks } from '../../src/protocol/frames.ts'
import { randomFrom } from '../kit/random.ts'
import { anon, connect, hasty, serve } from '../wire/kit.ts'

const oddities = [
  'null',
  'true',
  '0',
  '-1e400',
  '""',
  '[]',
  '[null]',
  '{}',
  '{"type":null}',
  '{"type":{}}',
  '{"type":"toString"}',
  '{"type":"constructor"}',
  '{"type":"__proto__"}',
  '{"type":"MSG"}',
  '{"type":"MSG","to":null,"content":null}',
  '{"type":"SESSION_OPENED","session":"x"}',
  '{"type":"TICK"}',
  '',
  '{',
  '\u0000',
]

test.each(oddities)('%j is refused with one ERROR, before and after the login', async (text) => {
  const server = await serve(hasty)
  for (const peer of [await connect(server), await anon(server, 'mallory')]) {
    peer.send(text)
    const heard = await peer.settled()
    expect(heard.map(({ type, code }) => [type, code])).toEqual([['ERROR', 'INVALID_MSG']])
  }
  expect(server.reports.filter(({ name }) => name === 'fault')).toEqual([])
})

test('frames made from all declarations, with values of the wrong kind, stop nothing', async () => {
  const server = await serve(hasty)
  const random = randomFrom(20)
  const values = [null, 0, -1, 1e308, '', 'x', '#general', '@x', [], {}, [[]], { a: 1 }, true]
  const bob = await anon(server, 'bob')
  for (let round = 0; round < 40; round++) {
    const mallory = await anon(server, 'mallory')
    for (const [type, { fields }] of Object.entries(asks)) {
      if (type === 'IDENTIFY' || type === 'VERIFY_IDENTITY') continue
      const made = Object.keys(fields).map((field) => [field, random.pick(values)])
      mallory.send({ type, ...Object.fromEntries(made) })
    }
    await mallory.settled()
    await mallory.leave()
  }
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
  expect(server.reports.filter(({ name }) => name === 'fault')).toEqual([])
})

test('a fault of the server itself costs the one connection that met it', async () => {
  const report = (name: string) => {
    if (name === 'refused') throw new Error('the disk of the log lines is full')
  }
  const server = await serve(hasty, { report })
  const [mallory, bob] = [await anon(server, 'mallory'), await anon(server, 'bob')]
  mallory.send('null')
  expect(await mallory.closed).toMatchObject({ code: 1011 })
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
  expect(server.reports.map(({ name }) => name)).toContain('fault')
})
