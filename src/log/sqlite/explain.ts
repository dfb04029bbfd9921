// What SQLite and the file system complain of, in words that say what to do.

import { LogError } from '../errors.ts'
import { sqliteCode } from './driver.ts'

const PERM = 3
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** Turns whatever was thrown while working on `path` into a LogError. */
export function explain(error: unknown, path: string): LogError {
  if (error instanceof LogError) return error
  const options = { cause: error }
  switch (sqliteCode(error)) {
    case NOTADB:
      return new LogError('LOG_UNREADABLE', `${path} is not a database. ${MOVE_AWAY}`, options)
    case CORRUPT:
      return new LogError('LOG_DAMAGED', `${path} is damaged. ${RESTORE}`, options)
    case BUSY:
      return new LogError('LOG_LOCKED', `Another program keeps ${path} locked. ${QUIT}`, options)
    case FULL:
      return new LogError('LOG_FAILED', `The disk that holds ${path} is full. ${SPACE}`, options)
    case IOERR:
      return new LogError('LOG_FAILED', `The disk fails to read or write ${path}. ${DISK}`, options)
    case PERM:
    case READONLY:
    case CANTOPEN:
      return new LogError('LOG_UNREADABLE', `${path} cannot be opened. ${PERMISSIONS}`, options)
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new LogError('LOG_FAILED', `Working on ${path} failed: ${reason}. ${RESTART}`, options)
}

const MOVE_AWAY = 'Move it away, or choose another data directory.'
const RESTORE = 'Restore it from a backup, or move it away to begin anew.'
const QUIT = 'Close that program and try again.'
const SPACE = 'Free some space and start the server again.'
const DISK = 'Check the disk and start the server again.'
const PERMISSIONS = 'Check that this user may read and write it.'
const RESTART = 'Start the server again; nothing that was acknowledged is lost.'
