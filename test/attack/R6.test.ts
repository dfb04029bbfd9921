// R6: Requests that never end, so that the sockets for others run out.

import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Gate } from '../../src/server/inbound/gate.ts'
import { makeCertificate } from '../wire/certificate.ts'
import { anon, serve } from '../wire/kit.ts'
import { Raw, upgradeRequest } from '../wire/raw.ts'

test('headers that do not end are cut with 408, those that are too long with 431, and mute TLS', async () => {
  const server = await serve()
  const bob = await anon(server, 'bob')
  const { cert, key } = await makeCertificate()
  const unspoken = new Raw((await serve({ cert, key })).port)
  const mute = new Raw(server.port)
  mute.write('GET / HTTP/1.1\r\n')
  const slow = new Raw(server.port)
  slow.write(upgradeRequest().slice(0, -2))
  const long = new Raw(server.port)
  long.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`)

  expect(await long.status()).toBe(431)
  expect(await Promise.all([mute.status(), slow.status()])).toEqual([408, 408])
  await Promise.all([mute, slow, long, unspoken].map(({ ended }) => ended))
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})

test('who was turned away and keeps its end open is let go, and leaves nothing open here', async () => {
  const sockets: Socket[] = []
  const onUpgrade = vi.spyOn(Gate.prototype, 'attach').mockImplementation(function (
    this: Gate,
    server,
  ) {
    server.on('connection', (socket) => sockets.push(socket))
    onUpgrade.mockRestore()
    this.attach(server)
  })
  const server = await serve()
  const closed: Promise<unknown>[] = []
  for (const headers of [{ Host: 'evil.example' }, { Origin: 'http://evil.example' }]) {
    const raw = new Raw(server.port)
    raw.write(upgradeRequest(headers))
    expect(await raw.status()).toBe(403)
    const socket = sockets.at(-1)
    closed.push(
      new Promise((resolve) => (socket?.destroyed ? resolve(0) : socket?.once('close', resolve))),
    )
  }
  await Promise.all(closed)
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true])
})
