// The HTTP server under the WebSockets: plain or TLS, with limits that starve slow clients, not the server.

import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { ServeOptions } from './config.ts'
import { StartError } from './start-error.ts'

const slowClients: ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
}
const maxHeaders = 50
const tlsHandshakeMs = 5_000
/** How long a server that stops waits for requests that are being answered. */
const lastRequestsMs = 1_000

/** @throws StartError when the certificate or its key cannot be used */
export function createHttpServer(options: ServeOptions): Server {
  const tls = readCertificate(options)
  const server = tls
    ? createTlsServer({ ...slowClients, ...tls, handshakeTimeout: tlsHandshakeMs })
    : createServer(slowClients)
  server.maxHeadersCount = maxHeaders
  return server
}

/** @returns the port @throws StartError when the address cannot be had */
export async function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (failure) => reject(explain(failure, host, port)))
    server.listen({ host, port }, resolve)
  })
  return (server.address() as AddressInfo).port // it listens on TCP
}

/** Waits until the last request is answered, but not for one that does not come to its end. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), lastRequestsMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function readCertificate({ cert, key }: ServeOptions) {
  if (cert === undefined || key === undefined) return undefined
  try {
    const pair = { cert: readFileSync(cert), key: readFileSync(key) }
    createSecureContext(pair)
    return pair
  } catch (failure) {
    throw new StartError(
      `The certificate ${cert} and its key ${key} cannot be used: ${reasonOf(failure)}.`,
      'Give two readable PEM files that belong together.',
    )
  }
}

function explain(failure: Error, host: string, port: number): StartError {
  const code = Reflect.get(failure, 'code')
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} on ${host} is taken.`,
      'Stop what listens there, or give another --port.',
      'machine',
    )
  }
  if (code === 'EACCES') {
    return new StartError(
      `Port ${port} may not be used by you.`,
      'Give a --port over 1023.',
      'machine',
    )
  }
  return new StartError(
    `Cannot listen on ${host}: ${reasonOf(failure)}.`,
    'Give a --host of this machine.',
    'machine',
  )
}

function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
