// The WebSocket of Node: ws, which can trust a certificate of its own and end a connection at once.

import type { Duplex } from 'node:stream'
import { type ClientOptions, WebSocket } from 'ws'
import type { OpenSocket, Socket, SocketHears } from './socket.ts'

/** Bytes of the largest frame that is taken; those of a server of ours are far below it. */
const maxFrameBytes = 8_388_608

export const openSocket: OpenSocket = (url, tls, hears) =>
  listenTo(url, tls?.ca === undefined ? {} : { ca: tls.ca }, hears)

/** What opens its sockets over streams that somebody else has connected. */
export function openerOver(connect: () => Duplex): OpenSocket {
  // The package hands it on to `http.request`, which takes any stream; its types say more than it needs.
  const options = { createConnection: connect } as unknown as ClientOptions
  return (url, _tls, hears) => listenTo(url, options, hears)
}

function listenTo(url: string, options: ClientOptions, hears: SocketHears): Socket {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    ...options,
  })
  let fault = ''
  socket.on('open', () => hears.opened())
  socket.on('message', (data, isBinary) => {
    if (!isBinary) hears.heard(data.toString())
  })
  socket.on('error', (error: Error & { code?: string }) => {
    fault ||= error.message || (error.code ?? error.name)
  })
  socket.on('close', (code, reason) => hears.closed(code, reason.toString() || fault))
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: (code, reason) => socket.close(code, reason),
    drop: () => socket.terminate(),
  }
}
