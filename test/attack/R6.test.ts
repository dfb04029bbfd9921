// R6: Requests that never end, so that the sockets for others run out.

import { expect, test } from 'vitest'
import { anon, serve } from '../wire/kit.ts'
import { Raw, upgradeRequest } from '../wire/raw.ts'

test('headers that do not end are cut with 408, and those that are too long with 431', async () => {
  const server = await serve()
  const bob = await anon(server, 'bob')
  const mute = new Raw(server.port)
  mute.write('GET / HTTP/1.1\r\n')
  const slow = new Raw(server.port)
  slow.write(upgradeRequest().slice(0, -2))
  const long = new Raw(server.port)
  long.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`)

  expect(await long.status()).toBe(431)
  expect(await Promise.all([mute.status(), slow.status()])).toEqual([408, 408])
  await Promise.all([mute, slow, long].map(({ ended }) => ended))
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})
