// A log that an older version wrote: it is brought up when it is written to, and read as it is.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import { news, query, saying, start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

/** The tables of schema 1, as they were made. */
const TABLES_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    now REAL NOT NULL,
    type TEXT NOT NULL,
    session TEXT,
    fields TEXT NOT NULL,
    news TEXT
  ) STRICT;
  CREATE TABLE places (
    stream TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshots (position INTEGER PRIMARY KEY, world TEXT NOT NULL) STRICT;
  INSERT INTO meta (key, value) VALUES ('schema', 1), ('forgotten', 2);
`

/** What schema 2 had more. */
const TABLES_2 = `
  ${TABLES_1}
  CREATE TABLE lasting (position INTEGER PRIMARY KEY) STRICT;
  INSERT INTO meta (key, value) VALUES ('deleted', 0);
  UPDATE meta SET value = 2 WHERE key = 'schema';
`

/** Six entries, of which two are forgotten and one is deleted. */
const ENTRIES = `
  INSERT INTO entries VALUES
    (2, 12.5, 'MSG', 's-1', '{"label":"2"}', '{"said":"2"}'),
    (3, 13.5, 'MSG', 's-1', '{"label":"3"}', '{"said":"3"}'),
    (4, 14.5, 'TICK', NULL, '{"label":"4"}', NULL),
    (5, 15.5, 'MSG', 's-1', '{"label":"5"}', '{"said":"5"}'),
    (6, 16.5, 'MSG', 's-1', '{"label":"6"}', '{"said":"6"}');
  INSERT INTO places VALUES ('#a', 2), ('#a', 3), ('#a', 5), ('@bob', 6);
  INSERT INTO snapshots VALUES (4, 'world at 4');
`

/** What schema 2 knew more of the first, which stood in a lasting stream. */
const LASTING = `
  INSERT INTO places VALUES ('!old', 2);
  INSERT INTO lasting VALUES (2);
  UPDATE meta SET value = 1 WHERE key = 'deleted';
`

interface Old {
  readonly schema: number
  readonly made: string
  readonly lasting: readonly number[]
  readonly deleted: number
}

const olds: readonly Old[] = [
  { schema: 1, made: TABLES_1 + ENTRIES, lasting: [], deleted: 0 },
  { schema: 2, made: TABLES_2 + ENTRIES + LASTING, lasting: [2], deleted: 1 },
]

describe.each(olds)('a log of schema $schema', ({ made, lasting, deleted }) => {
  let place: LogDirectory

  beforeEach(async () => {
    place = await makeDirectory()
    mkdirSync(place.directory)
    meddle(place.directory, (db) => db.exec(made))
  })
  afterEach(() => place.remove())

  test('goes on as if it had always been of the newest', async () => {
    const { log, told } = await start(place)
    expect(told.world).toBe('world at 4')
    expect(told.calls).toEqual(['thaw', 'execute 5', 'execute 6'])
    expect(await log.page(query({ '#a': 0, '@bob': 0 }))).toEqual({
      items: [3, 5, 6].map((position) => ({ position, news: `{"said":"${position}"}` })),
      more: false,
      forgotten: 2,
    })
    log.append(news('7', '@bob', '!deal'))
    await told.hasReleased(1)
    await log.freeze(7, 'world at 7')
    await log.forget(7)
    await log.close()
    const again = await start(place)
    expect(again.told.world).toBe('world at 7')
    expect(await again.log.find('!deal', 7)).toMatchObject({ position: 7 })
    const old = await again.log.page(query({ '!old': 0 }))
    expect(old.items.map(({ position }) => position)).toEqual(lasting)
    expect(await again.log.page(query({ '#a': 0, '@bob': 0 }))).toMatchObject({
      items: [],
      forgotten: 7,
    })
    await again.log.close()
    const left = [...readEntries(place.directory)].map(({ position }) => position)
    expect(left).toEqual([...lasting, 7])
  })

  test('counts what it has as said by others', async () => {
    const { log, told } = await start(place)
    log.append(saying('@ann', '7', '#a'))
    log.append(saying('@bob', '8', '#a'))
    await told.hasReleased(2)
    const { streams } = query({ '#a': 0, '@bob': 0, '!old': 0 })
    expect(await log.count({ streams })).toEqual([4, 1, lasting.length])
    expect(await log.count({ streams, notBy: '@ann' })).toEqual([3, 1, lasting.length])
    await log.close()
  })

  test('has nothing else changed when it is brought up', async () => {
    const before = ['entries', 'snapshots'].map(rows)
    const places = rows('places').map((row) => ({ ...row, author: null }))
    await (await place.open()).close()
    expect(['entries', 'snapshots'].map(rows)).toEqual(before)
    expect(rows('places')).toEqual(places)
    expect(rows('lasting')).toEqual(lasting.map((position) => ({ position })))
    expect(rows('meta')).toEqual([
      { key: 'deleted', value: deleted },
      { key: 'forgotten', value: 2 },
      { key: 'schema', value: 3 },
    ])
  })

  test('has the tables of a new log', async () => {
    await (await place.open()).close()
    const fresh = await makeDirectory()
    await (await fresh.open()).close()
    const brought = tablesOf(place.directory)
    expect(brought).toEqual(tablesOf(fresh.directory))
    await fresh.remove()
  })

  test('is as it was when the change is cut short', async () => {
    const before = tablesOf(place.directory)
    meddle(place.directory, (db) => {
      db.exec(`
        CREATE TRIGGER refuse BEFORE UPDATE ON meta BEGIN SELECT raise(ABORT, 'cut short'); END
      `)
    })
    await expect(place.open()).rejects.toMatchObject({ code: 'LOG_FAILED' })
    meddle(place.directory, (db) => db.exec('DROP TRIGGER refuse'))
    expect(tablesOf(place.directory)).toEqual(before)
    const { log, told } = await start(place)
    expect(told.calls).toEqual(['thaw', 'execute 5', 'execute 6'])
    await log.close()
  })

  test('is read from outside as it is', () => {
    const path = join(place.directory, 'log.db')
    const before = readFileSync(path)
    const read = [...readEntries(place.directory)]
    expect(read.map(({ position }) => position)).toEqual([...lasting, 3, 4, 5, 6])
    expect(readFileSync(path)).toEqual(before)
  })

  function rows(table: string) {
    return all(place.directory, `SELECT * FROM ${table}`)
  }
})

function tablesOf(directory: string) {
  const made = all(directory, 'SELECT name, sql FROM sqlite_schema ORDER BY name')
  return made.map(({ name, sql }) => ({ name, sql: String(sql).replace(/\s+/g, ' ') }))
}

function all(directory: string, sql: string) {
  return meddle(directory, (db) =>
    db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })),
  )
}
