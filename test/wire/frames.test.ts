// Frames that are not as declared, and what every good one can count on.

import { describe, expect, test } from 'vitest'
import { anon, connect, hasty, serve } from './kit.ts'
import { clientFrame, framesIn, upgraded } from './raw.ts'

const deep = (levels: number) =>
  `{"type":"PING","a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
const ping = { type: 'PING' }

describe('one ERROR each, and the connection goes on', () => {
  test.each([
    ['null', 'null'],
    ['a number', '42'],
    ['a text', '"PING"'],
    ['true', 'true'],
    ['an array', '[{"type":"PING"}]'],
    ['nothing', ''],
    ['half a frame', '{"type":"PING"'],
    ['two frames', '{"type":"PING"}{"type":"PING"}'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"DROP_TABLES"}'],
    ['a type of another case', '{"type":"ping"}'],
    ['a type that is no text', '{"type":7}'],
    ['the name of a method as its type', '{"type":"hasOwnProperty"}'],
    ['a frame that only servers send', '{"type":"WELCOME","agent_id":"@a"}'],
    ['an entry that only nodes append', '{"type":"SESSION_CLOSED","session":"s1"}'],
    ['a wrong field', '{"type":"JOIN","channel":5}'],
    ['a missing field', '{"type":"JOIN"}'],
    ['33 levels', deep(33)],
    ['10,000 levels', deep(10_000)],
    ['a duplicate key', '{"type":"PING","type":"PING"}'],
    ['a prototype as a key', '{"type":"PING","__proto__":{"ref":"x"}}'],
    ['a lone surrogate', '{"type":"PING","a":"\\ud800"}'],
    ['NUL', '{"type":"PING","a":"\\u0000"}'],
    ['257 keys', `{"type":"PING",${Array.from({ length: 256 }, (_, i) => `"k${i}":0`)}}`],
    ['a ref with a blank', '{"type":"PING","ref":"a b"}'],
    ['a ref of 65 characters', `{"type":"PING","ref":"${'r'.repeat(65)}"}`],
    ['a ref that is a number', '{"type":"PING","ref":1}'],
    ['a number beyond all bounds', '{"type":"RESUME","after":1e400}'],
    ['a position that is half', '{"type":"RESUME","after":0.5}'],
  ])('%s', async (_what, text) => {
    const peer = await connect(await serve())
    peer.send(text)
    const told = await peer.settled()
    expect(told).toEqual([expect.objectContaining({ type: 'ERROR', code: 'INVALID_MSG' })])
    expect(JSON.stringify(told).length).toBeLessThan(500)
  })

  test('32 levels are none too many, and unknown fields are not looked at', async () => {
    const peer = await connect(await serve())
    peer.send(deep(32))
    expect(await peer.settled()).toEqual([expect.objectContaining({ type: 'PONG' })])
  })
})

describe('closed', () => {
  test('with 1003 on a binary frame', async () => {
    const peer = await anon(await serve(), 'alice')
    peer.send(Buffer.from(JSON.stringify(ping)))
    expect(await peer.closed).toMatchObject({ code: 1003 })
    expect(peer.heard).toEqual([])
  })

  test('with 1009 on a frame over --max-frame, and not on one of that size', async () => {
    const server = await serve({ maxFrame: '2048' })
    const peer = await connect(server)
    peer.send(JSON.stringify(ping).padEnd(2_048))
    expect(await peer.settled()).toEqual([expect.objectContaining({ type: 'PONG' })])
    peer.send(JSON.stringify(ping).padEnd(2_049))
    expect(await peer.closed).toMatchObject({ code: 1009 })
  })

  test('with 4400 after a hundred bad frames, and listened to no more', async () => {
    const server = await serve()
    const raw = await upgraded(server.port)
    raw.write(Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame('null'))))
    expect(await raw.closeCode()).toBe(4400)
    expect(framesIn(raw.read).length).toBeLessThanOrEqual(102)
    expect(server.reports.filter(({ name }) => name === 'flood-closed')).toHaveLength(1)
  })

  test.each([
    ['a frame without a mask', clientFrame('{}', { masked: false }), 1002],
    ['a reserved opcode', clientFrame('{}', { opcode: 3 }), 1002],
    ['a continuation of nothing', clientFrame('{}', { opcode: 0 }), 1002],
    ['a ping over 125 bytes', clientFrame('x'.repeat(126), { opcode: 9 }), 1002],
    ['a ping in parts', clientFrame('x', { opcode: 9, fin: false }), 1002],
    ['text that is not UTF-8', clientFrame(Buffer.from([0xc3, 0x28])), 1007],
    ['a length of 2^62', clientFrame('', { length: 2 ** 62 }), 1009],
    ['a close code that is none', clientFrame(Buffer.from([0, 5]), { opcode: 8 }), 1002],
  ])('on %s', async (_what, bytes, code) => {
    const server = await serve()
    const raw = await upgraded(server.port)
    raw.write(bytes)
    expect(await raw.closeCode()).toBe(code)
    expect((await anon(server, 'alice')).welcome.type).toBe('WELCOME')
  })
})

describe('ref', () => {
  test('comes back exactly once, whatever the answer is', async () => {
    const peer = await anon(await serve(hasty), 'alice')
    const frames = [
      ping,
      { type: 'LIST_CHANNELS' },
      { type: 'JOIN', channel: '#general' },
      { type: 'JOIN', channel: '#nowhere' },
      { type: 'MSG', to: '#general', content: 'x' },
      { type: 'MSG', to: '#general', content: 'x', in_reply_to: 'm1' },
      { type: 'MSG', to: '@nobody', content: 'x' },
      { type: 'TYPING', channel: '#general' },
      { type: 'TYPING', channel: '#nowhere' },
      { type: 'SET_PRESENCE', status: 'busy' },
      { type: 'SET_NICK', nick: 'al' },
      { type: 'HISTORY', target: '#general' },
      { type: 'HISTORY', target: '#nowhere' },
      { type: 'RESUME' },
      { type: 'ACK', position: 0 },
      { type: 'IDENTIFY', name: 'again' },
      { type: 'VERIFY_IDENTITY', challenge_id: 'c', signature: 's', timestamp: 1 },
      { type: 'NONSENSE' },
      { type: 'LEAVE', channel: '#general' },
    ]
    frames.forEach((frame, at) => {
      peer.send({ ...frame, ref: `!~${at}` })
    })
    const told = await peer.settled()
    const refs = told.flatMap(({ ref }) => ref ?? [])
    expect(refs.sort()).toEqual(frames.map((_, at) => `!~${at}`).sort())
  })

  test('is not told to anybody else', async () => {
    const server = await serve()
    const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
    for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
    one.send({ type: 'MSG', to: '#general', content: 'x', ref: 'mine' })
    expect((await one.settled('MSG')).map(({ ref }) => ref)).toEqual([undefined])
    expect((await other.settled('MSG')).map(({ ref }) => ref)).toEqual([undefined])
  })
})

test('ts only ever rises, for all that one connection is told', async () => {
  const server = await serve(hasty)
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  for (let at = 0; at < 300; at++) {
    one.send({ type: 'MSG', to: '#general', content: `${at}` })
    if (at % 3 === 0) other.send({ type: 'MSG', to: '#general', content: `other ${at}` })
  }
  await one.settled('none')
  const said = (await other.settled()).filter(({ type }) => type === 'MSG')
  expect(said).toHaveLength(400)
  const times = said.map(({ ts }) => ts)
  expect(times.filter((ts, at) => at > 0 && ts <= (times[at - 1] ?? 0))).toEqual([])
})
