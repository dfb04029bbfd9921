// The keys of servers met before: trusted at first sight, held to it ever after.

import { IdentityError } from './errors.ts'

/** Which key belongs to a server, by its address as `serverAddress` spells it. */
export interface KnownServers {
  /** @returns its raw public key as base64url; undefined for a server not met before */
  get(url: string): string | undefined | Promise<string | undefined>
  /** Called once the server has proved its key; a key known before is replaced. */
  set(url: string, key: string): void | Promise<void>
}

/** Known servers for as long as the process lives. */
export function memoryKnownServers(): KnownServers {
  const keys = new Map<string, string>()
  return {
    get: (url) => keys.get(url),
    set(url, key) {
      keys.set(url, key)
    },
  }
}

/** The one spelling of an address under which a key is known, or undefined when it is none. */
export function serverAddress(server: string): string | undefined {
  if (!URL.canParse(server)) return undefined
  const { protocol, host, pathname } = new URL(server)
  if (protocol !== 'ws:' && protocol !== 'wss:') return undefined
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/**
 * Tells whether the key is the one that is known; false when none is.
 *
 * @throws IdentityError `server-changed` when another one is
 */
export async function isPinned(known: KnownServers, url: string, key: string): Promise<boolean> {
  const pinned = await known.get(url)
  if (pinned === undefined || pinned === key) return pinned === key
  throw new IdentityError(
    'server-changed',
    `The server at ${url} shows another key than before: ${key}, not ${pinned}. Somebody may stand ` +
      'between it and you. If its owner says that it has a new key, accept that one in your known servers.',
  )
}
