// The tables of a log on SQLite, and whether a file has them.

import { LogError } from '../errors.ts'
import { type Database, transact } from './driver.ts'
import type { Durability } from './messages.ts'

export const LOG_FILE = 'log.db'

const SCHEMA = 1

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
`

/** Makes a database ready to be written: checked, with its tables, as durable as asked. */
export function prepareLog(db: Database, path: string, durability: Durability): void {
  db.exec('PRAGMA busy_timeout = 5000')
  const isNew = isEmpty(db)
  // Before anything is changed, for a newer schema may not take our settings well.
  if (!isNew) checkSchema(db, path)
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA fullfsync = ${durability === 'full' ? 'ON' : 'OFF'};
    PRAGMA wal_autocheckpoint = 16000;
    PRAGMA journal_size_limit = 134217728;
    PRAGMA cache_size = -65536;
  `)
  if (isNew) transact(db, () => db.exec(TABLES))
}

/** Throws a LogError unless the database is a log that this version understands. */
export function checkSchema(db: Database, path: string): void {
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
}

/** Reads one number about the log itself. */
export function readMeta(db: Database, key: 'schema' | 'forgotten'): number | undefined {
  const value = db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value
  return typeof value === 'number' ? value : undefined
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}
