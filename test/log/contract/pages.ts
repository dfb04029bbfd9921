// The contract of the log: reading history.

import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { PageQuery, StreamQuery } from '../../../src/log/port.ts'
import { draft, news, query, type Stage } from './recorder.ts'

/** Pages and single pieces of what was kept. */
export function pages(on: Stage): void {
  beforeEach(async () => {
    on.log.append(news('1', '#a'))
    on.log.append(news('2', '#b'))
    on.log.append(news('3', '#a', '#b'))
    on.log.append(draft('4'))
    on.log.append(news('5', '#c'))
    on.log.append(news('6', '#a'))
    await on.told.hasReleased(6)
  })

  async function read(asked: PageQuery): Promise<{ at: number[]; more: boolean }> {
    const page = await on.log.page(asked)
    expect(page.forgotten).toBe(0)
    for (const { position, news } of page.items) expect(news).toBe(`{"said":"${position}"}`)
    return { at: page.items.map((item) => item.position), more: page.more }
  }

  test('a stream nobody wrote to is empty', async () => {
    expect(await read(query({ '#nobody': 0 }))).toEqual({ at: [], more: false })
    expect(await read(query({}))).toEqual({ at: [], more: false })
  })

  test('the earliest after a position, each stream from its own', async () => {
    expect(await read(query({ '#a': 0 }))).toEqual({ at: [1, 3, 6], more: false })
    expect(await read(query({ '#a': 1 }))).toEqual({ at: [3, 6], more: false })
    expect(await read(query({ '#a': 3, '#b': 0 }))).toEqual({ at: [2, 3, 6], more: false })
    expect(await read(query({ '#a': 6 }))).toEqual({ at: [], more: false })
  })

  test('the latest before a position', async () => {
    const latest = { from: 'latest', limit: 2 } as const
    expect(await read(query({ '#a': 0 }, latest))).toEqual({ at: [3, 6], more: true })
    expect(await read(query({ '#a': 0 }, { ...latest, before: 6 }))).toEqual({
      at: [1, 3],
      more: false,
    })
    expect(await read(query({ '#a': 1 }, { ...latest, before: 6 }))).toEqual({
      at: [3],
      more: false,
    })
  })

  test('several streams are one order, without doubles', async () => {
    const all = { '#a': 0, '#b': 0, '#c': 0 }
    expect(await read(query(all))).toEqual({ at: [1, 2, 3, 5, 6], more: false })
    expect(await read(query(all, { limit: 3 }))).toEqual({ at: [1, 2, 3], more: true })
    expect(await read(query(all, { limit: 5 }))).toEqual({ at: [1, 2, 3, 5, 6], more: false })
    expect(await read(query(all, { limit: 3, from: 'latest' }))).toEqual({
      at: [3, 5, 6],
      more: true,
    })
    const twice = [
      { stream: '#b', after: 2 },
      { stream: '#b', after: 0 },
    ]
    expect(await read({ ...query({}), streams: twice })).toEqual({ at: [2, 3], more: false })
  })

  test('bytes cut a page in the direction of reading, but never to nothing', async () => {
    const two = { maxBytes: 2 * '{"said":"1"}'.length }
    expect(await read(query({ '#a': 0 }, two))).toEqual({ at: [1, 3], more: true })
    expect(await read(query({ '#a': 0 }, { ...two, from: 'latest' }))).toEqual({
      at: [3, 6],
      more: true,
    })
    expect(await read(query({ '#a': 0 }, { maxBytes: 1 }))).toEqual({ at: [1], more: true })
    expect(await read(query({ '#c': 0 }, { maxBytes: 1 }))).toEqual({ at: [5], more: false })
  })

  test('bytes are those of UTF-8', async () => {
    on.log.append(draft('7', { kept: { streams: ['#u'], news: '"ééé"' } }))
    on.log.append(draft('8', { kept: { streams: ['#u', '#u'], news: '"ééé"' } }))
    await on.told.hasReleased(8)
    expect((await on.log.page(query({ '#u': 0 }, { maxBytes: 15 }))).items).toHaveLength(1)
    expect((await on.log.page(query({ '#u': 0 }, { maxBytes: 16 }))).items).toHaveLength(2)
  })

  test('one piece is found in its streams only', async () => {
    const third = { position: 3, news: '{"said":"3"}' }
    expect(await on.log.find('#a', 3)).toEqual(third)
    expect(await on.log.find('#b', 3)).toEqual(third)
    expect(await on.log.find('#c', 3)).toBeUndefined()
    expect(await on.log.find('#a', 4)).toBeUndefined()
    expect(await on.log.find('#a', 99)).toBeUndefined()
  })

  test('any page is what a simple model gives', async () => {
    const names = ['#p', '#q', '#r', '#s']
    const model = new Map<string, number[]>(names.map((name) => [name, []]))
    for (let position = 7; position <= 80; position += 1) {
      const streams = names.filter((_, bit) => ((position * 2654435761) >>> (bit + 9)) & 1)
      for (const stream of streams) model.get(stream)?.push(position)
      on.log.append(streams.length === 0 ? draft('x') : news(`${position}`, ...streams))
    }
    await on.told.hasReleased(80)
    await fc.assert(
      fc.asyncProperty(anyQuery(names), async (asked) => {
        expect(await read(asked)).toEqual(modelPage(model, asked))
      }),
      { seed: 1, numRuns: 300 },
    )
  })
}

/** Queries about some of these streams, up to position 90. */
export function anyQuery(names: readonly string[]): fc.Arbitrary<PageQuery> {
  const position = fc.integer({ min: 0, max: 90 })
  const streams = fc.array(fc.record({ stream: fc.constantFrom(...names), after: position }), {
    maxLength: 6,
  })
  const from = fc.constantFrom('earliest' as const, 'latest' as const)
  const limit = fc.integer({ min: 1, max: 30 })
  const bounds = fc.record({ streams, from, limit, maxBytes: fc.constant(100_000) })
  return fc
    .tuple(bounds, fc.option(position, { nil: undefined }))
    .map(([asked, before]) => (before === undefined ? asked : { ...asked, before }))
}

/** What a page holds when all positions of all streams are at hand. */
export function modelPage(
  model: ReadonlyMap<string, readonly number[]>,
  { streams, from, before = Infinity, limit }: PageQuery,
): { at: number[]; more: boolean } {
  const later = ({ stream, after }: StreamQuery) =>
    (model.get(stream) ?? []).filter((position) => position > after && position < before)
  const all = [...new Set(streams.flatMap(later))].sort((a, b) => a - b)
  const at = from === 'earliest' ? all.slice(0, limit) : all.slice(-limit)
  return { at, more: all.length > limit }
}
