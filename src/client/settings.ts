// From what a caller says about a connection to what the line needs: checked, and with the defaults.

import { NAME } from '../protocol/names.ts'
import { ConnectionError } from './errors.ts'
import { signerOf } from './identity.ts'
import { memoryKnownServers, serverAddress } from './known-servers.ts'
import type { LineOptions } from './line.ts'
import type { ConnectOptions } from './options.ts'

const defaultTimeoutMs = 10_000

/**
 * @throws ConnectionError `unreachable` for an address that is none
 * @throws IdentityError `bad-key`
 * @throws RangeError on a name that is none
 */
export function lineOptions(options: ConnectOptions): LineOptions {
  const { identity, server, knownServers = memoryKnownServers() } = options
  const { name = identity?.name ?? '', tls, brief = false, reconnect = true } = options
  const url = serverAddress(server)
  if (url === undefined) {
    throw new ConnectionError('unreachable', 'A server is called ws://host:port or wss://host.')
  }
  if (!NAME.test(name)) throw new RangeError('A name is 1 to 32 of a-z A-Z 0-9 _ -.')
  const signer = identity && signerOf(identity)
  const { timeoutMs = defaultTimeoutMs } = options
  return { name, signer, brief, url, knownServers, tls, reconnect, timeoutMs }
}
