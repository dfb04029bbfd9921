// The WebSocket of browsers, and of whatever else has one among its globals.

import type { OpenSocket } from './socket.ts'

export const openSocket: OpenSocket = (url, _tls, hears) => {
  const socket = new WebSocket(url)
  let over = false
  const end = (code: number, reason: string) => {
    if (over) return
    over = true
    hears.closed(code, reason)
  }
  socket.onopen = () => hears.opened()
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string' && !over) hears.heard(data)
  }
  socket.onclose = ({ code, reason }) => end(code, reason)
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: (code, reason) => socket.close(code, reason),
    drop() {
      socket.close() // there is no other way here, and it may take long
      end(1006, '')
    },
  }
}
