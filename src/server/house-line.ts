// The house's own line: a connection of the server to itself, without a network and with the same gate as any other.

import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { duplexPair } from 'node:stream'
import type { OpenSocket } from '../client/platform/socket.ts'
import { openerOver } from '../client/platform/socket-node.ts'
import type { Admission } from './inbound/admission.ts'

/** What to call a server that is dialled on such a line: the name is looked up nowhere. */
export const houseAddress = 'ws://localhost'

/**
 * What opens sockets to this server from within it. Whoever is connected so is a client like all others, except that
 * it counts as one of this machine.
 */
export function houseLine(server: Server, admission: Admission): OpenSocket {
  // The layer above TCP, or above TLS, is told of a stream that is ready to be read.
  const event = server instanceof TlsServer ? 'secureConnection' : 'connection'
  return openerOver(() => {
    const [outer, inner] = duplexPair()
    // Unlike a cable, a pair does not break as a whole.
    outer.once('close', () => inner.destroy())
    inner.once('close', () => outer.destroy())
    admission.adopt(inner)
    server.emit(event, inner)
    return outer
  })
}
