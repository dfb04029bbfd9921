// Declarations: each has an example that is as it says, and whatever it names is declared too.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Ask, Feature, Shape, Tell } from '../../src/protocol/declare.ts'
import { decode } from '../../src/protocol/decode.ts'
import { asReplay, encode } from '../../src/protocol/encode.ts'
import { closes, refusals } from '../../src/protocol/errors.ts'
import { asks, features, notes, tells } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'

const allAsks = Object.entries<Ask<Shape, string, Shape>>(asks)
const allTells = Object.entries<Tell<Shape>>(tells)
const allFeatures = Object.values<Feature>(features)

describe('what clients send', () => {
  test.each(allAsks)('%s: its example is decoded to what it says', (type, { example }) => {
    const decoded = decode(JSON.stringify({ type, ref: 'r1', ...example }))
    expect(decoded).toMatchObject({ type, ref: 'r1', declaration: asks[type as keyof typeof asks] })
    expect('fields' in decoded && decoded.fields).toEqual(example)
  })

  test.each(allAsks)('%s: its answer is declared', (_type, { answer }) => {
    expect(Object.keys(tells)).toContain(answer)
  })

  test.each(allAsks)('%s: its refusals are in the table, each once', (_type, ask) => {
    expect(Object.keys(refusals)).toEqual(expect.arrayContaining([...ask.refusals]))
    expect(new Set(ask.refusals).size).toBe(ask.refusals.length)
  })

  test.each(allAsks)('%s: no field that the edge adds can be sent by a client', (type, ask) => {
    const added = Object.fromEntries(Object.keys(ask.edge).map((name) => [name, true]))
    const decoded = decode(JSON.stringify({ type, ...ask.example, ...added }))
    expect('fields' in decoded && decoded.fields).toEqual(ask.example)
  })

  test.each(allAsks)('%s: a frame without what is required is refused', (type, { fields }) => {
    const required = Object.entries(fields).filter(
      ([, field]) => !field.safeParse(undefined).success,
    )
    const decoded = decode(JSON.stringify({ type }))
    expect('refusal' in decoded).toBe(required.length > 0)
  })

  test('a refusal is silent only where the answer is quiet', () => {
    const silent = allAsks.filter(([, ask]) => ask.silent)
    expect(silent.length).toBeGreaterThan(0)
    expect(silent.filter(([, ask]) => !ask.quiet)).toEqual([])
  })

  test('only commands have fields of the edge: nothing else is stored', () => {
    const others = allAsks.filter(([, ask]) => ask.kind !== 'command')
    expect(others.filter(([, ask]) => Object.keys(ask.edge).length > 0)).toEqual([])
  })

  test('everything has its price', () => {
    for (const [type, { price }] of allAsks) {
      expect(price.tokens, type).toBeGreaterThanOrEqual(1)
      const isSaid = type === 'MSG' || type === 'PROPOSAL'
      expect(price.bucket, type).toBe(isSaid ? 'messages' : 'requests')
    }
  })
})

describe('what servers send', () => {
  test.each(allTells)(
    '%s: its example is as it says, and no more',
    (_type, { fields, example }) => {
      expect(z.strictObject(fields).safeParse(example).error).toBeUndefined()
    },
  )

  test.each(allTells)('%s: the close it names is in the table', (_type, { closes: name }) => {
    if (name !== undefined) expect(Object.keys(closes)).toContain(name)
  })

  test('every reply but ERROR and CHALLENGE is the answer to something', () => {
    const replies = allTells.filter(([, { kind }]) => kind === 'reply').map(([type]) => type)
    const answers = new Set(allAsks.map(([, { answer }]) => answer))
    expect(replies.filter((type) => !answers.has(type))).toEqual(['CHALLENGE', 'ERROR'])
  })

  test('no field is called as the envelope is', () => {
    const named = [...allTells, ...allAsks].flatMap(([, { fields }]) => Object.keys(fields))
    for (const name of ['type', 'ref', 'ts']) {
      expect(allTells.flatMap(([, { fields }]) => Object.keys(fields))).not.toContain(name)
    }
    expect(named).not.toContain('type')
    expect(named).not.toContain('ref')
  })
})

describe('the declarations together', () => {
  test('name no type twice: one would hide the other', () => {
    for (const kind of ['asks', 'tells', 'notes'] as const) {
      const names = allFeatures.flatMap((feature) => Object.keys(feature[kind]))
      expect(new Set(names).size).toBe(names.length)
      expect(names.sort()).toEqual(Object.keys({ asks, tells, notes }[kind]).sort())
    }
  })

  test('keep what nodes note apart from what clients send', () => {
    expect(Object.keys(notes).filter((type) => type in asks)).toEqual([])
  })

  test('have a sentence each, and so have refusals and closes', () => {
    const documented = [
      ...allAsks,
      ...allTells,
      ...Object.entries(notes),
      ...Object.entries(refusals),
      ...Object.entries(closes),
    ]
    for (const [name, { doc }] of documented) expect(doc, name).toMatch(/^[A-Z`][^\n]*\.$/)
  })

  test('are named as frames are: SCREAMING_SNAKE types, snake_case fields', () => {
    const all = [...allAsks, ...allTells, ...Object.entries(notes)]
    for (const [type, { fields }] of all) {
      expect(type).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
      for (const name of Object.keys(fields)) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
    }
  })

  test('close codes differ, and limits are whole numbers above nothing', () => {
    const codes = Object.values(closes).map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    for (const [name, limit] of Object.entries(limits)) {
      expect(Number.isSafeInteger(limit) && limit > 0, name).toBe(true)
    }
  })
})

describe('encoding', () => {
  test('puts the type, the ref and the time before the fields', () => {
    expect(encode('PONG', 7, {}, 'r1')).toBe('{"type":"PONG","ref":"r1","ts":7}')
    expect(encode('LEFT', 7, { channel: '#a' })).toBe('{"type":"LEFT","ts":7,"channel":"#a"}')
  })

  test('marks a text from history without parsing it', () => {
    const { example } = tells.MSG
    const text = encode('MSG', 7, example as never) // an example is checked above
    expect(JSON.parse(asReplay(text))).toEqual({ ...JSON.parse(text), replay: true })
  })
})
