// What lasts in the log on SQLite: it stays on the disk when all else is deleted, at no cost to that.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import type { EntryRow } from '../../src/log/sqlite/messages.ts'
import { openStore, type Store } from '../../src/log/sqlite/store.ts'
import { draft, news, query, start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

let place: LogDirectory

beforeEach(async () => {
  place = await makeDirectory()
})
afterEach(() => place.remove())

test('entries that last stay whole, with no place but in lasting streams', async () => {
  const { log, told } = await start(place)
  const asked = [news('1', '@bob', '!deal', '!deal'), news('2', '@bob'), draft('3')]
  for (const each of asked) log.append(each)
  await told.hasReleased(3)
  await log.freeze(3, 'world')
  await log.forget(3)
  await log.close()
  expect([...readEntries(place.directory)]).toEqual([
    { ...asked[0], position: 1, news: '{"said":"1"}' },
  ])
  expect(rows('places')).toEqual([{ stream: '!deal', position: 1, author: null }])
  expect(rows('lasting')).toEqual([{ position: 1 }])
})

test('only what lasts is noted as such', async () => {
  const { log } = await start(place)
  for (const each of [news('1', '#!', 'a!'), draft('2'), news('3', '#a', '!x')]) log.append(each)
  await log.close()
  expect(rows('lasting')).toEqual([{ position: 3 }])
})

test('places go from all streams but the lasting, wherever those stand in the order', async () => {
  const { log, told } = await start(place)
  const lasting = ['!', '!!', '! ', '!~', '!\u{10ffff}\u{10ffff}']
  log.append(news('1', ' ', ' !', '\t', '"', '"!', '#!', '@', '~', '\u{10ffff}', ...lasting))
  log.append(news('2', '"'))
  await told.hasReleased(2)
  await log.freeze(2, 'world')
  await log.forget(2)
  await log.close()
  expect(
    rows('places')
      .map(({ stream }) => stream)
      .sort(),
  ).toEqual(lasting.sort())
})

test('what a closing log left undeleted goes with the next forgetting, but what lasts', async () => {
  const first = await start(place)
  for (let i = 1; i <= 6000; i += 1) {
    first.log.append(i % 3 === 0 ? news(`${i}`, '#all', `!${i}`) : news(`${i}`, '#all'))
  }
  await first.log.freeze(6000, 'world')
  await Promise.all([first.log.forget(5990), first.log.close()])
  expect(rows('entries').length).toBeGreaterThan(2010)
  const expected = Array.from({ length: 6000 }, (_, i) => i + 1).filter(
    (position) => position > 5990 || position % 3 === 0,
  )
  // What is not deleted yet is not given either.
  expect([...readEntries(place.directory)].map(({ position }) => position)).toEqual(expected)
  const { log } = await start(place)
  expect(await log.find('!3', 3)).toBeDefined()
  expect(await log.find('#all', 3)).toBeUndefined()
  await log.forget(5990)
  expect(await log.page(query({ '#all': 0, '!3': 0 }, { limit: 2 }))).toMatchObject({
    items: [{ position: 3 }, { position: 5991 }],
    forgotten: 5990,
  })
  await log.close()
  expect(rows('entries').map(({ position }) => position)).toEqual(expected)
  expect(rows('places')).toHaveLength(2000 + 10)
})

test('what lasts is read while the log shrinks', async () => {
  const { log, told } = await start(place)
  for (let i = 1; i <= 1500; i += 1) log.append(news(`${i}`, i % 2 === 0 ? '!even' : '#odd'))
  await told.hasReleased(1500)
  await log.freeze(1500, 'world')
  await log.forget(1200)
  const reading = readEntries(place.directory)
  expect(reading.next().value).toMatchObject({ position: 2 })
  await log.forget(1500)
  const rest = [...reading].map(({ position }) => position)
  await log.close()
  expect(rest).toEqual(Array.from({ length: 749 }, (_, i) => 2 * i + 4))
})

test('what stays is passed once: later steps are as many as what they delete', () => {
  const store = openStore({ directory: place.directory, durability: 'normal' })
  try {
    fill(store, 5000, (position) => (position % 100 === 0 ? ['#all'] : ['#all', `!${position}`]))
    const all = stepsOf(store)
    expect(all).toBeLessThanOrEqual(12)
    expect(stepsOf(store)).toBe(0)
    fill(store, 10, () => ['#all'])
    expect(stepsOf(store)).toBe(2)
    fill(store, 10, (position) => [`!${position}`])
    expect(stepsOf(store)).toBe(1)
  } finally {
    store.close()
  }
  expect(rows('entries')).toHaveLength(4950 + 10)
})

/** Commits entries with news in the streams that each shall have. */
function fill(store: Store, count: number, streams: (position: number) => string[]): void {
  const first = store.last + 1
  const made = Array.from({ length: count }, (_, i): EntryRow => {
    return [first + i, 'MSG', null, '{}', '{}', streams(first + i), null]
  })
  store.commit([{ number: 1, first, rows: made }])
}

/** Forgets everything, and tells in how many steps. */
function stepsOf(store: Store): number {
  store.freeze({ position: store.last, world: '' })
  return [...store.forget(store.last)].length
}

function rows(table: string) {
  return meddle(place.directory, (db) =>
    db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => ({ ...row })),
  )
}
