// Where the socket and the log of a daemon lie, and whether they are its owner's alone.

import { lstatSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Whom a daemon stands for, and where: there is one for each. */
export interface Stand {
  /** The directory with the user's state. */
  readonly home: string
  readonly server: string
  /** The file of the identity. */
  readonly identity: string
}

/** The files of a daemon. */
export interface Place {
  readonly directory: string
  readonly socket: string
  readonly log: string
}

/** What the address of a local socket has room for on every system. */
const mostBytes = 103

/** Where the daemon of somebody lies: below the home, or where that is too long a way for a socket, with the temporary files. */
export function placeOf({ home, server, identity }: Stand): Place {
  const words = JSON.stringify([home, server, identity])
  const name = `${hashOf(words, 0x811c9dc5)}${hashOf(words, 0x01000193)}`
  const near = filesOf(join(home, 'run'), name)
  return Buffer.byteLength(near.socket) <= mostBytes
    ? near
    : filesOf(join(tmpdir(), `agentchat-${userInfo().uid}`), name)
}

/**
 * FNV-1a, as 8 hex digits. `node:crypto` would take longer to load than all the rest; and whoever meets the
 * wrong daemon by chance is turned away by it.
 */
function hashOf(text: string, seed: number): string {
  let hash = seed
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function filesOf(directory: string, name: string): Place {
  const path = join(directory, name)
  return { directory, socket: `${path}.sock`, log: `${path}.log` }
}

/** Whether nobody but this user can have put something there. */
export function isOwn({ directory }: Place): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return false
  const uid = process.getuid?.()
  return uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0)
}

/** Whether a daemon is there, or was and did not tidy up. */
export function hasSocket({ socket }: Place): boolean {
  return lstatSync(socket, { throwIfNoEntry: false }) !== undefined
}
