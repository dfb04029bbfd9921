// A place for a log on the disk that is gone after the test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../../src/log/sqlite/driver.ts'
import { type Durability, openSqliteLog } from '../../src/log/sqlite/open.ts'
import type { LogPlace, Told } from './contract/recorder.ts'

export interface LogDirectory extends LogPlace {
  readonly directory: string
  /** What went to `onFailure`. */
  readonly failures: Error[]
}

/** Makes a place for a log, in a folder that is not there yet. */
export async function makeDirectory(durability: Durability = 'full'): Promise<LogDirectory> {
  const parent = await mkdtemp(join(tmpdir(), 'agentchat-log-'))
  const directory = join(parent, 'data')
  const failures: Error[] = []
  return {
    directory,
    failures,
    isDurable: true,
    open: () =>
      openSqliteLog<Told>({ directory, durability, onFailure: (error) => failures.push(error) }),
    remove: () => rm(parent, { recursive: true }),
  }
}

/** Does something to the database behind the log's back. */
export function meddle<Result>(directory: string, work: (db: Database) => Result): Result {
  const db = openDatabase(join(directory, 'log.db'))
  try {
    return work(db)
  } finally {
    db.close()
  }
}
