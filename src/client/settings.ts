// From what a caller says about a connection to what the line needs: checked, and with the defaults.

import { NAME } from '../protocol/names.ts'
import { TOKEN } from '../protocol/token-text.ts'
import { ConnectionError, IdentityError } from './errors.ts'
import { signerOf } from './identity.ts'
import { memoryKnownServers, serverAddress } from './known-servers.ts'
import type { LineOptions } from './line.ts'
import { openerOf } from './opener.ts'
import type { ConnectOptions } from './options.ts'

const defaultTimeoutMs = 10_000

/**
 * @throws ConnectionError `unreachable` for an address that is none
 * @throws IdentityError `bad-key`, `bad-token`
 * @throws RangeError on a name that is none, and on a token beside an identity or a name
 */
export function lineOptions(options: ConnectOptions): LineOptions {
  const { identity, token, server, knownServers = memoryKnownServers() } = options
  const { name = identity?.name ?? '', tls, brief = false, reconnect = true } = options
  const { timeoutMs = defaultTimeoutMs, allowSecrets = false } = options
  const url = serverAddress(server)
  if (url === undefined) {
    throw new ConnectionError('unreachable', 'A server is called ws://host:port or wss://host.')
  }
  const open = openerOf(options)
  if (token !== undefined) checkToken(options, open ? undefined : url)
  else if (!NAME.test(name)) throw new RangeError('A name is 1 to 32 of a-z A-Z 0-9 _ -.')
  const signer = identity && signerOf(identity)
  const bounds = { reconnect, timeoutMs, allowSecrets }
  return { name, signer, token, brief, url, knownServers, tls, open, ...bounds }
}

/** @param url where the token would be sent; undefined when that is this very process */
function checkToken({ token = '', identity, name }: ConnectOptions, url: string | undefined): void {
  if (identity || name !== undefined) {
    throw new RangeError('A token stands alone: its agent has a name, and the key stays at home.')
  }
  if (!TOKEN.test(token)) {
    throw new IdentityError('bad-token', 'A token is act_ and 43 characters of A-Z a-z 0-9 _ -.')
  }
  // Whoever answers is given the token: nobody may listen on the way, or stand in for the server.
  if (url === undefined || url.startsWith('wss:') || isLoopback(new URL(url).hostname)) return
  throw new IdentityError(
    'bad-token',
    `Everybody on the way to ${url} could read the token: connect with wss://, or on this machine.`,
  )
}

/** @param host as a URL spells it: IPv4 by four numbers, IPv6 in brackets */
function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)
}
