// R9: One address opens connection after connection, under its own name or one that it makes up.

import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/server/config.ts'
import { Admission } from '../../src/server/inbound/admission.ts'
import { connect, type Given, serve } from '../wire/kit.ts'

const few: Given = { connectionsPerAddress: '3', newConnectionsPerMinute: '5' }

/** Connects as a proxy does for a client of this address. */
const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } })

test('too many at once from one address are turned away with 429, others are not', async () => {
  const server = await serve({ ...few, behindProxy: 'true' })
  for (let at = 0; at < 3; at++) await connect(server, from('203.0.113.7'))
  await expect(connect(server, from('203.0.113.7'))).rejects.toThrow('429')
  await connect(server, from('203.0.113.8'))
})

test('too many in a minute are turned away, also when each has gone before the next', async () => {
  const server = await serve({ ...few, behindProxy: 'true' })
  for (let at = 0; at < 5; at++) await (await connect(server, from('203.0.113.7'))).leave()
  await expect(connect(server, from('203.0.113.7'))).rejects.toThrow('429')
})

test('a whole /64 of IPv6 is one address', async () => {
  const server = await serve({ ...few, behindProxy: 'true' })
  for (let at = 1; at <= 3; at++) await connect(server, from(`2001:db8:1:2:${at}::${at}`))
  await expect(connect(server, from('2001:db8:1:2::ffff'))).rejects.toThrow('429')
  await connect(server, from('2001:db8:1:3::1'))
})

test('what a client wrote itself before the proxy did does not help it', async () => {
  const server = await serve({ ...few, behindProxy: 'true' })
  for (let at = 0; at < 3; at++) await connect(server, from(`198.51.100.${at}, 203.0.113.7`))
  await expect(connect(server, from('198.51.100.9, 203.0.113.7'))).rejects.toThrow('429')
})

test('without a proxy nobody is asked who it is for', async () => {
  const server = await serve(few)
  for (let at = 0; at < 8; at++) await connect(server, from('203.0.113.7'))
})

test('this machine is exempt, but not from the bound on all together', async () => {
  const server = await serve({ ...few, maxConnections: '6' })
  const peers = []
  for (let at = 0; at < 6; at++) peers.push(await connect(server))
  await expect(connect(server)).rejects.toThrow('503')
  await peers[0]?.leave()
  await connect(server)
})

test('of a peer that is no proxy of ours the header is not believed, of one that is the last word is', () => {
  const options = resolveOptions({ behindProxy: '192.0.2.9' })
  const told = (peer: string, forwarded: string | undefined) =>
    new Admission(options).addressOf({
      socket: { remoteAddress: peer },
      headers: { 'x-forwarded-for': forwarded },
    } as unknown as IncomingMessage) // all of a request that is looked at
  expect(told('192.0.2.10', '203.0.113.7')).toBe('192.0.2.10')
  expect(told('::ffff:192.0.2.10', '203.0.113.7')).toBe('192.0.2.10')
  expect(told('192.0.2.9', '203.0.113.7')).toBe('203.0.113.7')
  expect(told('::ffff:192.0.2.9', '127.0.0.1,203.0.113.7')).toBe('203.0.113.7')
  expect(told('127.0.0.1', '203.0.113.7 , 203.0.113.8')).toBe('203.0.113.8')
  expect(told('192.0.2.9', 'nobody')).toBe('192.0.2.9')
  expect(told('192.0.2.9', undefined)).toBe('192.0.2.9')
  expect(
    new Admission(resolveOptions({})).addressOf({
      socket: { remoteAddress: '127.0.0.1' },
      headers: { 'x-forwarded-for': '203.0.113.7' },
    } as unknown as IncomingMessage),
  ).toBe('127.0.0.1')
})
