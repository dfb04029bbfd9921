// The gate: turns upgrade requests into connections, watches that they live, and sees them out.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { toBase64Url } from '../../protocol/bytes.ts'
import { limits } from '../../protocol/limits.ts'
import { allowsLegacy, type ServeOptions } from '../config.ts'
import type { Outbox } from '../outbound/outbox.ts'
import { Outlet } from '../outbound/outlet.ts'
import type { Admission, Turned } from './admission.ts'
import { Connection, type ConnectionParts } from './connection.ts'
import type { HandshakeOptions } from './handshake.ts'

export interface GateParts extends Omit<ConnectionParts, 'login'> {
  readonly options: ServeOptions
  readonly outbox: Outbox
  readonly admission: Admission
  readonly login: Omit<HandshakeOptions, 'legacy' | 'holderOf'>
}

interface Guest {
  readonly connection: Connection
  readonly outlet: Outlet
  readonly ws: WebSocket
  /** False when nothing has come from the client since it was last asked whether it lives. */
  isAlive: boolean
}

/** How long a client has for its side of the closing handshake. */
const closeWaitMs = 2_000

export class Gate {
  private readonly parts: GateParts
  private readonly sockets: WebSocketServer
  private readonly guests = new Set<Guest>()
  private isOpen = true
  private onEmpty: (() => void) | undefined

  constructor(parts: GateParts) {
    this.parts = parts
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: parts.options.maxFrame,
      maxFragments: 1_024,
      maxBufferedChunks: 4_096,
    })
  }

  /** Takes the upgrade requests of an HTTP server. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      const turned = this.isOpen
        ? this.parts.admission.turned(request)
        : ({ status: 503, reason: 'The server stops.' } as const)
      if (turned) this.turnAway(socket, turned)
      else this.letIn(request, socket, head)
    })
  }

  /** Asks every client whether it lives; those that said nothing since the last time are cut. */
  ping(): void {
    for (const guest of this.guests) {
      if (!guest.isAlive) guest.ws.terminate()
      guest.isAlive = false
      guest.ws.ping()
    }
  }

  /** Closes connections on which nobody logged in, and forgets what need not be remembered. */
  sweep(): void {
    const now = performance.now()
    for (const { connection, outlet } of this.guests) {
      const isLate = now - connection.openedAt > limits.authenticate_ms
      if (isLate && !connection.isIdentified) outlet.close('LOGIN_TIMEOUT')
    }
    this.parts.admission.sweep(now)
    this.parts.guard.sweep(now)
  }

  /** Lets nobody in any more, and waits until all have gone. */
  async close(): Promise<void> {
    this.isOpen = false
    if (this.guests.size === 0) return
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve
    })
  }

  /** Ends every connection at once: after a failure nothing more may be told. */
  cut(): void {
    this.isOpen = false
    for (const { ws } of this.guests) ws.terminate()
  }

  private turnAway(socket: Duplex, { status, reason }: Turned): void {
    this.parts.report('door-refused', { status, reason })
    const body = `${reason}\n`
    // Who does not hang up as well would keep the socket, which nothing counts, for ever.
    socket.once('finish', () => socket.destroy())
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

  private letIn(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = this.parts.admission.addressOf(request)
    const turned = this.parts.admission.enter(address, performance.now())
    if (turned) {
      this.turnAway(socket, turned)
      return
    }
    socket.once('close', () => this.parts.admission.leave(address))
    this.sockets.handleUpgrade(request, socket, head, (ws) => this.welcome(ws, socket, address))
  }

  private welcome(ws: WebSocket, socket: Duplex, address: string): void {
    const { outbox, report, options, login, admission } = this.parts
    const id = `s${toBase64Url(randomBytes(12))}`
    const outlet = new Outlet({
      id,
      socket,
      close: (code, reason) => closeWithin(ws, code, reason),
      onCut: () => report('readers-cut', { id }),
    })
    const connection = new Connection(
      { ...this.parts, login: { ...login, legacy: allowsLegacy(options, address) } },
      { id, ws, outlet, address: admission.isExempt(address) ? undefined : address },
    )
    outbox.open(outlet)
    this.listen({ connection, outlet, ws, isAlive: true })
    report('connection-opened', { id })
  }

  private listen(guest: Guest): void {
    const { connection, outlet, ws } = guest
    this.guests.add(guest)
    ws.on('message', (data, isBinary) => {
      guest.isAlive = true
      if (isBinary) outlet.close('NOT_TEXT')
      else connection.receive(data as Buffer) // with the default binaryType it is one Buffer
    })
    ws.on('pong', () => {
      guest.isAlive = true
    })
    ws.on('error', (failure) => this.parts.report('refused', { code: failure.name }))
    ws.on('close', () => {
      this.guests.delete(guest)
      this.parts.outbox.drop(outlet.id)
      outlet.abandon()
      connection.closed()
      this.parts.report('connection-closed', { id: outlet.id })
      if (this.guests.size === 0) this.onEmpty?.()
    })
  }
}

function closeWithin(ws: WebSocket, code: number, reason: string): void {
  if (ws.readyState === ws.CLOSED) return
  ws.close(code, reason.slice(0, 120))
  const timer = setTimeout(() => ws.terminate(), closeWaitMs)
  timer.unref()
  ws.once('close', () => clearTimeout(timer))
}
