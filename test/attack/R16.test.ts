// R16: An agent writes lines into the log of the server, or so much that nothing else can be found there.

import { expect, test } from 'vitest'
import { asks } from '../../src/protocol/frames.ts'
import { Home, startServer } from '../cli/kit.ts'
import { anon, connect, hasty, Peer, type Served, serve } from '../wire/kit.ts'

const canary = 'canary'
const poison = `${canary}\n{"level":60,"msg":"owned"}\r\n\u001b[31m\u2028`

/** Sends every declared frame with the poison in every field, and odd bytes besides. */
async function poisonAll(peer: Peer): Promise<void> {
  for (const [type, { fields, example }] of Object.entries(asks)) {
    peer.send({ type, ...example })
    peer.send({ type, ...Object.fromEntries(Object.keys(fields).map((key) => [key, poison])) })
    peer.send({ type, ref: poison, ...example })
  }
  peer.send({ type: poison })
  peer.send(poison)
  await peer.settled()
}

test('nothing that a client writes comes into the reports', async () => {
  const server = await serve({ ...hasty, name: 'chat.example' })
  await poisonAll(await connect(server))
  await poisonAll(await anon(server, 'mallory'))
  expect(server.reports.length).toBeGreaterThan(10)
  expect(JSON.stringify(server.reports)).not.toContain(canary)
})

test('each log line of the real binary is one JSON object of bounded length', async () => {
  const home = new Home()
  try {
    const { url, running } = await startServer(home, ['--log-level', 'debug'])
    const peer = new Peer(url)
    await peer.opened
    await peer.ask({ type: 'IDENTIFY', name: 'mallory' })
    await poisonAll(peer)
    await peer.leave()
    running.kill('SIGTERM')
    const { stderr } = await running.ended

    const lines = stderr.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(10)
    expect(stderr).not.toContain(canary)
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) })
      expect(line.length).toBeLessThan(4_000)
    }
  } finally {
    await home.close()
  }
})

test('a flood of bad frames is reported as one flood', async () => {
  const server: Served = await serve(hasty)
  const peer = await connect(server)
  for (let at = 0; at < 5_000; at++) peer.send('{')
  await peer.closed
  expect(server.reports.filter(({ name }) => name === 'flood-closed')).toHaveLength(1)
  expect(server.reports.length).toBeLessThan(200)
})
