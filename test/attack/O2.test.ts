// O2: Keys, proofs or words of agents come out where operators and strangers look: logs, health, errors, open files.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { logLines } from '../../src/server/log-lines.ts'
import { reports } from '../../src/server/report.ts'
import { anon, connect, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const word = 'a-word-for-one-room-only'
const directories: string[] = []

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'agentchat-o2-'))
  directories.push(made)
  return made
}

/** A server on which something secret has happened, and all that a stranger can get out of it. */
async function afterSecrets() {
  const data = join(directory(), 'data')
  const server = await serve({ durability: 'full', data })
  const peer = await keyed(server, 'alice', alice)
  await peer.ask({ type: 'CREATE_CHANNEL', channel: '#private', invite_only: true })
  const message = signedMessage(alice, { to: '#private', content: word })
  await peer.ask(message)
  const stranger = await connect(server)
  await stranger.ask({ type: 'IDENTIFY', name: 'x', pubkey: alice.secretPem })
  await stranger.ask({ type: 'IDENTIFY', name: 'x', pubkey: alice.pem })
  await stranger.ask({
    type: 'VERIFY_IDENTITY',
    challenge_id: 'c',
    signature: message.sig,
    timestamp: 1,
  })
  const [health, missing] = await Promise.all(
    ['health', 'no-such-page'].map(async (page) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}/${page}`)
      return answer.text()
    }),
  )
  const outsider = await anon(server, 'mallory')
  const errors = await Promise.all(
    ['JOIN', 'LIST_AGENTS'].map((type) => outsider.ask({ type, channel: '#private' })),
  )
  return { server, data, secrets: [word, message.sig], public: { health, missing, errors } }
}

test('reports, health and refusals hold no content, signature, key or name of an agent', async () => {
  const { server, secrets, public: seen } = await afterSecrets()
  const serverSecret = 'PRIVATE KEY'
  const all = JSON.stringify([server.reports, seen])
  for (const secret of [...secrets, alice.raw, serverSecret, '#private-word']) {
    expect(all).not.toContain(secret)
  }
  expect(seen.health).not.toMatch(/alice|#private|@/)
})

test('the files of the server are for its user only, and hold no private key of an agent', async () => {
  const { server, data } = await afterSecrets()
  await server.stop()
  expect(statSync(data).mode & 0o777).toBe(0o700)
  const secret = alice.secretPem.split('\n')[1] ?? ''
  expect(secret.length).toBeGreaterThan(20)
  const files = readdirSync(data)
  expect(files).toContain('server.key')
  for (const file of files) {
    expect(statSync(join(data, file)).mode & 0o077, file).toBe(0)
    expect(readFileSync(join(data, file)).includes(secret), file).toBe(false)
  }
})

test('every report has a level, and log lines can be made quiet', () => {
  const levels = new Set(Object.values(reports))
  expect(
    [...levels].every((level) => ['debug', 'info', 'warn', 'error', 'fatal'].includes(level)),
  ).toBe(true)
  expect(() => logLines('silent')('fault', { stack: word })).not.toThrow()
})
