// For the tests of servers that lie: a real server, and somebody between it and its clients.

import { WebSocket as Socket, type WebSocket, WebSocketServer } from 'ws'

/** Stands between clients and a server, and tells clients, or the server, something else. */
export async function lying(
  server: string,
  change: (text: string) => string | string[],
  ask: (text: string) => string = (text) => text,
) {
  const door = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
  await new Promise((resolve) => door.once('listening', resolve))
  door.on('connection', (client: WebSocket, request) => {
    const behind = new Socket(new URL(request.url ?? '/', server))
    const early: string[] = []
    behind.on('open', () => {
      for (const text of early) behind.send(text)
    })
    behind.on('message', (data) => {
      for (const text of [change(String(data))].flat()) client.send(text)
    })
    behind.on('close', () => client.close())
    client.on('close', () => behind.close())
    client.on('message', (data) => {
      const text = ask(String(data))
      if (behind.readyState === Socket.OPEN) behind.send(text)
      else early.push(text)
    })
  })
  const { port } = door.address() as { port: number }
  return { url: `ws://localhost:${port}`, close: () => door.close() }
}
