// The files under ~/.agentchat: identities, the one that is in use, and the servers that are known.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ownerOnly = 0o700

/**
 * Where the identity that was named is kept: a path when it looks like one, otherwise a name.
 *
 * @param directory what a path is relative to
 */
export function identityPath(home: string, named: string, directory = process.cwd()): string {
  if (/[/\\]|\.json$/.test(named)) return resolve(directory, named)
  return join(home, 'identities', `${named}.json`)
}

/** The names of the identities that there are. */
export function identityNames(home: string): string[] {
  const files = entries(join(home, 'identities'))
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .sort()
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // there is none yet
  }
}

/** Where the keys of servers are remembered. */
export function knownServersPath(home: string): string {
  mkdirSync(home, { recursive: true, mode: ownerOnly })
  return join(home, 'known_servers')
}

/** The addresses of known servers that have this key; the last line of each counts. Reads, and makes nothing. */
export function serversWithKey(home: string, key: string): string[] {
  const keys = new Map<string, unknown>()
  for (const line of linesOf(join(home, 'known_servers'))) {
    try {
      const { url, key: known }: { url?: unknown; key?: unknown } = JSON.parse(line)
      if (typeof url === 'string') keys.set(url, known)
    } catch {
      // A line that is damaged tells of no server; whoever connects is told of it.
    }
  }
  return [...keys].filter(([, known]) => known === key).map(([url]) => url)
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return [] // there is none yet
  }
}

/** The identity that is used when none is named. */
export function identityInUse(home: string): string | undefined {
  try {
    return readFileSync(join(home, 'identity'), 'utf8').trim() || undefined
  } catch {
    return undefined // nothing was chosen yet
  }
}

/** Chooses the identity to use when none is named. Whole or not at all: others may read at the same time. */
export function useIdentity(home: string, name: string): void {
  mkdirSync(home, { recursive: true, mode: ownerOnly })
  const draft = join(home, `.identity-${process.pid}`)
  try {
    writeFileSync(draft, `${name}\n`, { mode: 0o600 })
    renameSync(draft, join(home, 'identity'))
  } finally {
    rmSync(draft, { force: true })
  }
}
