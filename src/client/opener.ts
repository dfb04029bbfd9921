// Which connections are made by another opener than the platform's: a door of the server dials its own house.

import type { ConnectOptions } from './options.ts'
import type { OpenSocket } from './platform/socket.ts'

const openers = new WeakMap<ConnectOptions, OpenSocket>()

/** The same options, for a connection whose sockets are opened by `open`. */
export function dialledBy(open: OpenSocket, options: ConnectOptions): ConnectOptions {
  const own = { ...options }
  openers.set(own, open)
  return own
}

/** What opens the sockets of a connection with these options; undefined for the platform's own. */
export function openerOf(options: ConnectOptions): OpenSocket | undefined {
  return openers.get(options)
}
