// R15: Signatures that are not genuine, each of which costs the server more to check than the client to make.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { anon, hasty, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const bad = () => randomBytes(64).toString('base64url')

test('a flood of bad signatures is closed with 4429 after a few', async () => {
  const server = await serve(hasty)
  const [mallory, bob] = [await keyed(server, 'mallory', alice), await anon(server, 'bob')]
  const message = signedMessage(alice, { to: mallory.id, content: 'x' })
  for (let at = 0; at < 10_000; at++) mallory.send({ ...message, sig: bad() })

  expect((await mallory.closed).code).toBe(4429)
  const refused = server.reports.filter(({ details }) => details?.code === 'VERIFICATION_FAILED')
  expect(refused.length).toBeLessThan(200)
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})

test('what is refused for less is not checked: haste comes before the signature', async () => {
  const server = await serve({ rate: '0.01', burst: '3' })
  const mallory = await keyed(server, 'mallory', alice)
  const message = signedMessage(alice, { to: mallory.id, content: 'x' })
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => mallory.ask({ ...message, sig: bad() })),
  )
  expect(answers.map(({ code }) => code)).toEqual([
    ...Array.from({ length: 3 }, () => 'VERIFICATION_FAILED'),
    ...Array.from({ length: 5 }, () => 'RATE_LIMITED'),
  ])
})

test('a few bad ones cost nothing but themselves', async () => {
  const mallory = await keyed(await serve(hasty), 'mallory', alice)
  const message = signedMessage(alice, { to: mallory.id, content: 'x' })
  await mallory.ask({ ...message, sig: bad() })
  expect(await mallory.ask(message)).toMatchObject({ type: 'SENT' })
})
