// The tables of a log on SQLite, and whether a file has them.

import { LogError } from '../errors.ts'
import { type Database, transact } from './driver.ts'
import type { Durability } from './messages.ts'

type MetaKey =
  | 'schema'
  /** No read gives anything at or before this position from a stream that is not lasting. */
  | 'forgotten'
  /** Up to this position only lasting entries are left. */
  | 'deleted'

export const LOG_FILE = 'log.db'

const SCHEMA = 3

/** Which entries stay when others are forgotten, and how far the others have been deleted. */
const LASTING = `
  CREATE TABLE lasting (position INTEGER PRIMARY KEY) STRICT;
  INSERT INTO meta (key, value) VALUES ('deleted', 0);
`

/**
 * Who said it stands in every place, so that a count reads one stretch of one index: that is 5 times as quick as
 * looking authors up in `entries`, and 14 times while those pages are not in memory, for a seventh more work at writing
 * what stands in one stream, a quarter with 3 and half with 25; numbers for authors would save most of it only there.
 */
const AUTHOR = 'author TEXT'

const TABLES = `
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
    ${AUTHOR},
    PRIMARY KEY (stream, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshots (position INTEGER PRIMARY KEY, world TEXT NOT NULL) STRICT;
  INSERT INTO meta (key, value) VALUES ('schema', ${SCHEMA}), ('forgotten', 0);
  ${LASTING}
`

/** What brings a log from each schema to the next, the first from schema 1. */
const UPGRADES = [
  // It knew nothing of lasting streams, and so has nothing in any.
  LASTING,
  // It knew no authors: what it has counts as said by others.
  `ALTER TABLE places ADD COLUMN ${AUTHOR};`,
]

/** Makes a database ready to be written: checked, with its tables, as durable as asked. */
export function prepareLog(db: Database, path: string, durability: Durability): void {
  db.exec('PRAGMA busy_timeout = 5000')
  // Before anything is changed, for a newer schema may not take our settings well.
  const schema = isEmpty(db) ? undefined : checkSchema(db, path)
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA fullfsync = ${durability === 'full' ? 'ON' : 'OFF'};
    PRAGMA wal_autocheckpoint = 16000;
    PRAGMA journal_size_limit = 134217728;
    PRAGMA cache_size = -65536;
  `)
  if (schema === undefined) transact(db, () => db.exec(TABLES))
  else if (schema < SCHEMA) transact(db, () => upgrade(db, schema))
}

function upgrade(db: Database, schema: number): void {
  for (const change of UPGRADES.slice(schema - 1)) db.exec(change)
  db.prepare("UPDATE meta SET value = ? WHERE key = 'schema'").run(SCHEMA)
}

/**
 * Throws a LogError unless the database is a log that this version understands.
 * @returns its schema, which may be an older one
 */
export function checkSchema(db: Database, path: string): number {
  const isLog = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined
  const schema = isLog ? readMeta(db, 'schema') : undefined
  if (schema === undefined) {
    throw new LogError(
      'LOG_UNREADABLE',
      `${path} is a database, but no log of AgentChat. Choose another data directory.`,
    )
  }
  if (schema > SCHEMA) {
    throw new LogError(
      'LOG_NEWER',
      `${path} was written by a newer AgentChat (schema ${schema}, this one knows ${SCHEMA}). ` +
        'Upgrade AgentChat, or choose another data directory.',
    )
  }
  return schema
}

/** Reads one number about the log itself. */
export function readMeta(db: Database, key: MetaKey): number | undefined {
  const value = db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value
  return typeof value === 'number' ? value : undefined
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}
