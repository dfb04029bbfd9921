// Who may connect: addresses, origins and hosts, before a socket becomes a WebSocket.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { isLoopback, networkOf, unmapped } from '../address.ts'
import type { ServeOptions } from '../config.ts'
import { Buckets } from './bucket.ts'

/** Why a connection is not let in; the status is that of the HTTP answer. */
export interface Turned {
  readonly status: 403 | 429 | 503
  readonly reason: string
}

export class Doors {
  private readonly options: ServeOptions
  private readonly open = new Map<string, number>()
  private readonly recent: Buckets
  private total = 0

  constructor(options: ServeOptions) {
    this.options = options
    const burst = options.newConnectionsPerMinute
    this.recent = new Buckets({ burst, perSecond: burst / 60 })
  }

  /** Whose connection it is: the peer's address, or the one that a trusted proxy names; IPv6 by its /64. */
  addressOf(request: IncomingMessage): string {
    const peer = request.socket.remoteAddress ?? ''
    const forwarded = request.headers['x-forwarded-for']
    if (!this.isProxy(peer) || forwarded === undefined) return networkOf(peer)
    const last = String(forwarded).split(',').at(-1)?.trim() ?? ''
    return networkOf(isIP(last) === 0 ? peer : last)
  }

  /** Why the request is turned away; undefined when it may go on. Browsers name an origin, agents do not. */
  turned(request: IncomingMessage): Turned | undefined {
    const { host, origin } = request.headers
    if (!this.isOwnHost(host)) return { status: 403, reason: 'This server is not called so.' }
    if (origin === undefined || this.isOwnOrigin(origin, host)) return undefined
    return { status: 403, reason: 'Pages of other origins may not connect.' }
  }

  /** Counts a connection in. @returns why not; undefined when it was let in and `leave` must follow */
  enter(address: string, now: number): Turned | undefined {
    if (this.total >= this.options.maxConnections) {
      return { status: 503, reason: 'The server takes no more connections now.' }
    }
    const count = this.open.get(address) ?? 0
    if (!this.isExempt(address)) {
      if (count >= this.options.connectionsPerAddress) {
        return { status: 429, reason: 'Too many connections from your address.' }
      }
      if (this.recent.of(address, now).take(1, now) > 0) {
        return { status: 429, reason: 'Too many new connections from your address.' }
      }
    }
    this.open.set(address, count + 1)
    this.total += 1
    return undefined
  }

  leave(address: string): void {
    const count = (this.open.get(address) ?? 0) - 1
    if (count > 0) this.open.set(address, count)
    else this.open.delete(address)
    this.total -= 1
  }

  sweep(now: number): void {
    this.recent.sweep(now)
  }

  /** Connections from this machine are not limited; behind a proxy all of them seem to be. */
  isExempt(address: string): boolean {
    return isLoopback(address) && this.options.behindProxy === undefined
  }

  private isProxy(peer: string): boolean {
    const { behindProxy } = this.options
    return behindProxy !== undefined && (isLoopback(peer) || behindProxy.includes(unmapped(peer)))
  }

  /** A name that only a resolver of somebody else's led here is not ours: DNS rebinding. */
  isOwnHost(host: string | undefined): boolean {
    if (host === undefined) return true
    const name = hostName(host)
    const own = ['localhost', this.options.host, this.options.name, ...this.options.allowHosts]
    return (
      isIP(name) !== 0 || own.some((mine) => hostName(mine).toLowerCase() === name.toLowerCase())
    )
  }

  private isOwnOrigin(origin: string, host: string | undefined): boolean {
    if (this.options.allowOrigins.includes(origin)) return true
    const scheme = this.options.cert === undefined ? 'http' : 'https'
    return origin === `${scheme}://${host}`
  }
}

function hostName(host: string): string {
  return host.replace(/:\d{1,5}$/, '').replace(/^\[([^\]]*)\]$/, '$1')
}
