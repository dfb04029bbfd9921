// Who may connect: addresses, origins and hosts, before a socket becomes a WebSocket.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { isLoopback, networkOf, unmapped } from '../address.ts'
import type { ServeOptions } from '../config.ts'
import { Buckets } from './bucket.ts'

/** Why a connection is not let in; the status is that of the HTTP answer. */
export interface Turned {
  readonly status: 403 | 429 | 503
  readonly reason: string
  /** Milliseconds after which it may be tried again, where that is known. */
  readonly waitMs?: number
}

/** Stands where an address does, and is none: nobody who comes over a network has it. */
const house = 'the house'
/** Requests over HTTP that an address may make at once, for each connection that it may have, and each second for ever. */
const requestsPerConnection = 10
/** Wrong tokens of an address: more only as time passes. */
const wrongTokens = { burst: 20, perSecond: 1 / 3 }

export class Admission {
  private readonly options: ServeOptions
  private readonly open = new Map<string, number>()
  private readonly own = new WeakSet<Duplex>()
  private readonly recent: Buckets
  private readonly requests: Buckets
  private readonly strikes = new Buckets(wrongTokens)
  private total = 0

  constructor(options: ServeOptions) {
    this.options = options
    const { newConnectionsPerMinute, connectionsPerAddress } = options
    this.recent = new Buckets({
      burst: newConnectionsPerMinute,
      perSecond: newConnectionsPerMinute / 60,
    })
    this.requests = new Buckets({
      burst: connectionsPerAddress * requestsPerConnection,
      perSecond: connectionsPerAddress,
    })
  }

  /** Takes a stream for one that the server has made to itself. */
  adopt(socket: Duplex): void {
    this.own.add(socket)
  }

  /** Whose connection it is: the peer's address, or the one that a trusted proxy names; IPv6 by its /64. */
  addressOf(request: IncomingMessage): string {
    if (this.own.has(request.socket)) return house
    const peer = request.socket.remoteAddress ?? ''
    const forwarded = request.headers['x-forwarded-for']
    if (!this.isProxy(peer) || forwarded === undefined) return networkOf(peer)
    const last = String(forwarded).split(',').at(-1)?.trim() ?? ''
    return networkOf(isIP(last) === 0 ? peer : last)
  }

  /** Why the request is turned away; undefined when it may go on. Browsers name an origin, agents do not. */
  turned({ headers: { host, origin } }: Pick<IncomingMessage, 'headers'>): Turned | undefined {
    if (!this.isOwnHost(host)) return { status: 403, reason: 'This server is not called so.' }
    if (origin === undefined || this.isOwnOrigin(origin, host)) return undefined
    return { status: 403, reason: 'Pages of other origins may not connect.' }
  }

  /** Counts a connection in. @returns why not; undefined when it was let in and `leave` must follow */
  enter(address: string, now: number): Turned | undefined {
    return this.count(address, () => {
      const waitMs = this.recent.of(address, now).take(1, now)
      return tooMany('Too many new connections from your address.', waitMs)
    })
  }

  /** Counts a request over HTTP in, which is a connection until it is answered. Returns as `enter` does. */
  enterRequest(address: string, now: number): Turned | undefined {
    return this.count(address, () => {
      const waitMs = this.requests.of(address, now).take(1, now)
      return tooMany('Too many requests from your address.', waitMs)
    })
  }

  leave(address: string): void {
    const count = (this.open.get(address) ?? 0) - 1
    if (count > 0) this.open.set(address, count)
    else this.open.delete(address)
    this.total -= 1
  }

  /** Notes a token that was none. */
  strike(address: string, now: number): void {
    if (!this.isExempt(address)) this.strikes.of(address, now).take(1, now)
  }

  /** Why tokens of this address are not looked at; undefined when they are. */
  struckOut(address: string, now: number): Turned | undefined {
    if (this.isExempt(address)) return undefined
    const waitMs = this.strikes.of(address, now).wait(1, now)
    return tooMany('Too many wrong tokens from your address.', waitMs)
  }

  sweep(now: number): void {
    for (const buckets of [this.recent, this.requests, this.strikes]) buckets.sweep(now)
  }

  /** Connections from this machine are not limited; behind a proxy all of them seem to be. */
  isExempt(address: string): boolean {
    if (address === house) return true
    return isLoopback(address) && this.options.behindProxy === undefined
  }

  private count(address: string, isTooFast: () => Turned | undefined): Turned | undefined {
    const { maxConnections, connectionsPerAddress } = this.options
    if (this.total >= maxConnections) {
      return { status: 503, reason: 'The server takes no more connections now.' }
    }
    const count = this.open.get(address) ?? 0
    if (!this.isExempt(address)) {
      if (count >= connectionsPerAddress) {
        return { status: 429, reason: 'Too many connections from your address.' }
      }
      const turned = isTooFast()
      if (turned) return turned
    }
    this.open.set(address, count + 1)
    this.total += 1
    return undefined
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

function tooMany(reason: string, waitMs: number): Turned | undefined {
  return waitMs > 0 ? { status: 429, reason, waitMs } : undefined
}

function hostName(host: string): string {
  return host.replace(/:\d{1,5}$/, '').replace(/^\[([^\]]*)\]$/, '$1')
}
