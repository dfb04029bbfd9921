// Reading a log from outside: all of it, in order, with the server running or not.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import { draft, news, start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

let place: LogDirectory

beforeEach(async () => {
  place = await makeDirectory()
})
afterEach(() => place.remove())

test('where there is no log', () => {
  const read = () => [...readEntries(place.directory)]
  expect(read).toThrow(expect.objectContaining({ code: 'LOG_MISSING' }))
  mkdirSync(place.directory)
  expect(read).toThrow(`There is no log in ${place.directory}.`)
})

test('where the log cannot be read', () => {
  const read = () => [...readEntries(place.directory)]
  mkdirSync(place.directory)
  writeFileSync(join(place.directory, 'log.db'), 'Dear diary, '.repeat(1000))
  expect(read).toThrow(expect.objectContaining({ code: 'LOG_UNREADABLE' }))
})

test('a log of a newer version', async () => {
  await (await place.open()).close()
  meddle(place.directory, (db) => db.exec("UPDATE meta SET value = 7 WHERE key = 'schema'"))
  const read = () => [...readEntries(place.directory)]
  expect(read).toThrow(expect.objectContaining({ code: 'LOG_NEWER' }))
})

test('an empty log has no entries', async () => {
  await (await place.open()).close()
  expect([...readEntries(place.directory)]).toEqual([])
})

test('entries come as they were appended, while the server runs and after', async () => {
  const { log, told } = await start(place)
  const asked = [news('1', '#a'), { ...draft('2', { text: 'ü😀' }), session: null }]
  for (const each of asked) log.append(each)
  log.append(draft('no', { refused: true }))
  await told.hasReleased(3)
  const expected = [
    { ...asked[0], position: 1, news: '{"said":"1"}' },
    { ...asked[1], position: 2 },
  ]
  expect([...readEntries(place.directory)]).toEqual(expected)
  await log.close()
  expect([...readEntries(place.directory)]).toEqual(expected)
})

test('more than a page, growing and shrinking while it is read', async () => {
  const { log, told } = await start(place)
  for (let i = 1; i <= 1500; i += 1) log.append(draft(`${i}`))
  await told.hasReleased(1500)
  const reading = readEntries(place.directory)
  expect(reading.next().value).toMatchObject({ position: 1 })
  log.append(draft('1501'))
  await told.hasReleased(1501)
  const rest = [...reading].map((entry) => entry.position)
  expect(rest).toEqual(Array.from({ length: 1500 }, (_, i) => i + 2))
  await log.freeze(1000, 'world')
  await log.forget(900)
  expect(readEntries(place.directory).next().value).toMatchObject({ position: 901 })
  await log.close()
})
