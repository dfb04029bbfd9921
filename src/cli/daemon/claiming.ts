// One daemon in one place: its socket is taken under a lock, and one that was left behind is replaced.

import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createConnection, type Server } from 'node:net'
import { pause } from '../../client/wait.ts'
import { Failure } from '../failure.ts'
import { hasSocket, isOwn, type Place } from './place.ts'

/** A lock is held for as long as it takes to bind a socket; one that is older is nobody's. */
const staleMs = 10_000
const askEveryMs = 20

/**
 * Makes a server listen in its place, readable and writable for its owner only.
 *
 * @returns false when another daemon listens there already
 * @throws Failure when others have a hand in the directory
 * @throws the signal's reason
 */
export async function takePlace(
  server: Server,
  place: Place,
  signal: AbortSignal,
): Promise<boolean> {
  mkdirSync(place.directory, { recursive: true, mode: 0o700 })
  if (!isOwn(place)) throw foreign(place)
  const lock = `${place.socket}.lock`
  await takeLock(lock, signal)
  try {
    if (hasSocket(place)) {
      if (await answers(place.socket)) return false
      rmSync(place.socket, { force: true })
    }
    await listen(server, place.socket)
    chmodSync(place.socket, 0o600)
    return true
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Whether a daemon listens at a socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

async function takeLock(path: string, signal: AbortSignal): Promise<void> {
  while (!tryLock(path)) {
    if (isStale(path)) rmSync(path, { force: true })
    else await pause(askEveryMs, signal)
  }
}

function tryLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (failure) {
    if (failure instanceof Error && Reflect.get(failure, 'code') === 'EEXIST') return false
    throw failure
  }
}

function isStale(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  return Date.now() - found.mtimeMs > staleMs || !isAlive(holderOf(path))
}

/** Undefined while the lock is being written. */
function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined
  } catch {
    return undefined // it was given back just now
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return true
  try {
    return process.kill(pid, 0)
  } catch (failure) {
    return failure instanceof Error && Reflect.get(failure, 'code') === 'EPERM'
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function foreign({ directory }: Place): Failure {
  return new Failure({
    code: 'UNUSABLE',
    message: `${directory} is not a directory of yours alone.`,
    hint: `chmod 700 '${directory}', if it is yours.`,
    exit: 'identity',
  })
}
