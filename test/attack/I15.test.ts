// I15: Logins are begun and never ended, until the table of challenges has eaten the memory.

import { expect, test } from 'vitest'
import { connect, hasty, makeKeys, type Peer, serve } from '../wire/kit.ts'

const pubkey = makeKeys().pem
const sockets = 20
const loginsPerSocket = 150

/** Begins logins on one connection, some at a time, and gives the last challenge. */
async function begin(peer: Peer, count: number) {
  let last = await peer.ask({ type: 'IDENTIFY', name: 'mallory', pubkey })
  for (let begun = 0; begun < count; begun += 50) {
    const asked = Array.from({ length: 50 }, () =>
      peer.ask({ type: 'IDENTIFY', name: 'mallory', pubkey }),
    )
    last = (await Promise.all(asked)).at(-1) ?? last
  }
  return last
}

test('a socket has one challenge: each new one takes the place of the last', async () => {
  const server = await serve(hasty)
  const peers = await Promise.all(Array.from({ length: sockets }, () => connect(server)))
  await Promise.all(peers.map((peer) => begin(peer, 50)))
  const before = process.memoryUsage().heapUsed

  const last = await Promise.all(peers.map((peer) => begin(peer, loginsPerSocket)))

  expect(new Set(last.map(({ challenge_id }) => challenge_id)).size).toBe(sockets)
  // Generous, for the heap is not collected when we ask: what is kept is one challenge a socket.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
})

test('the challenge before the last is worth nothing', async () => {
  const keys = makeKeys()
  const peer = await connect(await serve())
  const first = await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: keys.pem })
  await peer.ask({ type: 'IDENTIFY', name: 'alice', pubkey: keys.pem })
  const { challenge_id } = first
  const proof = { type: 'VERIFY_IDENTITY', challenge_id, signature: 'AAAA', timestamp: Date.now() }
  expect(await peer.ask(proof)).toMatchObject({ code: 'VERIFICATION_EXPIRED' })
})
