// Coming in: what keeps an agent out, and who it is once it is in.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { AgentChat, ConnectionError, createIdentity, RefusedError } from '../../src/index.ts'
import { withTemporaryDirectory } from '../kit/directory.ts'
import { serve } from '../wire/kit.ts'
import { connect, connectKeyed } from './kit/agents.ts'
import { hospitable, hostileServer, welcome } from './kit/hostile.ts'

test.each(['127.0.0.1:6667', 'http://127.0.0.1:6667', 'ws://', ''])(
  '%j is no address of a server',
  async (server) => {
    await expect(AgentChat.connect({ server, name: 'alice' })).rejects.toMatchObject({
      name: 'ConnectionError',
      reason: 'unreachable',
    })
  },
)

test.each(['', 'a b', '#a', 'a'.repeat(33)])('%j is no name', async (name) => {
  const server = 'ws://127.0.0.1:1'
  await expect(AgentChat.connect({ server, name })).rejects.toThrow(RangeError)
})

test('where nobody listens, nobody is reached', async () => {
  const server = await hostileServer(() => {})
  const gone = server.url.replace(/\d+$/, '1')
  await expect(AgentChat.connect({ server: gone, name: 'alice' })).rejects.toMatchObject({
    reason: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('a server that says nothing is waited for no longer than asked', async () => {
  const server = await hostileServer(() => {})
  const options = { server: server.url, name: 'alice', timeoutMs: 50 }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'timeout' })
})

test('a port that opens and says nothing is waited for no longer than asked', async () => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => mute.once('listening', resolve))
  const address = mute.address()
  const port = typeof address === 'object' ? address?.port : 0
  const options = { server: `ws://127.0.0.1:${port}`, name: 'alice', timeoutMs: 50 }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'timeout' })
  mute.close()
})

test.each([
  ['another frame', { type: 'JOINED', channel: '#a' }],
  ['a WELCOME to nobody', { type: 'WELCOME', agent_id: 7 }],
])('what answers with %s is no server of ours', async (_what, frame) => {
  const server = await hostileServer(({ ref }, { say }) => say({ ...frame, ref }))
  const options = { server: server.url, name: 'alice' }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'nonsense' })
})

test('a refusal is told with its code, its sentence and the frame', async () => {
  const server = await serve()
  const failure = await AgentChat.connect({ server: server.url, name: 'admin' }).catch((e) => e)
  expect(failure).toBeInstanceOf(RefusedError)
  expect(failure).toMatchObject({
    code: 'INVALID_MSG',
    message: /reserved/,
    frame: { type: 'ERROR' },
  })
})

test('a server that closes during the login is told with its code', async () => {
  const server = await hostileServer((_frame, { ws }) => ws.close(4410, 'too old'))
  await expect(AgentChat.connect({ server: server.url, name: 'alice' })).rejects.toMatchObject({
    reason: 'lost',
    closeCode: 4410,
    message: expect.stringContaining('too old'),
  })
})

test('a signal ends the attempt, with its own reason, before and during it', async () => {
  const server = await hostileServer(() => {})
  const options = { server: server.url, name: 'alice' }
  const before = AbortSignal.abort(new Error('changed my mind'))
  await expect(AgentChat.connect({ ...options, signal: before })).rejects.toThrow('changed my mind')
  const during = new AbortController()
  const attempt = AgentChat.connect({ ...options, signal: during.signal })
  await server.next('IDENTIFY')
  during.abort(new Error('enough'))
  await expect(attempt).rejects.toThrow('enough')
})

test('an agent without a key has a name, an id that is nobody else’s, and no cursor', async () => {
  const server = await serve()
  const alice = await connect(server.url, { name: 'alice' })
  const other = await connect(server.url, { name: 'alice' })
  expect(alice).toMatchObject({ name: 'alice', serverName: 'localhost', channels: [] })
  expect(alice.id).toMatch(/^@anon-/)
  expect(other.id).not.toBe(alice.id)
  expect([alice.cursor, alice.serverKey]).toEqual([undefined, undefined])
})

test('an agent with a key is itself again, with its cursor and its channels', async () => {
  const server = await serve()
  const identity = createIdentity('alice')
  const first = await connect(server.url, { identity })
  await first.join('#general')
  await first.close()
  const again = await connect(server.url, { identity, name: 'alicia' })
  expect(again).toMatchObject({ id: first.id, name: 'alicia', channels: ['#general'] })
  expect(again.serverKey).toBe(server.key)
  expect(again.cursor).toBeTypeOf('number')
})

test('a name that belongs to another is given with a number', async () => {
  const server = await serve()
  await connectKeyed(server.url, 'alice')
  expect((await connectKeyed(server.url, 'alice')).name).toBe('alice-2')
})

test('a brief errand makes nobody present', async () => {
  const server = await serve()
  const watcher = await connect(server.url, { name: 'watcher' })
  const alice = await connectKeyed(server.url, 'alice', { brief: true })
  expect(await watcher.whois(alice.id)).toMatchObject({ presence: 'offline' })
})

test('what comes right behind WELCOME is heard by who listens right after connecting', async () => {
  const said = { type: 'TYPING', from: '@a', from_name: 'a', channel: '#a' }
  const server = await hostileServer((frame, { say }) => {
    say({ ...said, channel: '#too-early' })
    say(welcome(frame))
    say(said)
  })
  const alice = await connect(server.url, { name: 'alice' })
  expect(await alice.once('TYPING')).toMatchObject({ channel: '#a' })
})

test('with TLS a server is trusted by the certificates that are given, and not without', async () => {
  await withTemporaryDirectory(async (directory) => {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const made = ['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost']
    const kind = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1']
    await promisify(execFile)('openssl', ['req', ...kind, ...made, ...names])
    const server = await serve({ cert, key })
    await expect(AgentChat.connect({ server: server.url, name: 'alice' })).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('certificate'),
    })
    const alice = await connectKeyed(server.url, 'alice', {
      tls: { ca: await readFile(cert, 'utf8') },
    })
    expect(alice.serverKey).toBe(server.key)
  })
})

test('a signal that ends the connection later rejects whoever waits with its reason', async () => {
  const server = await hostileServer(hospitable())
  const life = new AbortController()
  const alice = await connect(server.url, { name: 'alice', signal: life.signal })
  const waiting = [alice.request('PING', {}), alice.once('MSG'), alice.send('@bob', 'hi')]
  const ended = Promise.allSettled(waiting)
  const messages = alice.messages()
  life.abort(new Error('the day is over'))
  for (const outcome of await ended) {
    expect(outcome).toMatchObject({ reason: { message: 'the day is over' } })
  }
  expect(await messages.next()).toMatchObject({ done: true })
  await expect(alice.request('PING', {})).rejects.toThrow('the day is over')
})

test('after close nothing is sent any more, and everybody is told', async () => {
  const server = await serve()
  const alice = await connect(server.url, { name: 'alice' })
  const states: unknown[] = []
  alice.onState((state) => states.push(state))
  await alice.close()
  await alice.close()
  expect(states.at(-1)).toMatchObject({ state: 'closed', code: 1000, final: false })
  await expect(alice.send('@bob', 'hi')).rejects.toThrow(ConnectionError)
  await expect(alice.once('MSG')).rejects.toMatchObject({ reason: 'closed' })
  expect(await alice.messages().next()).toMatchObject({ done: true })
})
