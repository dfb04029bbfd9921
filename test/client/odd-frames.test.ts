// A server that sends rubbish: nothing of it stops a client, and none of it gets where it could do harm.

import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { connect, connectKeyed } from './kit/agents.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

const faults: unknown[] = []
const note = (fault: unknown) => faults.push(fault)

afterEach(() => {
  expect(faults.splice(0)).toEqual([])
})

/** Sends texts to a client between its PING and the PONG; resolves when the client has heard both. */
async function rubbish(texts: readonly (string | Buffer)[], withKey = true) {
  const server = await hostileServer(
    hospitable(({ ref, type }, { ws, say }) => {
      if (type !== 'PING') return
      for (const text of texts) ws.send(text)
      say({ type: 'PONG', ref })
    }),
  )
  const alice = withKey
    ? await connectKeyed(server.url, 'alice')
    : await connect(server.url, { name: 'alice' })
  const heard: unknown[] = []
  alice.on('*', (frame) => heard.push(frame))
  process.on('uncaughtException', note)
  await alice.request('PING', {})
  await alice.request('PING', {})
  process.off('uncaughtException', note)
  return { alice, heard }
}

test('what is no frame is let go', async () => {
  const { heard } = await rubbish([
    'null',
    '7',
    '"MSG"',
    '[]',
    '[{"type":"MSG"}]',
    '{}',
    '{"type":7}',
    '{"type":null}',
    '{"type":""}',
    '{"type":["MSG"]}',
    '{',
    '',
    '\0',
    '{"__proto__":{"type":"MSG"}}',
    `${'['.repeat(100_000)}`,
    Buffer.from('{"type":"MSG"}'),
  ])
  expect(heard.filter((frame) => !isPong(frame))).toEqual([])
})

test('a message without the fields of one is no message', async () => {
  const fine = { from: '@a', from_name: 'a', to: '#a', content: 'hi', msg_id: 'm1', auth: 'anon' }
  const wrong = [
    {},
    { ...fine, from: 7 },
    { ...fine, content: null },
    { ...fine, content: { toString: 1 } },
    { ...fine, position: '11' },
    { ...fine, position: -1 },
    { ...fine, position: 1.5 },
    { ...fine, position: 2 ** 60 },
    { ...fine, replay: 'yes' },
  ]
  const texts = wrong.map((fields) => JSON.stringify({ type: 'MSG', ...fields }))
  const { heard, alice } = await rubbish([...texts, '{"type":"MSG","position":1e999}'])
  expect(heard.filter((frame) => !isPong(frame))).toEqual([])
  expect(alice.position).toBe(10)
})

test('a type that nobody knows yet is heard by who hears everything', async () => {
  const { heard } = await rubbish(['{"type":"TELEPORTED","to":"#moon"}'])
  expect(heard).toContainEqual({ type: 'TELEPORTED', to: '#moon' })
})

test('fields of any shape stop nothing', async () => {
  const hard = fc.constantFrom<unknown>(
    { toString: 1, valueOf: 1 },
    null,
    [],
    {},
    -1,
    '',
    '@a',
    '#a',
  )
  const value = fc.oneof(hard, fc.jsonValue({ maxDepth: 2 }))
  const type = fc.constantFrom(
    ...['MSG', 'JOINED', 'LEFT', 'NICK_CHANGED', 'VERIFY_REQUEST', 'VERIFY_SUCCESS', 'ERROR'],
    ...['SERVER_CLOSING', 'WELCOME', 'CHALLENGE', 'SENT', 'RESUMED', 'AGENT', 'PONG'],
  )
  const field = fc.constantFrom(
    ...['ref', 'channel', 'agent_id', 'old_nick', 'new_nick', 'from', 'to', 'target', 'nonce'],
    ...['request_id', 'agent', 'pubkey', 'retry_after_ms', 'position', 'content', 'code', 'limits'],
  )
  const frame = fc
    .tuple(type, fc.dictionary(field, value))
    .map(([type, fields]) => ({ ...fields, type }))
  const frames = fc.sample(frame, { numRuns: 2_000, seed: 7 })
  for (const withKey of [true, false]) {
    const { alice } = await rubbish(
      frames.map((one) => JSON.stringify(one)),
      withKey,
    )
    expect(alice.id).toMatch(/^@/)
  }
})

test('a listener that throws is loud, and keeps nobody else from hearing', async () => {
  const server = await hostileServer(hospitable(({ ref }, { say }) => say({ type: 'PONG', ref })))
  const alice = await connect(server.url, { name: 'alice' })
  const heard: string[] = []
  alice.on('PONG', () => {
    throw new Error('a fault of the listener')
  })
  alice.on('PONG', ({ type }) => heard.push(type))
  // Vitest listens too, and would take what is expected here for a failure.
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const loud = new Promise((resolve) => process.once('uncaughtException', resolve))
  await alice.request('PING', {})
  expect(await loud).toMatchObject({ message: 'a fault of the listener' })
  for (const other of others) process.on('uncaughtException', other)
  expect(heard).toEqual(['PONG'])
})

function isPong(frame: unknown): boolean {
  return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'PONG'
}
