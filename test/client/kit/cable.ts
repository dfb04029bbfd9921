// A cable between a client and a server that can be cut, and can swallow what the server says.

import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Cable {
  /** Where to connect instead of to the server. */
  readonly url: string
  /** Connections that were made through it so far. */
  readonly count: number
  /** Breaks all connections. */
  cut(): void
  /** New connections are broken at once, until `mend`. */
  unplug(): void
  mend(): void
  /** What the server says from now on is lost; resolves when it has said something. */
  muffle(): Promise<void>
}

/** Lays a cable to a server. */
export async function cableTo(server: { readonly port: number }): Promise<Cable> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  let [isUnplugged, count] = [false, 0]
  const listener = createServer((client) => {
    client.on('error', () => {})
    if (isUnplugged) {
      client.destroy()
      return
    }
    count += 1
    const pair = { client, server: dial(server.port, '127.0.0.1') }
    pairs.add(pair)
    pair.server.on('error', () => {})
    pair.server.on('close', () => client.destroy())
    client.on('close', () => pair.server.destroy())
    client.pipe(pair.server)
    pair.server.pipe(client)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cut = () => {
    for (const { client } of pairs) client.destroy()
    pairs.clear()
  }
  onTestFinished(() => {
    cut()
    listener.close()
  })
  return {
    url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    get count() {
      return count
    },
    cut,
    unplug() {
      isUnplugged = true
      cut()
    },
    mend() {
      isUnplugged = false
    },
    async muffle() {
      const said = [...pairs].map(({ client, server: from }) => {
        from.unpipe(client)
        const heard = once(from, 'data')
        from.resume()
        return heard
      })
      await Promise.all(said)
    },
  }
}
