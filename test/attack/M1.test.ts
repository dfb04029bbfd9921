// M1: A message is sent again, by its sender or by who caught it, to be heard twice.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { anon, hasty, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()

test('somebody else cannot send a signed message again', async () => {
  const server = await serve()
  const sender = await keyed(server, 'alice', alice)
  await sender.ask({ type: 'JOIN', channel: '#general' })
  const message = signedMessage(alice, { to: '#general', content: 'once' })
  await sender.ask(message)

  const thief = await keyed(server, 'mallory', makeKeys())
  await thief.ask({ type: 'JOIN', channel: '#general', replay: 0 })
  expect(await thief.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  const nobody = await anon(server, 'nobody', { v: 1 })
  await nobody.ask({ type: 'JOIN', channel: '#general', replay: 0 })
  expect(await nobody.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
})

test('the same cid with another content is refused', async () => {
  const server = await serve()
  const sender = await keyed(server, 'alice', alice)
  await sender.ask({ type: 'JOIN', channel: '#general' })
  const cid = randomBytes(12).toString('hex')
  await sender.ask(signedMessage(alice, { to: '#general', content: 'one', cid }))
  const other = signedMessage(alice, { to: '#general', content: 'two', cid })
  expect(await sender.ask(other)).toMatchObject({ code: 'CID_CONFLICT' })
})

test('a message that is sent 1,000 times is heard once, and answered alike', async () => {
  const server = await serve(hasty)
  const sender = await keyed(server, 'alice', alice)
  const listener = await anon(server, 'bob')
  await sender.ask({ type: 'JOIN', channel: '#general' })
  await listener.ask({ type: 'JOIN', channel: '#general' })
  const message = signedMessage(alice, { to: '#general', content: 'once' })

  const answers = await Promise.all(Array.from({ length: 1_000 }, () => sender.ask(message)))
  expect(new Set(answers.map(({ position }) => position)).size).toBe(1)
  expect(answers.filter(({ repeat }) => repeat === true).length).toBe(999)
  expect((await listener.settled('MSG')).length).toBe(1)
})

test('on a new connection the repeat is known too', async () => {
  const server = await serve(hasty)
  const sender = await keyed(server, 'alice', alice)
  const message = signedMessage(alice, { to: sender.id, content: 'note to self' })
  const first = await sender.ask(message)
  await sender.leave()
  const again = await keyed(server, 'alice', alice)
  expect(await again.ask(message)).toMatchObject({ position: first.position, repeat: true })
})
