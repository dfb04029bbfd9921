// SQLite as it is at hand: the one inside Node, or a package with the same interface.

import { createRequire } from 'node:module'

type Value = string | number | null
export type Row = Record<string, Value>

export interface Statement {
  run(...values: readonly Value[]): unknown
  get(...values: readonly Value[]): Row | undefined
  all(...values: readonly Value[]): Row[]
  iterate(...values: readonly Value[]): Iterable<Row>
}

export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

interface Driver {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly?: boolean }) => Database
}

let driver: Driver | undefined

/** Opens a database file. It is created when it does not exist, unless it is opened read-only. */
export function openDatabase(path: string, options: { readOnly?: boolean } = {}): Database {
  driver ??= loadBuiltin() ?? loadPackage()
  return new driver.DatabaseSync(path, { readOnly: options.readOnly ?? false })
}

/** The number SQLite gives for a kind of failure; undefined for errors of others. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  if (!('errcode' in error)) return CODES.get(error.message)
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Where it reads several rows, the package gives SQLite's words but not the number. */
const CODES = new Map([
  ['database is locked', 5],
  ['disk I/O error', 10],
  ['database disk image is malformed', 11],
  ['file is not a database', 26],
])

/** Runs all of `work` or nothing of it. */
export function transact(db: Database, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    rollback(db)
    throw error
  }
}

function rollback(db: Database): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // SQLite has rolled back by itself already, as it does when the disk is full.
  }
}

function loadBuiltin(): Driver | undefined {
  const emitWarning = process.emitWarning
  // Loading announces that the module is experimental; nobody who runs a server can act on that.
  process.emitWarning = () => {}
  try {
    // The cast: our types are those of the oldest Node we run on, which lacks the module.
    return process.getBuiltinModule('node:sqlite') as Driver | undefined
  } finally {
    process.emitWarning = emitWarning
  }
}

/** With the package, files stay open after a close until its statements are collected. */
function loadPackage(): Driver {
  // The cast: the package declares parameters and rows as any.
  return createRequire(import.meta.url)('@photostructure/sqlite') as Driver
}
