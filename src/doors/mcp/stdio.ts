// MCP over standard input and output: one client, one agent, as long as the client keeps the pipe open.

import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { McpServer, Transport } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { AgentChat } from '../../client/chat.ts'
import { pushToClaude } from './channel.ts'
import { keepSubscriptions, resourceNews } from './resources.ts'
import { mcpServer } from './server.ts'

/** How to serve one client. */
export interface StdioOptions {
  /** The agent's connection, made when it is first wanted; rejected when there is none now. */
  readonly chat: () => Promise<AgentChat>
  /** Push what concerns the agent into a session of Claude Code, which for that speaks the older era. */
  readonly claude: boolean
  readonly input: Readable
  readonly output: Writable
  /** Ends the service. */
  readonly signal: AbortSignal
  /** Told what goes wrong beside the answers. */
  readonly note: (text: string) => void
}

type Era = 'legacy' | 'modern'

/** What a client asks before it is known to stay: some start a second server only to ask this. */
const openings: ReadonlySet<unknown> = new Set(['initialize', 'server/discover', 'ping'])
const firstRetryMs = 1_000
const lastRetryMs = 60_000

/** Serves until the client closes the pipe, or the signal. */
export async function serveMcpStdio(options: StdioOptions): Promise<void> {
  const transport = new StdioServerTransport(options.input, options.output)
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const session = new Session({ ...options, signal })
  const serving = await session.serve(transport)
  onFirstWish(transport, () => void session.stayConnected())

  await new Promise<void>((resolve) => {
    const closed = transport.onclose
    transport.onclose = () => {
      closed?.()
      resolve()
    }
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  ending.abort()
  session.end()
  await serving.close()
}

/** What a client of the older era has subscribed to, and what is pushed to it. */
class Session {
  private readonly options: StdioOptions
  private readonly subscribed = new Set<string>()
  private server: McpServer | undefined
  private era: Era = 'legacy'
  private known: AgentChat | undefined
  private offs: (() => void)[] = []

  constructor(options: StdioOptions) {
    this.options = options
  }

  async serve(transport: StdioServerTransport): Promise<{ close(): Promise<void> }> {
    const { claude, note } = this.options
    if (!claude) {
      const onerror = (fault: Error) => note(fault.message)
      return serveStdio(({ era }) => this.make(era), { transport, onerror })
    }
    const server = this.make('legacy')
    await server.connect(transport)
    return server
  }

  /** Connects, and tries again until it succeeds: whoever is to be woken cannot ask for it. */
  async stayConnected(): Promise<void> {
    const { signal, note } = this.options
    let retryMs = firstRetryMs
    while (!signal.aborted) {
      try {
        await this.chat()
        return
      } catch (failure) {
        if (retryMs === firstRetryMs)
          note(failure instanceof Error ? failure.message : String(failure))
      }
      await delay(retryMs, undefined, { signal }).catch(() => {}) // ends with the service
      retryMs = Math.min(retryMs * 2, lastRetryMs)
    }
  }

  end(): void {
    for (const off of this.offs.splice(0)) off()
  }

  private make(era: Era): McpServer {
    const { claude } = this.options
    const server = mcpServer({ chat: () => this.chat(), pushes: () => true, claude }, { era })
    this.subscribed.clear()
    if (era === 'legacy') keepSubscriptions(server, this.subscribed)
    this.server = server
    this.era = era
    return server
  }

  /** The connection, whose news are pushed from its first moment on. */
  private async chat(): Promise<AgentChat> {
    const chat = await this.options.chat()
    if (chat === this.known || this.options.signal.aborted) return chat
    this.end()
    this.known = chat
    this.offs = [resourceNews(chat, (uri) => this.tellUpdated(uri))]
    if (this.options.claude) {
      this.offs.push(
        pushToClaude(chat, (params) => this.push('notifications/claude/channel', params)),
      )
    }
    return chat
  }

  /** Whether a client of the newer era wants it is known where its subscriptions are kept, in the SDK. */
  private tellUpdated(uri: string): void {
    const isWanted = this.era === 'modern' || this.subscribed.has(uri)
    if (isWanted) this.push('notifications/resources/updated', { uri })
  }

  private push(method: string, params: Readonly<Record<string, unknown>>): void {
    const { note } = this.options
    this.server?.server.notification({ method, params }).catch((fault) => note(String(fault)))
  }
}

/** Acts once the client asks for more than who is there. */
function onFirstWish(transport: Transport, act: () => void): void {
  const hear = transport.onmessage
  transport.onmessage = (message, extra) => {
    if ('method' in message && !openings.has(message.method)) {
      transport.onmessage = hear
      act()
    }
    hear?.(message, extra)
  }
}
