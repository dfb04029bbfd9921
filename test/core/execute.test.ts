// Executing: who may ask at all, when there is an answer, and that a fault of ours is no refusal.

import { describe, expect, test } from 'vitest'
import { consult, execute } from '../../src/core/execute.ts'
import { createWorld } from '../../src/core/world.ts'
import type { Ask, Shape } from '../../src/protocol/declare.ts'
import { type AskType, asks, type Heard } from '../../src/protocol/frames.ts'
import { coreTown } from '../kit/core.ts'

const handshake = ['IDENTIFY', 'VERIFY_IDENTITY']
const declared = Object.entries<Ask<Shape, string, Shape>>(asks).filter(
  ([type]) => !handshake.includes(type),
)
const from = (access: string) =>
  declared.filter(([, ask]) => ask.from === access).map(([type, ask]) => ({ type, ask }))

const stranger = (type: string, fields: object) => ({
  type,
  session: 'nobody',
  fields: { ...fields },
  ref: 'r1',
  now: 1,
})
const told = (text: string | undefined): Heard => JSON.parse(text ?? 'null')

describe('refused, without a trace', () => {
  test.each([...from('agent'), ...from('key')])(
    '$type before anybody is identified: AUTH_REQUIRED',
    ({ type, ask }) => {
      const world = createWorld()
      const draft = stranger(type, ask.example)
      const outcome =
        ask.kind === 'command' ? execute(world, { ...draft, position: 1 }) : consult(world, draft)
      expect(outcome.accepted).toBe(false)
      expect(outcome.told).toHaveLength(1)
      expect(outcome.told[0]?.audience).toEqual(['nobody'])
      expect(told(outcome.told[0]?.text)).toMatchObject({ code: 'AUTH_REQUIRED', ref: 'r1' })
      expect(world).toEqual(createWorld())
    },
  )

  test.each(from('key'))('$type without a key: SIGNATURE_REQUIRED', async ({ type, ask }) => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    const before = town.driver.frozen()
    alice.sends({ type, ...ask.example })
    await alice.refused('SIGNATURE_REQUIRED')
    expect(town.driver.frozen()).toBe(before)
  })

  test.each(['TICK', 'SESSION_OPENED', 'SESSION_CLOSED', 'WELCOME', 'toString', '__proto__', ''])(
    'a frame of type %j from a client',
    async (type) => {
      const town = await coreTown()
      const alice = await town.agent('alice')
      const before = town.driver.frozen()
      alice.sends({ type, session: alice.session, ref: 'r' })
      await alice.refused('INVALID_MSG')
      expect(town.driver.frozen()).toBe(before)
    },
  )
})

test.each(from('anyone'))('$type is answered before anybody is identified', ({ type, ask }) => {
  const { told: texts } = consult(createWorld(), stranger(type, ask.example))
  expect(told(texts[0]?.text)).toMatchObject({ type: ask.answer, ref: 'r1' })
})

describe('an answer', () => {
  test('comes once, with the ref of the frame', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    alice.sends({ type: 'PING', ref: 'abc' })
    expect((await alice.heard('PONG')).ref).toBe('abc')
    await alice.heardNothing()
  })

  const quiet = declared.filter(([, ask]) => ask.quiet).map(([type]) => type)
  test('to a quiet ask comes only when there is a ref', async () => {
    expect(quiet).toContain('SET_PRESENCE')
    const town = await coreTown()
    const alice = await town.agent('alice')
    alice.sends({ type: 'SET_PRESENCE', status: 'busy' })
    await alice.heardNothing()
    alice.sends({ type: 'SET_PRESENCE', status: 'away', ref: 'r' })
    await alice.heard('DONE')
  })

  test('that says no comes without a ref too, unless the ask is silent', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    alice.sends({ type: 'MSG', to: '#nowhere', content: 'hi' })
    await alice.refused('CHANNEL_NOT_FOUND')
    alice.sends({ type: 'TYPING', channel: '#nowhere' })
    await alice.heardNothing()
  })

  test('to what a node notes itself goes nowhere, also when it is refused', () => {
    const world = createWorld()
    const opening = { agent: '@a', name: 'a', version: 'v1', brief: false, server: 'x' }
    const fields = { session: 's1', ...opening }
    const note = { type: 'SESSION_OPENED', session: null, position: 1, now: 1 }
    expect(execute(world, { ...note, fields })).toEqual({
      accepted: true,
      told: [expect.anything()],
    })
    const other = { ...fields, session: 's2', key: 'K' }
    expect(execute(world, { ...note, position: 2, fields: other })).toEqual({
      accepted: false,
      told: [],
    })
  })
})

describe('the position of the world', () => {
  test('is that of the last entry that was accepted; a refused one leaves it free', async () => {
    const town = await coreTown()
    const alice = await town.agent('alice')
    await alice.join('#general')
    const { world } = town.driver
    const first = await alice.says('#general', 'one')
    await alice.refused('CHANNEL_NOT_FOUND', 'JOIN', { channel: '#nowhere' })
    await alice.asks('PING', {})
    expect(world.position).toBe(first.position)
    const second = await alice.says('#general', 'two')
    expect(second.position).toBe(first.position + 1)
    expect(town.driver.entries.map(({ position }) => position)).toEqual([1, 2, 3, 4])
  })
})

describe('a fault', () => {
  test.each(['NONSENSE', ...handshake])('%s has no handler: it is thrown, not refused', (type) => {
    const entry = { type, session: null, fields: {}, position: 1, now: 1 }
    expect(() => execute(createWorld(), entry)).toThrow(`no handler for ${type}`)
    expect(() => consult(createWorld(), entry)).toThrow(`no handler for ${type}`)
  })
})

test('every ask that is no handshake, and every note, has a handler', () => {
  const world = createWorld()
  const types: string[] = [...declared.map(([type]) => type), 'TICK', 'SESSION_CLOSED']
  for (const type of types) {
    const example = asks[type as AskType]?.example ?? {}
    const fields = { ...example, session: 'nobody' }
    const entry = { type, session: null, fields, position: 1, now: 1 }
    expect(() => execute(world, entry)).not.toThrow()
  }
})
