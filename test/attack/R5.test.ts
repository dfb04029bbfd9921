// R5: One message in thousands of pieces, or bytes one at a time, each of which costs more to keep than it holds.

import { expect, test } from 'vitest'
import { anon, serve } from '../wire/kit.ts'
import { clientFrame, upgraded } from '../wire/raw.ts'

/** The opcode of a piece that goes on with a message. */
const more = 0

test('a message of endless empty pieces closes its connection, and no other', async () => {
  const server = await serve()
  const bob = await anon(server, 'bob')
  const raw = await upgraded(server.port)
  raw.write(clientFrame('{', { fin: false }))
  const piece = clientFrame('', { opcode: more, fin: false })
  raw.write(Buffer.concat(Array.from({ length: 2_000 }, () => piece)))
  expect(await raw.closeCode()).toBe(1008)
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})

test('pings without end, sent in the middle of a message, stop nobody else', async () => {
  const server = await serve()
  const bob = await anon(server, 'bob')
  const raw = await upgraded(server.port)
  raw.write(clientFrame('{', { fin: false }))
  const ping = clientFrame('', { opcode: 9 })
  raw.write(Buffer.concat(Array.from({ length: 5_000 }, () => ping)))
  raw.write(clientFrame('"type":"LIST_CHANNELS"}', { opcode: more }))
  await raw.until((read) => read.includes('"CHANNELS"'))
  expect(await bob.ask({ type: 'PING' })).toMatchObject({ type: 'PONG' })
})

test('a message in a few pieces, byte by byte, is read', async () => {
  const raw = await upgraded((await serve()).port)
  const frames = Buffer.concat([
    clientFrame('{"type":', { fin: false }),
    clientFrame('"LIST_', { opcode: more, fin: false }),
    clientFrame('CHANNELS"}', { opcode: more }),
  ])
  for (const byte of frames) raw.write(Buffer.from([byte]))
  await raw.until((read) => read.includes('"CHANNELS"'))
  expect(raw.read.toString('latin1')).toContain('"type":"CHANNELS"')
})
