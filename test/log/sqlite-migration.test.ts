// A log that an older version wrote: it is brought up when it is written to, and read as it is.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import { news, query, start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

/** A log of schema 1 with six entries, of which two are forgotten and one is deleted. */
const SCHEMA_1 = `
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
  INSERT INTO entries VALUES
    (2, 12.5, 'MSG', 's-1', '{"label":"2"}', '{"said":"2"}'),
    (3, 13.5, 'MSG', 's-1', '{"label":"3"}', '{"said":"3"}'),
    (4, 14.5, 'TICK', NULL, '{"label":"4"}', NULL),
    (5, 15.5, 'MSG', 's-1', '{"label":"5"}', '{"said":"5"}'),
    (6, 16.5, 'MSG', 's-1', '{"label":"6"}', '{"said":"6"}');
  INSERT INTO places VALUES ('#a', 2), ('#a', 3), ('#a', 5), ('@bob', 6);
  INSERT INTO snapshots VALUES (4, 'world at 4');
`

let place: LogDirectory

beforeEach(async () => {
  place = await makeDirectory()
  mkdirSync(place.directory)
  meddle(place.directory, (db) => db.exec(SCHEMA_1))
})
afterEach(() => place.remove())

test('a log of schema 1 goes on as if it had always known what lasts', async () => {
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
  expect(await again.log.page(query({ '#a': 0, '@bob': 0 }))).toMatchObject({
    items: [],
    forgotten: 7,
  })
  await again.log.close()
  expect([...readEntries(place.directory)].map(({ position }) => position)).toEqual([7])
})

test('nothing else changes when it is brought up', async () => {
  const tables = ['entries', 'places', 'snapshots']
  const before = tables.map(rows)
  await (await place.open()).close()
  expect(tables.map(rows)).toEqual(before)
  expect(rows('lasting')).toEqual([])
  expect(rows('meta')).toEqual([
    { key: 'deleted', value: 0 },
    { key: 'forgotten', value: 2 },
    { key: 'schema', value: 2 },
  ])
})

test('its tables are those of a new log', async () => {
  await (await place.open()).close()
  const fresh = await makeDirectory()
  await (await fresh.open()).close()
  const brought = schemaOf(place.directory)
  expect(brought).toEqual(schemaOf(fresh.directory))
  await fresh.remove()
})

test('a change that is cut short is undone', async () => {
  meddle(place.directory, (db) => {
    db.exec(`
      CREATE TRIGGER refuse BEFORE UPDATE ON meta BEGIN SELECT raise(ABORT, 'cut short'); END
    `)
  })
  await expect(place.open()).rejects.toMatchObject({ code: 'LOG_FAILED' })
  meddle(place.directory, (db) => db.exec('DROP TRIGGER refuse'))
  expect(schemaOf(place.directory).map(({ name }) => name)).not.toContain('lasting')
  const { log, told } = await start(place)
  expect(told.calls).toEqual(['thaw', 'execute 5', 'execute 6'])
  await log.close()
})

test('it is read from outside as it is', () => {
  const path = join(place.directory, 'log.db')
  const before = readFileSync(path)
  const read = [...readEntries(place.directory)]
  expect(read.map(({ position }) => position)).toEqual([3, 4, 5, 6])
  expect(readFileSync(path)).toEqual(before)
})

function rows(table: string) {
  return all(place.directory, `SELECT * FROM ${table}`)
}

function schemaOf(directory: string) {
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
