// The WebSocket of Node: ws, which can trust a certificate of its own and end a connection at once.

import { WebSocket } from 'ws'
import type { OpenSocket } from './socket.ts'

/** Bytes of the largest frame that is taken; those of a server of ours are far below it. */
const maxFrameBytes = 8_388_608

export const openSocket: OpenSocket = (url, tls, hears) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
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
