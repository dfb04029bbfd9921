// R7: Connections on which nobody ever says who it is, until there is no room for those who would.

import { expect, test } from 'vitest'
import { anon, connect, makeKeys, serve } from '../wire/kit.ts'

const mute = 50

test('whoever has not logged in after ten seconds is closed with 4401; who has stays', async () => {
  const server = await serve({ maxConnections: String(mute + 2) })
  const bob = await anon(server, 'bob')
  const silent = await Promise.all(Array.from({ length: mute }, () => connect(server)))
  const halfway = await connect(server)
  await halfway.ask({ type: 'IDENTIFY', name: 'alice', pubkey: makeKeys().pem })
  await expect(connect(server)).rejects.toThrow('503')

  const codes = await Promise.all([...silent, halfway].map(({ closed }) => closed))
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([4401]))
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
  expect((await anon(server, 'carol')).welcome.type).toBe('WELCOME')
})
