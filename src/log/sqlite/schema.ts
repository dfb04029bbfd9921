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

const SCHEMA = 2

/** Which entries stay when others are forgotten, and how far the others have been deleted. */
const LASTING = `
  CREATE TABLE lasting (position INTEGER PRIMARY KEY) STRICT;
  INSERT INTO meta (key, value) VALUES ('deleted', 0);
`

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
    PRIMARY KEY (stream, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshots (position INTEGER PRIMARY KEY, world TEXT NOT NULL) STRICT;
  INSERT INTO meta (key, value) VALUES ('schema', ${SCHEMA}), ('forgotten', 0);
  ${LASTING}
`

/** From a log that knew nothing of lasting streams, and so has nothing in any. */
const FROM_SCHEMA_1 = `
  ${LASTING}
  UPDATE meta SET value = 2 WHERE key = 'schema';
`

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
  if (schema === 1) transact(db, () => db.exec(FROM_SCHEMA_1))
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
