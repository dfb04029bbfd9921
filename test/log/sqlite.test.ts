// The log on SQLite: the contract on both durabilities, failures, and what is left on the disk.

import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import { logContract } from '../kit/log-contract.ts'
import { draft, news, query, start, turn } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory, meddle } from './directory.ts'

logContract('the log on SQLite, fully durable,', () => makeDirectory('full'))
logContract('the log on SQLite, normally durable,', () => makeDirectory('normal'))

let place: LogDirectory

beforeEach(async () => {
  place = await makeDirectory()
})
afterEach(() => place.remove())

test('what is released has been committed', async () => {
  const { log, told } = await start(place)
  const committed: number[] = []
  const release = told.release
  told.release = (outcomes) => {
    committed.push([...readEntries(place.directory)].length - told.released.length)
    release.call(told, outcomes)
  }
  for (let i = 1; i <= 50; i += 1) {
    log.append(draft(`${i}`))
    if (i % 3 === 0) await turn()
  }
  await told.hasReleased(50)
  await log.close()
  told.releases.forEach((labels, i) => {
    expect(committed[i]).toBeGreaterThanOrEqual(labels.length)
  })
})

test('when a commit fails nothing of it is released, nor accepted any more', async () => {
  const { log, told } = await start(place)
  log.append(news('kept', '#a'))
  await told.hasReleased(1)
  meddle(place.directory, (db) => db.exec('DROP TABLE places'))
  log.append(draft('lost'))
  log.append(news('lost', '#a'))
  log.pass({ accepted: false, label: 'lost' })
  // No snapshot may tell of entries that are lost.
  await expect(log.freeze(3, 'lost')).rejects.toMatchObject({ code: 'LOG_FAILED' })
  expect(place.failures).toMatchObject([{ code: 'LOG_FAILED' }])
  expect(place.failures[0]?.message).toContain('no such table')
  const calls = told.calls.length
  log.append(draft('late'))
  log.pass({ accepted: false, label: 'late' })
  await turn()
  expect(told.calls).toHaveLength(calls)
  await log.close()
  expect(told.released).toEqual(['kept'])
  expect(place.failures).toHaveLength(1)
  expect([...readEntries(place.directory)].map((entry) => entry.position)).toEqual([1])
  meddle(place.directory, (db) => db.exec('CREATE TABLE places (stream, position, author)'))
  const again = await start(place)
  expect(again.told.calls).toEqual(['thaw', 'execute kept'])
  expect(again.told.world).toBeUndefined()
  await again.log.close()
})

test('the death of the writer is a failure', async () => {
  const born = once(process, 'worker')
  const { log, told } = await start(place)
  const [writer] = (await born) as [Worker]
  log.append(draft('lost'))
  await writer.terminate()
  await expect(log.find('#a', 1)).rejects.toMatchObject({ code: 'LOG_FAILED' })
  expect(place.failures).toMatchObject([{ code: 'LOG_FAILED' }])
  log.append(draft('late'))
  await log.close()
  expect(told.releases).toEqual([])
  await (await place.open()).close()
})

test('nobody else can read the files', async () => {
  const { log, told } = await start(place)
  log.append(draft('1'))
  await told.hasReleased(1)
  const mode = (name: string) => statSync(join(place.directory, name)).mode & 0o777
  expect(mode('.')).toBe(0o700)
  for (const name of ['log.db', 'log.db-wal', 'log.db-shm', 'lock.db', 'holder.json']) {
    expect([name, mode(name)]).toEqual([name, 0o600])
  }
  await log.close()
})

test('the newest two snapshots stay', async () => {
  const { log, told } = await start(place)
  for (const label of ['1', '2', '3']) log.append(draft(label))
  await told.hasReleased(3)
  for (const position of [1, 2, 3]) await log.freeze(position, `world ${position}`)
  await log.freeze(3, 'world 3 again')
  await log.close()
  const rows = meddle(place.directory, (db) => db.prepare('SELECT * FROM snapshots').all())
  expect(rows.map((row) => row.world)).toEqual(['world 2', 'world 3 again'])
})

test('forgetting deletes in steps, and commits go on between them', async () => {
  const { log, told } = await start(place)
  for (let i = 1; i <= 6000; i += 1) log.append(news(`${i}`, '#all', `#${i % 10}`))
  await log.freeze(6000, 'world')
  const forgotten = log.forget(5990).then(() => told.calls.push('forgotten'))
  await told.hasReleased(6000)
  log.append(news('6001', '#all'))
  await told.hasReleased(6001)
  await forgotten
  expect(told.calls.at(-1)).toBe('forgotten')
  await log.close()
  expect(count(place.directory)).toEqual({ entries: 11, places: 21 })
})

test('what a closing log left undeleted goes with the next forgetting', async () => {
  const first = await start(place)
  for (let i = 1; i <= 6000; i += 1) first.log.append(news(`${i}`, '#all'))
  await first.log.freeze(6000, 'world')
  await Promise.all([first.log.forget(5990), first.log.close()])
  expect(count(place.directory).entries).toBeGreaterThan(10)
  const { log } = await start(place)
  const page = await log.page(query({ '#all': 0 }, { limit: 1 }))
  expect(page).toMatchObject({ forgotten: 5990, items: [{ position: 5991 }], more: true })
  expect(await log.find('#all', 5990)).toBeUndefined()
  await log.forget(5990)
  await log.close()
  expect(count(place.directory)).toEqual({ entries: 10, places: 10 })
})

function count(directory: string): { entries: number; places: number } {
  return meddle(directory, (db) => {
    const rows = (table: string) =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    return { entries: rows('entries'), places: rows('places') }
  })
}
