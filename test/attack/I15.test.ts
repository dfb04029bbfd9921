// I15: Logins are begun and never ended, until the server remembers nothing but challenges.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { connect, hasty, makeKeys, type Peer, serve } from '../wire/kit.ts'

const halfLogins = 30_000
const atOnce = 500
const mostBytes = 2_000_000

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

async function begins(peer: Peer, asked: object, count: number): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    for (let at = 0; at < atOnce; at++) peer.send(asked)
    await peer.ask({ type: 'PING' })
    expect(peer.heard.splice(0).filter(({ type }) => type === 'CHALLENGE')).toHaveLength(atOnce)
  }
}

test(`${halfLogins} half logins over three connections leave nothing behind`, async () => {
  const server = await serve(hasty)
  const peers = [await connect(server), await connect(server), await connect(server)]
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: makeKeys().pem }
  for (const peer of peers) await begins(peer, asked, atOnce)
  const before = heapBytes()
  for (const peer of peers) await begins(peer, asked, halfLogins / peers.length)
  expect(heapBytes() - before).toBeLessThan(mostBytes)
})

test('a connection that goes takes its challenge along', async () => {
  const server = await serve(hasty)
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: makeKeys().pem }
  const comeAndGo = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const peer = await connect(server)
      await peer.ask(asked)
      await peer.leave()
    }
  }
  await comeAndGo(50)
  const before = heapBytes()
  await comeAndGo(300)
  expect(heapBytes() - before).toBeLessThan(mostBytes)
})
