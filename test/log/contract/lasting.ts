// The contract of the log: what stands in a lasting stream outlives retention, and only there.

import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { PageQuery } from '../../../src/log/port.ts'
import { anyQuery, modelPage } from './pages.ts'
import { draft, news, query, type Stage } from './recorder.ts'

/** Streams whose names begin with `!`. */
export function lasting(on: Stage): void {
  let times: number[]

  beforeEach(async () => {
    const drafts = [
      news('1', '!deal', '@bob'),
      news('2', '@bob'),
      news('3', '@bob', '!other'),
      news('4', '@bob', '!deal'),
      draft('5'),
      news('6', '!deal', '@bob'),
      draft('7'),
    ]
    times = drafts.map(({ now }) => now)
    for (const each of drafts) on.log.append(each)
    await on.told.hasReleased(7)
  })

  async function forgetUpTo(position: number): Promise<void> {
    await on.log.freeze(position, `world at ${position}`)
    await on.log.forget(position)
  }

  async function read(asked: PageQuery): Promise<{ at: number[]; more: boolean; floor: number }> {
    const { items, more, forgotten } = await on.log.page(asked)
    for (const { position, news } of items) expect(news).toBe(`{"said":"${position}"}`)
    return { at: items.map(({ position }) => position), more, floor: forgotten }
  }

  test('as long as nothing is forgotten it is a stream like others', async () => {
    expect(await read(query({ '!deal': 0 }))).toEqual({ at: [1, 4, 6], more: false, floor: 0 })
    expect(await read(query({ '!deal': 0, '@bob': 1 }))).toMatchObject({ at: [1, 2, 3, 4, 6] })
  })

  test('what is kept in it is read after everything was forgotten', async () => {
    await forgetUpTo(7)
    expect(await read(query({ '!deal': 0 }))).toEqual({ at: [1, 4, 6], more: false, floor: 0 })
    expect(await read(query({ '!deal': 1 }))).toMatchObject({ at: [4, 6] })
    expect(await read(query({ '!deal': 0, '!other': 0 }, { limit: 2 }))).toEqual({
      at: [1, 3],
      more: true,
      floor: 0,
    })
    const latest = { from: 'latest', limit: 1 } as const
    expect(await read(query({ '!deal': 0 }, latest))).toMatchObject({ at: [6], more: true })
    expect(await read(query({ '!deal': 0 }, { ...latest, before: 4 }))).toMatchObject({ at: [1] })
    expect(await on.log.find('!deal', 1)).toEqual({ position: 1, news: '{"said":"1"}' })
    expect(await on.log.find('!other', 3)).toEqual({ position: 3, news: '{"said":"3"}' })
    expect(await on.log.find('!other', 4)).toBeUndefined()
  })

  test('in other streams the same piece is forgotten with the rest', async () => {
    await forgetUpTo(5)
    expect(await read(query({ '@bob': 0 }))).toEqual({ at: [6], more: false, floor: 5 })
    for (const position of [1, 2, 3, 4]) {
      expect(await on.log.find('@bob', position)).toBeUndefined()
    }
    expect(await on.log.find('@bob', 6)).toBeDefined()
  })

  test('together with other streams it gives all that it has, and tells what those lack', async () => {
    await forgetUpTo(5)
    const both = { '@bob': 0, '!deal': 0 }
    expect(await read(query(both))).toEqual({ at: [1, 4, 6], more: false, floor: 5 })
    expect(await read(query({ '!deal': 0, '@bob': 0 }))).toMatchObject({ at: [1, 4, 6], floor: 5 })
    expect(await read(query(both, { from: 'latest', limit: 2 }))).toEqual({
      at: [4, 6],
      more: true,
      floor: 5,
    })
    expect(await read(query({}))).toEqual({ at: [], more: false, floor: 0 })
  })

  test('it is kept however often is forgotten', async () => {
    for (const position of [2, 4, 5, 7]) await forgetUpTo(position)
    on.log.append(news('8', '!deal', '@bob'))
    on.log.append(news('9', '@bob'))
    await on.told.hasReleased(9)
    await forgetUpTo(9)
    expect(await read(query({ '!deal': 0 }))).toMatchObject({ at: [1, 4, 6, 8] })
    expect(await read(query({ '@bob': 0 }))).toEqual({ at: [], more: false, floor: 9 })
  })

  test('only the first letter makes a stream lasting', async () => {
    on.log.append(news('8', '#!', ' !', '"', '', 'a!', '\u{10ffff}'))
    on.log.append(news('9', '!', '!!', '!\u{10ffff}\u{10ffff}', '! '))
    await on.told.hasReleased(9)
    await forgetUpTo(9)
    for (const stream of ['#!', ' !', '"', '', 'a!', '\u{10ffff}']) {
      expect(await on.log.find(stream, 8)).toBeUndefined()
    }
    for (const stream of ['!', '!!', '!\u{10ffff}\u{10ffff}', '! ']) {
      expect(await on.log.find(stream, 9)).toBeDefined()
    }
  })

  test('a time has no position among what was forgotten', async () => {
    await forgetUpTo(5)
    for (const time of times.slice(0, 6)) expect(await on.log.positionAt(time)).toBe(6)
    expect(await on.log.positionAt(times[6] ?? 0)).toBe(7)
  })

  test('a restart changes nothing of it', async (context) => {
    context.skip(!on.place.isDurable)
    await forgetUpTo(5)
    await on.restart()
    expect(on.told.world).toBe('world at 5')
    expect(on.told.calls).toEqual(['thaw', 'execute 6', 'execute 7'])
    expect(await read(query({ '!deal': 0 }))).toEqual({ at: [1, 4, 6], more: false, floor: 0 })
    expect(await read(query({ '@bob': 0 }))).toEqual({ at: [6], more: false, floor: 5 })
    expect(await on.log.positionAt(0)).toBe(6)
    await forgetUpTo(7)
    await on.restart()
    expect(on.told.calls).toEqual(['thaw'])
    expect(await read(query({ '!deal': 0 }))).toMatchObject({ at: [1, 4, 6] })
    on.log.append(news('8', '!deal'))
    await on.told.hasReleased(1)
    expect(on.told.entries[0]?.position).toBe(8)
  })

  test('any page is what a simple model gives', async () => {
    const names = ['!p', '#q', '!r', '@s']
    const model = new Map<string, number[]>(names.map((name) => [name, []]))
    for (let position = 8; position <= 80; position += 1) {
      const streams = names.filter((_, bit) => ((position * 2654435761) >>> (bit + 9)) & 1)
      for (const stream of streams) model.get(stream)?.push(position)
      on.log.append(streams.length === 0 ? draft('x') : news(`${position}`, ...streams))
    }
    await on.told.hasReleased(80)
    await forgetUpTo(50)
    for (const name of ['#q', '@s']) {
      model.set(name, model.get(name)?.filter((position) => position > 50) ?? [])
    }
    await fc.assert(
      fc.asyncProperty(anyQuery(names), async (asked) => {
        const floor = asked.streams.some(({ stream }) => !stream.startsWith('!')) ? 50 : 0
        expect(await read(asked)).toEqual({ ...modelPage(model, asked), floor })
      }),
      { seed: 1, numRuns: 300 },
    )
  })
}
