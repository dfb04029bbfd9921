// The connection that a daemon keeps: made again whenever it is lost, with the identity as its file is then.

import { statSync } from 'node:fs'
import { AgentChat } from '../../client/chat.ts'
import { backoffMs, isFinal } from '../../client/reconnecting.ts'
import { pause, waitFor } from '../../client/wait.ts'
import type { Settings } from '../command.ts'
import { connectOptions } from '../connect.ts'
import { openIdentity } from '../identities.ts'

export interface StandingOptions {
  readonly settings: Settings
  /** The file of the identity. */
  readonly identity: string
  /** Aborted to end it. */
  readonly signal: AbortSignal
  /** What to hear first on each connection; undefined for nothing but what comes. */
  readonly resume: () => number | true | undefined
  /** Called with each connection, before anything is heard on it. */
  readonly connected: (chat: AgentChat) => void
  readonly note: (text: string) => void
  /** It will not be made again, for the reason that is given. */
  readonly ended: (cause: unknown) => void
}

export class Standing {
  private readonly options: StandingOptions
  private readonly waiting = new Set<() => void>()
  private chat: AgentChat | undefined
  private isOver = false
  /** What the file of the identity was like when the connection was made. */
  private print = ''

  constructor(options: StandingOptions) {
    this.options = options
  }

  /** The first connection is tried once. @throws as `AgentChat.connect` */
  async open(): Promise<void> {
    this.use(await this.connect())
  }

  /** The connection; undefined while there is none that is what a new one would be. */
  get current(): AgentChat | undefined {
    if (this.chat !== undefined && this.print !== printOf(this.options.identity)) {
      // Another name or key is in the file now. To close it in order makes the next one.
      void this.chat.close()
      this.chat = undefined
    }
    return this.chat
  }

  /** Waits for a connection. @throws the signal's reason */
  whenCurrent(signal: AbortSignal): Promise<AgentChat> {
    return waitFor<AgentChat>({ signal }, ({ resolve }) => {
      const look = () => {
        const { current } = this
        if (current !== undefined) resolve(current)
      }
      this.waiting.add(look)
      look()
      return () => this.waiting.delete(look)
    })
  }

  /** Ends it in order, and makes no other. */
  async close(): Promise<void> {
    this.isOver = true
    await this.chat?.close()
  }

  private async connect(): Promise<AgentChat> {
    const { settings, identity, signal, resume } = this.options
    this.print = printOf(identity)
    const kept = await openIdentity(settings.home, identity)
    return AgentChat.connect({
      ...connectOptions(settings, kept),
      reconnect: false,
      signal,
      resume: resume(),
    })
  }

  private use(chat: AgentChat): void {
    const { signal, connected, note, ended } = this.options
    let leastMs = 0
    this.chat = chat
    chat.on('SERVER_CLOSING', ({ retry_after_ms }) => {
      leastMs = typeof retry_after_ms === 'number' ? retry_after_ms : 0
    })
    chat.onState((state) => {
      if (state.state !== 'closed') return
      if (this.chat === chat) this.chat = undefined
      if (signal.aborted || this.isOver) return
      note(`The connection is over: ${state.reason || `closed with ${state.code}`}.`)
      if (state.final) ended(new Error(state.reason || `closed with ${state.code}`))
      else void this.again(leastMs)
    })
    connected(chat)
    for (const look of [...this.waiting]) look()
  }

  private async again(leastMs: number): Promise<void> {
    const { signal, note, ended } = this.options
    for (let attempt = 1, least = leastMs; !signal.aborted && !this.isOver; attempt++, least = 0) {
      try {
        await pause(backoffMs(attempt, least), signal)
        this.use(await this.connect())
        note('Connected again.')
        return
      } catch (failure) {
        if (signal.aborted) return
        if (isFinal(failure)) return ended(failure)
      }
    }
  }
}

/** Tells one state of a file from another. */
function printOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`
}
