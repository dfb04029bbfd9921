// The line to a server: dialled, logged in on, and dialled again when it breaks.

import type { AskFields, AskType } from '../protocol/frames.ts'
import { type Closing, type Connection, dial, lostError } from './connection.ts'
import { ConnectionError, RefusedError } from './errors.ts'
import { isLasting, type Login, type LoginOptions, logIn } from './login.ts'
import type { ConnectionState, Frame, WaitOptions } from './options.ts'
import type { OpenSocket, Tls } from './platform/socket.ts'
import { backoffMs, isFinal } from './reconnecting.ts'
import { Requests, type Sealed } from './requests.ts'
import { pause, waitFor } from './wait.ts'

export interface LineOptions extends LoginOptions {
  readonly tls: Tls | undefined
  /** What opens the sockets; undefined for the platform's own. */
  readonly open: OpenSocket | undefined
  readonly reconnect: boolean
  readonly timeoutMs: number
  readonly allowSecrets: boolean
}

/** What the line tells its owner. Signals are aborted when the connection breaks. */
export interface LineHears {
  /** Logged in; before any frame of the connection is heard. */
  welcomed(login: Login): void
  frame(frame: Frame): void
  /** What has to be done on a connection before requests may go out. */
  settle(connection: AbortSignal): Promise<void>
  /** Requests go out. */
  ready(connection: AbortSignal): void
  lost(): void
  state(state: ConnectionState): void
  /** There will be no other connection. */
  ended(cause: unknown): void
}

const normal = 1000
const nowhere: Closing = { code: 1006, reason: 'there is none now' }

export class Line {
  readonly requests = new Requests()
  private readonly options: LineOptions
  private readonly hears: LineHears
  private readonly waiting = new Set<() => void>()
  /** Aborted at the end of everything, with its cause. */
  private readonly over = new AbortController()
  /** Aborted at the end of the connection, with its cause. */
  private life = new AbortController()
  private connection: Connection | undefined
  private isAdmitted = false
  private isReady = false
  /** What came right behind WELCOME, until that has been checked. */
  private held: Frame[] | undefined
  private retryAfterMs = 0

  constructor(options: LineOptions, hears: LineHears) {
    this.options = options
    this.hears = hears
  }

  /** What ended it for good; undefined until then. */
  get cause(): unknown {
    return this.over.signal.aborted ? this.over.signal.reason : undefined
  }

  /** The first connection: unlike later ones it is tried once. */
  open(resume: boolean): Promise<void> {
    return this.connect(resume)
  }

  /** Sends when there is a connection, and waits for the answer; the bounds are for both together. */
  async request(sealed: Sealed, bounds: WaitOptions): Promise<Frame> {
    if (this.isReady) return this.ask(sealed, bounds)
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = bounds
    const until = performance.now() + timeoutMs
    await this.whenReady(bounds)
    return this.ask(sealed, { signal, timeoutMs: until - performance.now() })
  }

  /** Sends on the connection there is, and waits for the answer. */
  ask(sealed: Sealed, bounds: WaitOptions): Promise<Frame> {
    const { connection } = this
    if (!connection) return Promise.reject(this.over.signal.reason ?? lostError(nowhere))
    return this.requests.ask(sealed, (text) => connection.send(text), bounds)
  }

  /** Ends it in order; resolves when the connection is closed. */
  async close(): Promise<void> {
    const { connection } = this
    this.end({ code: normal, reason: 'closed by the client' }, false)
    await connection?.close()
  }

  /** Ends it at once; whoever waits is rejected with the cause. */
  abandon(cause: unknown): void {
    const { connection } = this
    this.end({ code: normal, reason: 'given up by the client' }, false, cause)
    connection?.drop()
  }

  /** Ends it at once, for to connect again would fail the same way. */
  fail(cause: unknown): void {
    const { connection } = this
    const code = (cause instanceof ConnectionError && cause.closeCode) || normal
    this.end({ code, reason: cause instanceof Error ? cause.message : String(cause) }, true, cause)
    connection?.drop()
  }

  /** Ends this connection; another one may go better. */
  hangUp(): void {
    this.connection?.drop()
  }

  private async connect(resume: boolean): Promise<void> {
    const { url, tls, open, timeoutMs } = this.options
    const until = performance.now() + timeoutMs
    const bounds = () => ({ signal: this.over.signal, timeoutMs: until - performance.now() })
    const life = new AbortController()
    this.life = life
    this.isAdmitted = false
    this.held = undefined
    const connection = await dial(
      { url, tls, open, ...bounds() },
      {
        frame: (frame) => this.receive(frame, life.signal),
        closed: (closing) => this.broken(closing, life),
      },
    )
    this.connection = connection
    const ask = <T extends AskType>(type: T, fields: AskFields<T>) =>
      this.ask(this.requests.seal(type, fields), bounds())
    try {
      this.admit(await logIn(ask, this.options, resume))
      await this.hears.settle(life.signal)
      life.signal.throwIfAborted()
    } catch (failure) {
      life.abort(failure)
      this.connection = undefined
      connection.drop()
      throw failure
    }
    this.begin()
  }

  private admit(login: Login): void {
    const held = this.held ?? []
    this.held = undefined
    this.isAdmitted = true
    const most = login.welcome.limits?.frame_bytes
    if (typeof most === 'number') this.requests.maxFrameBytes = most
    this.hears.welcomed(login)
    for (const frame of held) this.hears.frame(frame)
  }

  private begin(): void {
    this.isReady = true
    this.retryAfterMs = 0
    this.hears.ready(this.life.signal)
    for (const go of [...this.waiting]) go()
  }

  /** Before the login is done, nothing is heard but its answers. */
  private receive(frame: Frame, life: AbortSignal): void {
    if (life.aborted) return
    const { type, retry_after_ms: retryAfterMs } = frame
    const isClosing = type === 'SERVER_CLOSING' && typeof retryAfterMs === 'number'
    if (isClosing) this.retryAfterMs = retryAfterMs
    if (this.isAdmitted) this.hears.frame(frame)
    else if (type === 'WELCOME') this.held = []
    else this.held?.push(frame)
    this.requests.settle(frame)
  }

  private broken(closing: Closing, life: AbortController): void {
    if (life.signal.aborted) return
    const cause = lostError(closing)
    life.abort(cause)
    this.connection = undefined
    this.requests.fail(cause)
    if (!this.isReady) return
    this.isReady = false
    this.hears.lost()
    this.hears.state({ state: 'lost', ...closing })
    const final = isFinal(cause)
    if (final || !this.options.reconnect) this.end(closing, final, cause)
    else void this.redial()
  }

  private async redial(): Promise<void> {
    for (let attempt = 1; !this.over.signal.aborted; attempt++) {
      const delayMs = backoffMs(attempt, this.retryAfterMs)
      this.retryAfterMs = 0
      this.hears.state({ state: 'reconnecting', attempt, delayMs })
      try {
        await pause(delayMs, this.over.signal)
        await this.connect(isLasting(this.options))
        return
      } catch (failure) {
        if (this.over.signal.aborted) return
        if (isFinal(failure)) return this.fail(failure)
        if (failure instanceof RefusedError) this.retryAfterMs = failure.retryAfterMs ?? 0
      }
    }
  }

  private whenReady({ signal, timeoutMs }: WaitOptions): Promise<void> {
    const { over } = this
    if (over.signal.aborted) return Promise.reject(over.signal.reason)
    const late = () => new ConnectionError('timeout', 'There was no connection in time.')
    return waitFor<void>({ signal, timeoutMs, late }, ({ resolve, reject }) => {
      const go = () => (over.signal.aborted ? reject(over.signal.reason) : resolve())
      this.waiting.add(go)
      return () => this.waiting.delete(go)
    })
  }

  private end({ code, reason }: Closing, final: boolean, cause: unknown = overError(reason)): void {
    if (this.over.signal.aborted) return
    this.over.abort(cause)
    this.life.abort(cause)
    this.connection = undefined
    this.isReady = false
    this.requests.fail(cause)
    for (const go of [...this.waiting]) go()
    this.hears.ended(cause)
    this.hears.state({ state: 'closed', code, reason, final })
  }
}

function overError(reason: string): ConnectionError {
  return new ConnectionError('closed', `The connection is over: ${reason}.`)
}
