// The log as it lies on the disk: opened, written in transactions, read for a start.

import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { futureError, LogError } from '../errors.ts'
import { isLasting } from '../port.ts'
import { type Database, openDatabase, type Statement, transact } from './driver.ts'
import { explain } from './explain.ts'
import { type History, openHistory } from './history.ts'
import { takeLock } from './lock.ts'
import type { Batch, Snapshot, StoredRow, WriterSettings } from './messages.ts'
import { deleteForgotten, markForgotten, storeSnapshot } from './retention.ts'
import { LOG_FILE, prepareLog, readMeta } from './schema.ts'

/** How much of the log is given at once when it is read from the start. */
const CHUNK = { rows: 2000, characters: 1024 * 1024 }

export interface Store {
  /** The last position taken. */
  readonly last: number
  readonly history: History
  /** Commits batches in one transaction. */
  commit(batches: readonly Batch[]): void
  newestSnapshot(): Snapshot | undefined
  /** The next entries after a position; none at the end of the log. */
  entriesAfter(position: number): readonly StoredRow[]
  freeze(snapshot: Snapshot): void
  /** Forgets at once, and gives the steps that delete; there may be commits between them. */
  forget(position: number): Generator<void>
  close(): void
}

/** Opens the log of a data directory for writing, and locks the directory. Throws a LogError. */
export function openStore({ directory, durability }: WriterSettings): Store {
  const path = join(directory, LOG_FILE)
  prepareDirectory(directory)
  const lock = takeLock(directory)
  let db: Database | undefined
  try {
    createPrivate(path)
    db = openDatabase(path)
    prepareLog(db, path, durability)
    return makeStore(db, lock.release)
  } catch (error) {
    db?.close()
    lock.release()
    throw explain(error, path)
  }
}

function makeStore(db: Database, unlock: () => void): Store {
  const marks = { last: readLast(db), forgotten: readMeta(db, 'forgotten') ?? 0 }
  const write = prepareWrite(db)
  const newest = db.prepare('SELECT position, world FROM snapshots ORDER BY position DESC LIMIT 1')
  const later = db.prepare(
    'SELECT position, now, type, session, fields FROM entries WHERE position > ? ORDER BY position',
  )
  return {
    get last() {
      return marks.last
    },
    history: openHistory(db, marks),
    commit(batches) {
      transact(db, () => {
        for (const batch of batches) write(batch)
      })
      for (const { first, rows } of batches) marks.last = first + rows.length - 1
    },
    newestSnapshot() {
      const row = newest.get()
      return row && { position: Number(row.position), world: String(row.world) }
    },
    entriesAfter: (position) => readChunk(later, position),
    freeze(snapshot) {
      if (snapshot.position > marks.last) throw futureError(snapshot.position)
      storeSnapshot(db, snapshot)
    },
    forget(position) {
      const bound = Math.min(position, Number(newest.get()?.position ?? 0))
      if (bound > marks.forgotten) {
        markForgotten(db, bound)
        marks.forgotten = bound
      }
      return deleteForgotten(db, marks.forgotten)
    },
    close() {
      // Closing would do that only without readers. Whoever reads now must not hold us up.
      db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
      unlock()
    },
  }
}

function prepareWrite(db: Database): (batch: Batch) => void {
  const entry = db.prepare(
    'INSERT INTO entries (position, now, type, session, fields, news) VALUES (?, ?, ?, ?, ?, ?)',
  )
  // The same stream may be named twice, as in a message to oneself.
  const place = db.prepare(
    'INSERT OR IGNORE INTO places (stream, position, author) VALUES (?, ?, ?)',
  )
  const lasting = db.prepare('INSERT INTO lasting (position) VALUES (?)')
  return ({ first, rows }) => {
    let position = first
    for (const [now, type, session, fields, news, streams, by] of rows) {
      entry.run(position, now, type, session, fields, news)
      for (const stream of streams) place.run(stream, position, by)
      if (streams.some(isLasting)) lasting.run(position)
      position += 1
    }
  }
}

function readLast(db: Database): number {
  const row = db
    .prepare(`
      SELECT max(
        coalesce((SELECT max(position) FROM entries), 0),
        coalesce((SELECT max(position) FROM snapshots), 0)
      ) AS last
    `)
    .get()
  return Number(row?.last ?? 0)
}

function readChunk(later: Statement, position: number): readonly StoredRow[] {
  const rows: StoredRow[] = []
  let characters = 0
  for (const row of later.iterate(position)) {
    const fields = String(row.fields)
    rows.push({
      position: Number(row.position),
      now: Number(row.now),
      type: String(row.type),
      session: row.session == null ? null : String(row.session),
      fields,
    })
    characters += fields.length
    if (rows.length >= CHUNK.rows || characters >= CHUNK.characters) break
  }
  return rows
}

function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new LogError(
      'LOG_UNREADABLE',
      `The data directory ${directory} cannot be used (${reason}). ` +
        'Give a directory that this user may create, read and write.',
      { cause },
    )
  }
}

/** Makes the file before SQLite does, so that nobody else can read it, nor the files beside it. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!exists) throw error
  }
}
