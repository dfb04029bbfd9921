// R4: A small compressed frame that unpacks into more memory than there is.

import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { anon, connect, serve } from '../wire/kit.ts'
import { clientFrame, upgraded } from '../wire/raw.ts'

const bomb = deflateRawSync(Buffer.alloc(20_000_000, ' '))

test('compression is not agreed on, however it is offered', async () => {
  const server = await serve()
  const offer = 'permessage-deflate; client_max_window_bits; server_no_context_takeover'
  const raw = await upgraded(server.port, { 'Sec-WebSocket-Extensions': offer })
  expect(raw.read.toString('latin1')).not.toMatch(/sec-websocket-extensions/i)
  const peer = await connect(server, { perMessageDeflate: true })
  expect(peer.ws.extensions).toBe('')
})

test('a compressed frame closes its connection unread, and no other', async () => {
  const server = await serve()
  const bob = await anon(server, 'bob')
  const raw = await upgraded(server.port)
  raw.write(clientFrame(bomb, { rsv1: true }))
  expect(await raw.closeCode()).toBe(1002)
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})
