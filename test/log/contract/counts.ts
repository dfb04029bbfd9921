// The contract of the log: counting what others said, and finding one piece in any of many streams.

import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { CountQuery } from '../../../src/log/port.ts'
import { draft, news, query, type Stage, saying } from './recorder.ts'

/** Counts of streams, with and without what one agent said. */
export function counts(on: Stage): void {
  beforeEach(async () => {
    on.log.append(saying('@ann', '1', '#a', '#b'))
    on.log.append(saying('@bob', '2', '#a', '#a'))
    on.log.append(news('3', '#a', '#b'))
    on.log.append(draft('4'))
    on.log.append(saying('@ann', '5', '#a', '!deal'))
    on.log.append(saying('@bob', '6', '!deal', '@ann'))
    on.log.append(saying('@bob', '7', '#a'))
    await on.told.hasReleased(7)
  })

  function count(
    streams: Record<string, number>,
    more: Omit<CountQuery, 'streams'> = {},
  ): Promise<readonly number[]> {
    return on.log.count({ streams: query(streams).streams, ...more })
  }

  test('where nobody said anything there is nothing to count', async () => {
    expect(await count({})).toEqual([])
    expect(await count({ '#nobody': 0, '': 0 })).toEqual([0, 0])
    expect(await count({ '#nobody': 0 }, { notBy: '@ann' })).toEqual([0])
  })

  test('each stream is counted for itself, in the order asked', async () => {
    expect(await count({ '#a': 0, '#b': 0, '!deal': 0 })).toEqual([5, 2, 2])
    expect(await count({ '!deal': 0, '#b': 0, '#nobody': 0, '#a': 0 })).toEqual([2, 2, 0, 5])
    const twice = ['#a', '#b', '#a'].map((stream, index) => ({ stream, after: index }))
    expect(await on.log.count({ streams: twice })).toEqual([5, 1, 3])
  })

  test('only what is later than one position and earlier than another', async () => {
    expect(await count({ '#a': 1, '#b': 3 })).toEqual([4, 0])
    expect(await count({ '#a': 0, '#b': 0 }, { before: 3 })).toEqual([2, 1])
    expect(await count({ '#a': 1 }, { before: 5 })).toEqual([2])
    expect(await count({ '#a': 5 }, { before: 2 })).toEqual([0])
    expect(await count({ '#a': 0 }, { before: 0 })).toEqual([0])
  })

  test('what one agent said is left out, and what nobody said is counted', async () => {
    expect(await count({ '#a': 0, '#b': 0, '!deal': 0 }, { notBy: '@ann' })).toEqual([3, 1, 1])
    expect(await count({ '#a': 0, '#b': 0, '!deal': 0 }, { notBy: '@bob' })).toEqual([3, 2, 1])
    expect(await count({ '#a': 0 }, { notBy: '@carol' })).toEqual([5])
    expect(await count({ '#a': 0 }, { notBy: '' })).toEqual([5])
    expect(await count({ '#a': 1, '@ann': 0 }, { notBy: '@bob', before: 6 })).toEqual([2, 0])
  })

  test('what is forgotten is not counted, but where it lasts', async () => {
    await on.log.freeze(5, 'world at 5')
    await on.log.forget(5)
    expect(await count({ '#a': 0, '!deal': 0, '@ann': 0 })).toEqual([1, 2, 1])
    expect(await count({ '#a': 0, '!deal': 0 }, { notBy: '@ann' })).toEqual([1, 1])
    expect(await count({ '#a': 0, '!deal': 0 }, { notBy: '@bob' })).toEqual([0, 1])
  })

  test('a restart changes no count', async (context) => {
    context.skip(!on.place.isDurable)
    await on.restart()
    expect(await count({ '#a': 0, '#b': 0, '!deal': 0 }, { notBy: '@ann' })).toEqual([3, 1, 1])
  })

  test('what was released is counted', async () => {
    const { log, told } = on
    const reads: Promise<unknown>[] = []
    const release = told.release
    told.release = (outcomes) => {
      reads.push(log.count({ streams: [{ stream: '#late', after: 0 }], notBy: '@ann' }))
      release.call(told, outcomes)
    }
    log.append(saying('@bob', '8', '#late'))
    await told.hasReleased(8)
    expect(await reads[0]).toEqual([1])
    log.append(saying('@ann', '9', '#late'))
    await told.hasReleased(9)
    expect(await reads[1]).toEqual([1])
    log.append(news('10', '#late'))
    await told.hasReleased(10)
    expect(await reads[2]).toEqual([2])
  })

  test('any count is what a simple model gives', async () => {
    const names = ['#p', '#q', '!r', '@s']
    const authors = ['@ann', '@bob', undefined]
    const model: { position: number; streams: string[]; by: string | undefined }[] = []
    for (let position = 8; position <= 80; position += 1) {
      const streams = names.filter((_, bit) => ((position * 2654435761) >>> (bit + 9)) & 1)
      const by = authors[((position * 40503) >>> 5) % 3]
      if (streams.length === 0) on.log.append(draft('x'))
      else if (by === undefined) on.log.append(news(`${position}`, ...streams))
      else on.log.append(saying(by, `${position}`, ...streams))
      model.push({ position, streams, by })
    }
    await on.told.hasReleased(80)
    await fc.assert(
      fc.asyncProperty(anyCount(names), async (asked) => {
        const { notBy, before = Infinity } = asked
        const expected = asked.streams.map(
          ({ stream, after }) =>
            model.filter(
              ({ position, streams, by }) =>
                streams.includes(stream) &&
                position > after &&
                position < before &&
                (notBy === undefined || by !== notBy),
            ).length,
        )
        expect(await on.log.count(asked)).toEqual(expected)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('one piece is found in any of many streams, or in none', async () => {
    const others = Array.from({ length: 100 }, (_, index) => `#${index}`)
    const find = (position: number, ...streams: string[]) => {
      const around = Object.fromEntries(streams.map((stream) => [stream, position - 1]))
      return on.log.page(query(around, { before: position + 1, limit: 1 }))
    }
    const third = { items: [{ position: 3, news: '{"said":"3"}' }], more: false, forgotten: 0 }
    const nothing = { items: [], more: false, forgotten: 0 }
    expect(await find(3, ...others, '#b')).toEqual(third)
    expect(await find(3, '#b', ...others)).toEqual(third)
    expect(await find(3, '#b', ...others, '#a')).toEqual(third)
    expect(await find(3, ...others)).toEqual(nothing)
    expect(await find(2, '#b', ...others)).toEqual(nothing)
    expect(await find(4, '#a', '#b', ...others)).toEqual(nothing)
    expect(await find(99, '#a', ...others)).toEqual(nothing)
  })
}

/** Counts in some of these streams, up to position 90. */
function anyCount(names: readonly string[]): fc.Arbitrary<CountQuery> {
  const position = fc.integer({ min: 0, max: 90 })
  const stream = fc.record({ stream: fc.constantFrom(...names), after: position })
  return fc.record(
    {
      streams: fc.array(stream, { maxLength: 6 }),
      before: position,
      notBy: fc.constantFrom('@ann', '@bob', '@carol'),
    },
    { requiredKeys: ['streams'] },
  )
}
