// One process per data directory: a lock that the operating system frees with its holder.

import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LogError } from '../errors.ts'
import { openDatabase } from './driver.ts'
import { explain } from './explain.ts'

export interface Lock {
  release(): void
}

/** Takes the lock of a data directory, or throws a LogError that names who holds it. */
export function takeLock(directory: string): Lock {
  const lockPath = join(directory, 'lock.db')
  const holderPath = join(directory, 'holder.json')
  const db = openDatabase(lockPath)
  try {
    // A transaction that never ends. Nobody but SQLite may ever open this file: with POSIX, any
    // other close of it within this process would drop the lock.
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    chmodSync(lockPath, 0o600)
    rmSync(holderPath, { force: true })
    writeFileSync(holderPath, describeSelf(), { mode: 0o600 })
  } catch (error) {
    db.close()
    throw complain(error, { directory, lockPath, holderPath })
  }
  return {
    release() {
      rmSync(holderPath, { force: true })
      db.close()
    },
  }
}

function complain(
  error: unknown,
  at: { directory: string; lockPath: string; holderPath: string },
): LogError {
  const explained = explain(error, at.lockPath)
  if (explained.code !== 'LOG_LOCKED') return explained
  const holder = readHolder(at.holderPath)
  return new LogError(
    'LOG_LOCKED',
    `The data directory ${at.directory} is in use by ${holder}. ` +
      'Stop that server, or choose another data directory.',
  )
}

function describeSelf(): string {
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  return `${JSON.stringify(holder)}\n`
}

function readHolder(path: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(path, 'utf8'))
    return `process ${pid} on ${host} since ${since}`
  } catch {
    // The holder has the lock and is about to write its name.
    return 'another process'
  }
}
