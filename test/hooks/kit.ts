// For the tests of hooks: proposals told into a log of memory, and a receiver that is as strict as a real one.

import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Outcome } from '../../src/core/context.ts'
import { allProposals, chainOf } from '../../src/core/proposal-streams.ts'
import { openMemoryLog } from '../../src/log/memory.ts'
import type { Patience } from '../../src/server/hooks/deliver.ts'
import { type HookEvent, type HookMessage, hookEvents } from '../../src/server/hooks/events.ts'
import { type Hooks, type LoadedHook, loadHooks, openHooks } from '../../src/server/hooks/hooks.ts'
import type { HookOptions } from '../../src/server/hooks/options.ts'
import { type HookStates, memoryStates } from '../../src/server/hooks/state.ts'
import type { Details, ReportName } from '../../src/server/report.ts'
import { temporaryServerKey } from '../../src/server/server-key.ts'

const server = 'chat.example'
export const key = temporaryServerKey()

/** The public key of a server as Standard Webhooks spell it. @param publicKey raw, base64url */
export function webhookPublicKey(publicKey: string): string {
  return `whpk_${Buffer.from(publicKey, 'base64url').toString('base64')}`
}

/** What a real receiver finds wrong with a call; undefined when nothing is. */
export function faultOf(
  headers: IncomingHttpHeaders,
  body: string,
  { publicKey = key.publicKey, nowMs = Date.now() } = {},
): string | undefined {
  const [id, seconds, list] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`] ?? ''),
  )
  if (!id || !seconds || !list) return 'unsigned'
  if (!/^[1-9]\d{9}$/.test(seconds)) return 'no time'
  if (Math.abs(nowMs / 1_000 - Number(seconds)) > 300) return 'old'
  const text = /^v1a,([A-Za-z0-9+/]{86}==)$/.exec(list)?.[1]
  if (text === undefined) return 'no signature'
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey }
  const signed = Buffer.from(`${id}.${seconds}.${body}`)
  const isGood = verify(
    null,
    signed,
    createPublicKey({ key: jwk, format: 'jwk' }),
    Buffer.from(text, 'base64'),
  )
  return isGood ? undefined : 'forged'
}

/** A call that a receiver took for good. */
export type Call = HookMessage & { readonly headers: IncomingHttpHeaders }

type Response = number | 'hang' | 'drop' | { status: number; headers: Record<string, string> }

/** Listens on any port of this machine, and answers as it is told; 204 when it is told nothing. */
export class Receiver {
  readonly calls: Call[] = []
  readonly faults: string[] = []
  answers: Response[] = []
  url = ''
  /** The key that calls have to be signed with, raw, base64url. */
  publicKey = key.publicKey
  /** Called when the other side goes away before it has an answer. */
  onDropped: (value?: unknown) => void = () => {}
  readonly http = createServer((request, response) => {
    response.on('close', () => response.writableEnded || this.onDropped())
    void bodyOf(request).then((body) => {
      const answer = this.answers.shift() ?? 204
      this.hear(request, body)
      if (answer === 'hang') return
      if (answer === 'drop') return void response.destroy()
      const { status, headers } =
        typeof answer === 'number' ? { status: answer, headers: {} } : answer
      response.writeHead(status, headers).end(status === 204 ? undefined : 'x'.repeat(100_000))
    })
  })
  private readonly watchers = new Set<() => void>()

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    const { http } = receiver
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    receiver.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook` // it listens on a port
    onTestFinished(() => {
      http.closeAllConnections()
      http.close()
    })
    return receiver
  }

  /** Resolves once it has had so many calls. */
  async had(count: number): Promise<readonly Call[]> {
    while (this.calls.length < count) {
      await new Promise<void>((resolve) => this.watchers.add(resolve))
    }
    return this.calls
  }

  private hear({ headers }: IncomingMessage, body: string): void {
    const fault = faultOf(headers, body, { publicKey: this.publicKey })
    if (fault !== undefined) this.faults.push(fault)
    this.calls.push({ ...JSON.parse(body), id: headers['webhook-id'], headers })
    for (const wake of this.watchers) wake()
    this.watchers.clear()
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** Pauses that are over at once, and how long each would have been. */
export function hurry(): Patience & { readonly pauses: number[] } {
  const pauses: number[] = []
  return { pauses, wait: async (ms) => pauses.push(ms), random: () => 0 }
}

/** A server as hooks see it: a log, and what was reported. */
export class Scene {
  readonly log = openMemoryLog<Outcome>()
  readonly reports: { readonly name: ReportName; readonly details: Details }[] = []
  released = 0
  states: HookStates = memoryStates()
  patience: Patience = hurry()
  limitMs = 60_000
  hooks: Hooks | undefined
  private position = 0
  private readonly watchers = new Set<() => void>()

  static async open(): Promise<Scene> {
    const scene = new Scene()
    await scene.log.start({
      thaw: () => {},
      execute: ({ position, fields }) => {
        scene.position = position
        const streams = [allProposals, chainOf(String(fields.proposal_id))]
        const news = JSON.stringify({ ...fields, position })
        return { accepted: true, told: [], kept: { streams, news } }
      },
      release: (outcomes) => {
        scene.released += outcomes.length
        scene.hooks?.wake()
        scene.changed()
      },
    })
    onTestFinished(() => scene.stop())
    return scene
  }

  /** Starts hooks as a server does; returns once a new one would hear of what comes. */
  async start(listed: readonly (LoadedHook | HookOptions)[]): Promise<void> {
    const { log, states, patience, limitMs } = this
    const clock = { now: Date.now }
    const report = (name: ReportName, details: Details = {}) => {
      this.reports.push({ name, details })
      this.changed()
    }
    const calls = { server, key, clock, limitMs }
    const loading = listed.map(async (one) =>
      'call' in one ? [one] : await loadHooks([one], calls),
    )
    const hooks = (await Promise.all(loading)).flat()
    this.hooks = await openHooks({ hooks, log, states, server, clock, report, patience })
    this.hooks.start()
  }

  async stop(): Promise<void> {
    await this.hooks?.stop()
    this.hooks = undefined
  }

  /** Has the log keep a piece of news. @returns its position */
  tell(type: string, id: string, more: object = {}): number {
    const frame = { type, ts: 1_795_518_162_123.004, proposal_id: id, status: 'pending', ...more }
    this.log.append({ type, session: null, fields: frame, now: frame.ts })
    return this.position
  }

  /** The reports of one name, once there are so many. */
  async reported(name: ReportName, count = 1): Promise<readonly Details[]> {
    for (;;) {
      const found = this.reports.filter((one) => one.name === name)
      if (found.length >= count) return found.map(({ details }) => details)
      await new Promise<void>((resolve) => this.watchers.add(resolve))
    }
  }

  /** Resolves once a hook has so much behind it. */
  async reached(name: string, position: number): Promise<void> {
    // The state is written after what is reported, some turns of the event loop later.
    while ((this.states.read(name)?.position ?? 0) < position) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  private changed(): void {
    const watchers = [...this.watchers]
    this.watchers.clear()
    for (const wake of watchers) wake()
  }
}

/** A hook that wants to hear of everything, or of these. */
export function webhook(url: string, more: { name?: string; on?: readonly HookEvent[] } = {}) {
  const { name = 'books', on = hookEvents } = more
  return { name, on: new Set(on), target: { url }, hold: undefined }
}

/** Writes the file of --hooks into a directory. @returns its path */
export function writeHooks(directory: string, hooks: readonly object[]): string {
  const path = join(directory, 'hooks.json')
  writeFileSync(path, JSON.stringify({ hooks }), { mode: 0o600 })
  return path
}

/** A directory that lives as long as the running test. */
export function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'agentchat-hooks-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
