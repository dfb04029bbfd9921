// Opening a log on SQLite where it cannot be: every failure says what happened and what to do.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/log/sqlite/driver.ts'
import { openSqliteLog } from '../../src/log/sqlite/open.ts'
import { draft, start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

let place: LogDirectory

beforeEach(async () => {
  place = await makeDirectory()
})
afterEach(() => place.remove())

async function expectRefusal(code: string, ...words: string[]): Promise<void> {
  await expectRefused(place.open(), code, ...words)
}

async function expectRefused(
  opening: Promise<unknown>,
  code: string,
  ...words: string[]
): Promise<void> {
  const error = await opening.then(
    () => undefined,
    (refused) => refused,
  )
  expect(error).toMatchObject({ name: 'LogError', code })
  for (const word of words) expect(error.message).toContain(word)
  expect(error.message).toMatch(/\. [A-Z][^.]+\.$/)
}

/** Writes some entries, so that there is a log to go wrong. */
async function fill(entries: number): Promise<void> {
  const { log } = await start(place)
  for (let i = 1; i <= entries; i += 1) log.append(draft(`${i}`, { text: 'x'.repeat(500) }))
  await log.close()
}

test('a directory that another log has open', async () => {
  const { log, told } = await start(place)
  const since = new Date().getFullYear()
  await expectRefusal('LOG_LOCKED', `process ${process.pid} on`, `since ${since}`, place.directory)
  // Having been refused must not have loosened the lock.
  await expectRefusal('LOG_LOCKED')
  log.append(draft('1'))
  await told.hasReleased(1)
  await log.close()
  await (await place.open()).close()
})

test('a file in place of the directory', async () => {
  writeFileSync(place.directory, '')
  await expectRefusal('LOG_UNREADABLE', place.directory)
})

test('a directory that cannot be made', async () => {
  writeFileSync(place.directory, '')
  const directory = join(place.directory, 'below')
  const opening = openSqliteLog({ directory, durability: 'full', onFailure() {} })
  await expectRefused(opening, 'LOG_UNREADABLE', directory)
})

test('a directory in place of the file', async () => {
  mkdirSync(join(place.directory, 'log.db'), { recursive: true })
  await expectRefusal('LOG_UNREADABLE', 'log.db')
})

test('a file that is no database', async () => {
  mkdirSync(place.directory)
  writeFileSync(join(place.directory, 'log.db'), 'Dear diary, '.repeat(1000))
  await expectRefusal('LOG_UNREADABLE', 'log.db', 'is not a database')
})

test('a database of something else', async () => {
  mkdirSync(place.directory)
  meddle(place.directory, (db) => db.exec('CREATE TABLE recipes (name TEXT)'))
  await expectRefusal('LOG_UNREADABLE', 'no log of AgentChat')
})

test('a log of a newer version is left as it is', async () => {
  await fill(1)
  meddle(place.directory, (db) => db.exec("UPDATE meta SET value = 7 WHERE key = 'schema'"))
  const before = readFileSync(join(place.directory, 'log.db'))
  await expectRefusal('LOG_NEWER', 'schema 7', 'Upgrade AgentChat')
  expect(readFileSync(join(place.directory, 'log.db'))).toEqual(before)
})

test('a damaged log does not start', async () => {
  await fill(200)
  const path = join(place.directory, 'log.db')
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 5 * 4096, bytes.length - 4096)
  writeFileSync(path, bytes)
  const refused = start(place).then(({ log }) => log.close())
  await expect(refused).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
})

test('a log with a gap does not start', async () => {
  await fill(9)
  meddle(place.directory, (db) => db.exec('DELETE FROM entries WHERE position = 5'))
  const log = await place.open()
  const follower = { thaw() {}, execute: () => ({ accepted: true, label: '' }), release() {} }
  await expect(log.start(follower)).rejects.toMatchObject({
    code: 'LOG_DAMAGED',
    message: expect.stringContaining('Entry 5 is missing'),
  })
  await log.close()
})

test('a directory where an open was cut short is as good as new', async () => {
  mkdirSync(place.directory)
  writeFileSync(join(place.directory, 'log.db'), '')
  writeFileSync(join(place.directory, 'holder.json'), '{"pid":')
  openDatabase(join(place.directory, 'lock.db')).close()
  await fill(3)
  const { log, told } = await start(place)
  expect(told.entries).toHaveLength(3)
  await log.close()
})
