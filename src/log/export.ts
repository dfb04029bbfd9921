// Reading a log from outside, entry by entry, whether its server runs or not.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../core/entry.ts'
import { LogError } from './errors.ts'
import { type Database, openDatabase, type Row } from './sqlite/driver.ts'
import { explain } from './sqlite/explain.ts'
import { checkSchema, LOG_FILE, readMeta } from './sqlite/schema.ts'

/** Entries read at once; between two pages the server may tidy its files. */
const PAGE_ROWS = 500

/** An entry as it was stored, with the news it left for history. */
export interface StoredEntry extends Entry {
  readonly news?: string
}

/**
 * Gives all stored entries of a data directory in the order of positions: of what was forgotten only
 * the lasting ones, and later every one, also those that are committed while it reads. Throws a
 * LogError when there is no log, or none that can be read.
 */
export function* readEntries(directory: string): Generator<StoredEntry> {
  const path = join(directory, LOG_FILE)
  if (!existsSync(path)) {
    throw new LogError(
      'LOG_MISSING',
      `There is no log in ${directory}. Give the data directory of a server.`,
    )
  }
  let db: Database | undefined
  try {
    db = openDatabase(path, { readOnly: true })
    db.exec('PRAGMA busy_timeout = 5000')
    const schema = checkSchema(db, path)
    const forgotten = readMeta(db, 'forgotten') ?? 0
    if (schema >= 2) yield* readLasting(db, forgotten)
    yield* readAfter(db, forgotten)
  } catch (error) {
    throw explain(error, path)
  } finally {
    db?.close()
  }
}

/** What is left of the forgotten; beside it there may be entries that are not deleted yet. */
function* readLasting(db: Database, forgotten: number): Generator<StoredEntry> {
  const page = db.prepare(`
    SELECT entries.* FROM lasting CROSS JOIN entries USING (position)
    WHERE lasting.position > ? AND lasting.position <= ? ORDER BY lasting.position LIMIT ?
  `)
  yield* inPages(0, (after) => page.all(after, forgotten, PAGE_ROWS))
}

function* readAfter(db: Database, forgotten: number): Generator<StoredEntry> {
  const page = db.prepare('SELECT * FROM entries WHERE position > ? ORDER BY position LIMIT ?')
  yield* inPages(forgotten, (after) => page.all(after, PAGE_ROWS))
}

function* inPages(start: number, read: (after: number) => Row[]): Generator<StoredEntry> {
  let position = start
  for (;;) {
    const rows = read(position)
    if (rows.length === 0) return
    for (const row of rows) {
      const entry = toEntry(row)
      position = entry.position
      yield entry
    }
  }
}

function toEntry(row: Row): StoredEntry {
  const entry: Entry = {
    position: Number(row.position),
    now: Number(row.now),
    type: String(row.type),
    session: row.session == null ? null : String(row.session),
    fields: JSON.parse(String(row.fields)),
  }
  return row.news == null ? entry : { ...entry, news: String(row.news) }
}
