// A client of MCP that asks only what proves that a server answers, in the words of the protocol itself.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Run } from './command.ts'
import { environmentWith } from './environment.ts'
import type { Launch } from './mcp-clients.ts'

export type Era = 'legacy' | 'modern'

/** What was found, as far as it went. */
export interface Found {
  /** The version of MCP that was agreed on. */
  readonly version: string
  readonly tools: number
  /** What the tools who and inbox told. */
  readonly answers: readonly string[]
  readonly fault: Fault | undefined
}

interface Fault {
  readonly code: string
  readonly message: string
  readonly hint: string
}

type Json = Readonly<Record<string, unknown>>

const versions: Readonly<Record<Era, string>> = { legacy: '2025-11-25', modern: '2026-07-28' }
const me = { name: 'agentchat-doctor', version: '1' }
/** The first start through npx may have to fetch the package. */
const patienceMs = 60_000

/** Starts a server, asks it, and ends it. */
export async function probe(launch: Launch, era: Era, { signal }: Run): Promise<Found> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const peer = new Peer(launch, limit)
  const found = { version: '', tools: 0, answers: [] as string[] }
  try {
    found.version = await opened(peer, era)
    const { tools } = await peer.ask('tools/list', {})
    found.tools = Array.isArray(tools) ? tools.length : 0
    for (const name of ['who', 'inbox']) {
      const result = await peer.ask('tools/call', { name, arguments: {} })
      if (result.isError === true) return { ...found, fault: toolFault(result) }
      found.answers.push(textOf(result))
    }
    return { ...found, fault: undefined }
  } catch (failure) {
    signal.throwIfAborted()
    const message = failure instanceof Error ? failure.message : String(failure)
    return { ...found, fault: { code: 'NO_ANSWER', message, hint: fixOf(launch) } }
  } finally {
    await peer.end()
  }
}

async function opened(peer: Peer, era: Era): Promise<string> {
  if (era === 'modern') {
    peer.meta = {
      'io.modelcontextprotocol/protocolVersion': versions.modern,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': me,
    }
    const { supportedVersions } = await peer.ask('server/discover', {})
    return Array.isArray(supportedVersions) ? String(supportedVersions[0]) : ''
  }
  const params = { protocolVersion: versions.legacy, capabilities: {}, clientInfo: me }
  const { protocolVersion } = await peer.ask('initialize', params)
  peer.tell('notifications/initialized')
  return String(protocolVersion)
}

function toolFault({ structuredContent: content }: Json): Fault {
  const { error } = (content ?? {}) as { readonly error?: Partial<Fault> } // our own server's
  const { code = 'FAULT', message = 'A tool failed.', hint = '' } = error ?? {}
  return { code, message, hint }
}

function textOf({ content }: Json): string {
  const [first] = Array.isArray(content) ? content : []
  return typeof first?.text === 'string' ? first.text : ''
}

function fixOf({ command, args }: Launch): string {
  return `Run it yourself to see what it says: ${[command, ...args].join(' ')} < /dev/null`
}

/** A server that was started: lines of JSON-RPC in and out. */
class Peer {
  meta: Json | undefined
  private readonly process: ReturnType<typeof spawn>
  private readonly limit: AbortSignal
  private readonly waiting = new Map<number, (answer: Json) => void>()
  private readonly gone: Promise<never>
  private asked = 0
  private said = ''

  constructor({ command, args, env }: Launch, limit: AbortSignal) {
    this.limit = limit
    this.process = spawn(command, args, { env: environmentWith(env), stdio: 'pipe' })
    const { stdin, stdout, stderr } = this.process
    stdin?.on('error', () => {}) // its end is told by its exit
    stderr?.on('data', (data) => {
      this.said = `${this.said}${data}`.slice(-500)
    })
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.hear(line))
    this.gone = new Promise((_resolve, reject) => {
      this.process.on('error', ({ message }) => reject(new Error(`It does not start: ${message}`)))
      this.process.on('close', (code) => {
        reject(new Error(`It ended with ${code}. ${this.said.trim()}`.trim()))
      })
    })
    this.gone.catch(() => {}) // whoever asks is told
  }

  async ask(method: string, params: Json): Promise<Json> {
    this.asked += 1
    const id = this.asked
    const answer = new Promise<Json>((resolve) => this.waiting.set(id, resolve))
    const late = new Promise<never>((_resolve, reject) => {
      this.limit.addEventListener(
        'abort',
        () => reject(new Error(`No answer to ${method} in time.`)),
        {
          once: true,
        },
      )
    })
    const meta = this.meta && { _meta: this.meta }
    this.write({ jsonrpc: '2.0', id, method, params: { ...params, ...meta } })
    const { result, error } = await Promise.race([answer, this.gone, late])
    if (typeof result === 'object' && result !== null) return result as Json
    throw new Error(`It refused ${method}: ${JSON.stringify(error)}`)
  }

  tell(method: string): void {
    this.write({ jsonrpc: '2.0', method })
  }

  /** Closes the pipe, as clients do, and waits for the end. */
  async end(): Promise<void> {
    this.process.stdin?.end()
    if (this.limit.aborted) this.process.kill()
    await this.gone.catch(() => {})
  }

  private write(message: Json): void {
    this.process.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  private hear(line: string): void {
    try {
      const message = JSON.parse(line)
      this.waiting.get(message.id)?.(message)
    } catch {
      this.said = `It prints what is no MCP: ${line.slice(0, 200)}`
    }
  }
}
