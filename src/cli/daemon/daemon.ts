// A daemon: one agent at one server, there as long as it runs, for short calls over a local socket and for files.

import { createServer, type Server, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { packageVersion } from '../../version.ts'
import type { Settings } from '../command.ts'
import { Failure } from '../failure.ts'
import { takePlace } from './claiming.ts'
import { type OpenFiles, openFiles } from './files.ts'
import type { Note } from './lines.ts'
import type { Place, Stand } from './place.ts'
import { serveCaller } from './serving.ts'
import { Standing } from './standing.ts'

export interface DaemonOptions {
  readonly stand: Stand
  readonly place: Place
  readonly settings: Settings
  /** Ends it in good order. */
  readonly signal: AbortSignal
  /** It ends when nobody has called for so long, and it keeps no files. */
  readonly idleMs: number
  /** The directory of its inbox and outbox files. */
  readonly files: string | undefined
  /** Called once it is ready. */
  readonly ready: (state: DaemonState) => void
  readonly note: (text: string) => void
}

/** What a daemon says of itself. */
export interface DaemonState extends Note {
  readonly type: 'DAEMON'
  readonly running: true
}

const mostCallers = 256
/** Timers count milliseconds in 31 bits. */
const longestMs = 2_147_483_647
/** What commands that run have to end, when it ends. */
const farewellMs = 1_000

/**
 * Runs a daemon until it is stopped, or idle, or of no use any more.
 *
 * @throws Failure DAEMON_RUNS when there is one in its place
 * @throws what keeps it from connecting, or ends its connection for good
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  await new Daemon(options).run()
}

class Daemon {
  private readonly options: DaemonOptions
  private readonly server: Server
  private readonly standing: Standing
  private readonly callers = new Set<Socket>()
  /** It is to end. */
  private readonly over = new AbortController()
  /** Nothing is left to wait for. */
  private readonly gone = new AbortController()
  private readonly since = Date.now()
  private files: OpenFiles | undefined
  private opened: Promise<void> | undefined
  private cause: unknown
  private idle: NodeJS.Timeout | undefined
  private running = 0
  private calls = 0
  private resting = () => {}
  /** The agent has left the server in good order. */
  private readonly left: Promise<void>
  private hasLeft = () => {}

  constructor(options: DaemonOptions) {
    this.options = options
    const { stand, settings, note } = options
    this.standing = new Standing({
      settings,
      identity: stand.identity,
      signal: this.gone.signal,
      resume: () => this.files?.resume,
      connected: (chat) => this.files?.hear(chat),
      note,
      ended: (cause) => this.stop(cause),
    })
    this.left = new Promise((resolve) => {
      this.hasLeft = resolve
    })
    this.server = createServer((socket) => this.take(socket))
    this.server.maxConnections = mostCallers
  }

  async run(): Promise<void> {
    const { place, signal, files, stand, note, ready } = this.options
    if (!(await takePlace(this.server, place, signal))) throw runsAlready()
    const stop = () => this.stop(undefined)
    signal.addEventListener('abort', stop, { once: true })
    try {
      if (files !== undefined) {
        const fail = (cause: unknown) => this.stop(cause)
        this.files = await openFiles(files, { stand, note, fail })
      }
      this.opened = this.standing.open()
      await this.opened
      ready(await this.state())
      this.rest()
      await (this.files?.work(this.standing, this.over.signal) ?? this.whenOver())
      if (this.cause !== undefined) throw this.cause
    } finally {
      signal.removeEventListener('abort', stop)
      await this.close()
    }
  }

  private take(socket: Socket): void {
    this.callers.add(socket)
    socket.on('close', () => this.callers.delete(socket))
    const { stand, settings, note } = this.options
    serveCaller(socket, {
      stand,
      note,
      ca: settings.ca === undefined ? undefined : resolve(settings.ca),
      standing: this.standing,
      begin: () => this.begin(),
      control: (word) => this.control(word),
    })
  }

  private begin(): (wasRun: boolean) => void {
    this.running += 1
    clearTimeout(this.idle)
    return (wasRun) => {
      this.running -= 1
      if (wasRun) this.calls += 1
      if (this.running === 0) this.resting()
      this.rest()
    }
  }

  /** With nothing to do the time begins after which it ends. */
  private rest(): void {
    clearTimeout(this.idle)
    if (this.running > 0 || this.files !== undefined || this.over.signal.aborted) return
    this.idle = setTimeout(() => this.stop(undefined), Math.min(this.options.idleMs, longestMs))
  }

  private control(word: string): Promise<Note> | undefined {
    if (word === 'status') return this.state()
    if (word !== 'stop') return undefined
    this.stop(undefined)
    return this.left.then(() => ({ type: 'DAEMON', running: false, pid: process.pid }))
  }

  /** As soon as it is known whether it has come to stand. */
  private async state(): Promise<DaemonState> {
    await this.opened
    const { stand, files, idleMs } = this.options
    const chat = this.standing.current
    return {
      type: 'DAEMON',
      running: true,
      pid: process.pid,
      version: packageVersion,
      server: stand.server,
      identity: stand.identity,
      connected: chat !== undefined,
      ...(chat && { agent_id: chat.id, name: chat.name }),
      since: this.since,
      calls: this.calls,
      ...(files === undefined ? { idle_ms: idleMs } : { files }),
    }
  }

  private stop(cause: unknown): void {
    this.cause ??= cause
    this.over.abort()
  }

  private whenOver(): Promise<void> {
    const { signal } = this.over
    return new Promise((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** No new callers first; those that are here have a moment to end; then the connection, and who waits for that. */
  private async close(): Promise<void> {
    clearTimeout(this.idle)
    const isClosed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    await new Promise<void>((resolve) => {
      this.resting = resolve
      if (this.running === 0) resolve()
      setTimeout(resolve, farewellMs).unref()
    })
    await this.standing.close()
    this.gone.abort()
    this.hasLeft()
    setImmediate(() => {
      for (const socket of this.callers) socket.destroySoon()
    })
    await isClosed
  }
}

function runsAlready(): Failure {
  return new Failure({
    code: 'DAEMON_RUNS',
    message: 'A daemon of this agent at this server runs already.',
    hint: 'agentchat daemon status',
    exit: 'refused',
  })
}
