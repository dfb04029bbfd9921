// Joins the parts of a server, starts them in order, and stops them in order.

import type { Outcome } from '../core/context.ts'
import { openMemoryLog } from '../log/memory.ts'
import type { Log } from '../log/port.ts'
import { openSqliteLog } from '../log/sqlite/open.ts'
import { encode } from '../protocol/encode.ts'
import { packageVersion } from '../version.ts'
import { Clock } from './clock.ts'
import type { ServeOptions } from './config.ts'
import { Ending, once } from './ending.ts'
import { hooksFor } from './hooks/hooks.ts'
import { escrowOf, readHooks } from './hooks/options.ts'
import { HouseGuests } from './house-guests.ts'
import { houseLine } from './house-line.ts'
import { httpListener } from './http.ts'
import { Admission } from './inbound/admission.ts'
import { Gate } from './inbound/gate.ts'
import { Guard } from './inbound/guard.ts'
import { closeServer, createHttpServer, listen } from './listen.ts'
import { Node } from './node.ts'
import { Outbox } from './outbound/outbox.ts'
import type { Report } from './report.ts'
import { forgetOld } from './retention.ts'
import { loadServerKey, temporaryServerKey } from './server-key.ts'
import { every, type Repeated } from './timers.ts'

/** What a server needs from outside; all of it can be left out. */
export interface Surroundings {
  readonly report?: Report
  /** Milliseconds since 1970; the machine's clock when absent. */
  readonly now?: () => number
  /** Stops the server, as SIGTERM does. */
  readonly signal?: AbortSignal
}

export interface RunningServer {
  /** Where agents connect: ws://… or wss://… */
  readonly url: string
  readonly port: number
  readonly name: string
  /** Raw public key of the server as base64url: what clients pin. */
  readonly key: string
  /** Settles when the server has stopped; rejects when its log failed. */
  readonly stopped: Promise<void>
  /** Stops accepting, tells everybody, stores all there is, and lets go of every resource. */
  stop(): Promise<void>
}

const tickMs = 1_000
const pingMs = 25_000
const retentionMs = 60_000
const comeBackMs = 1_000

/**
 * Starts a server.
 * @throws StartError, LogError when an address is taken, or a file or the data directory cannot be used
 */
export async function startServer(
  options: ServeOptions,
  { report = () => {}, now, signal }: Surroundings = {},
): Promise<RunningServer> {
  const ending = new Ending()
  const log = await openLog(options, (failure) => ending.fail(failure))
  try {
    return await startOn(log, { options, report, clock: new Clock(now), ending, signal })
  } catch (failure) {
    await log.close()
    throw failure
  }
}

interface StartParts {
  readonly options: ServeOptions
  readonly report: Report
  readonly clock: Clock
  readonly ending: Ending
  readonly signal: AbortSignal | undefined
}

async function startOn(log: Log<Outcome>, parts: StartParts): Promise<RunningServer> {
  const { options, report, clock, ending, signal } = parts
  const server = await assemble(log, parts)
  const { node, gate, guests, http, hooks, key } = server
  const port = await listen(http, options)
  const onFault = (fault: unknown) => report('fault', { type: 'upkeep', stack: String(fault) })
  const retention = () => forgetOld({ options, log, node, clock, report })
  const timers = [...startTimers({ node, gate, guests, retention, onFault }), hooks]
  hooks.start()
  report('server-started', { port, durability: options.durability })

  const stop = once(async () => {
    report('server-stopping')
    for (const timer of timers) timer.stop()
    guests.close()
    const gone = Promise.all([gate.close(), hooks.stop()])
    node.pass(farewell(server.outbox, clock))
    await gone
    await closeServer(http)
    // Without a snapshot the next start takes longer, and nothing is lost.
    await node.freeze().catch(onFault)
    await log.close()
    report('server-stopped')
    ending.finish()
  })
  ending.onFail((failure) => {
    report('log-failed', { message: failure.message })
    for (const timer of timers) timer.stop()
    http.close()
    http.closeAllConnections()
    gate.cut()
    // The lock goes with it: a process that can serve no more must not keep another from it.
    void log.close()
  })
  signal?.addEventListener('abort', () => void stop(), { once: true })
  if (signal?.aborted) await stop()
  const url = urlOf(options, port)
  return { url, port, name: options.name, key: key.publicKey, stopped: ending.promise, stop }
}

/** Makes the parts and joins them. The node has started then, and nobody can connect yet. */
async function assemble(log: Log<Outcome>, { options, report, clock }: StartParts) {
  const listed = options.hooks === undefined ? [] : readHooks(options.hooks)
  const key = options.durability === 'memory' ? temporaryServerKey() : loadServerKey(options.data)
  const outbox = new Outbox()
  const identity = { server: options.name, key }
  // The hooks begin once the node has started, and nobody proposes anything before that.
  const onProposalNews = listed.length === 0 ? undefined : () => hooks.wake()
  const { operators, budgets } = options
  const configuration = { operators: [...operators], budgets }
  const node = new Node({ log, outbox, clock, report, identity, configuration, onProposalNews })
  const shared = { options, log, node, clock, report }
  const admission = new Admission(options)
  const gate = new Gate({
    ...shared,
    guard: new Guard({ burst: options.burst, perSecond: options.rate }, options.maxFrame),
    outbox,
    admission,
    login: { ...identity, frameBytes: options.maxFrame },
    escrow: escrowOf(listed),
  })
  const http = createHttpServer(options)
  const guests = new HouseGuests({ open: houseLine(http, admission), clock })
  const listener = httpListener({
    ...{ options, admission, guests, report },
    version: packageVersion,
    startedAt: clock.now(),
    world: () => node.world,
  })
  http.on('request', listener)
  gate.attach(http)
  await node.start()
  const hooks = await hooksFor(listed, { ...shared, key })
  return { node, gate, guests, http, hooks, outbox, key }
}

function urlOf({ cert, host }: ServeOptions, port: number): string {
  const scheme = cert === undefined ? 'ws' : 'wss'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function openLog(
  options: ServeOptions,
  onFailure: (failure: Error) => void,
): Promise<Log<Outcome>> {
  const { durability, data } = options
  if (durability === 'memory') return Promise.resolve(openMemoryLog<Outcome>())
  return openSqliteLog<Outcome>({ directory: data, durability, onFailure })
}

interface TimerParts {
  readonly node: Node
  readonly gate: Gate
  readonly guests: HouseGuests
  readonly retention: () => Promise<void>
  readonly onFault: (fault: unknown) => void
}

function startTimers({ node, gate, guests, retention, onFault }: TimerParts): Repeated[] {
  return [
    every(tickMs, () => node.tick(), onFault),
    every(tickMs, () => gate.sweep(), onFault),
    every(tickMs, () => guests.sweep(), onFault),
    every(pingMs, () => gate.ping(), onFault),
    every(retentionMs, retention, onFault),
  ]
}

/** Everybody who is connected is told that the server stops; the connections close after it. */
function farewell(outbox: Outbox, clock: Clock): Outcome {
  const audience = [...outbox.all()].map(({ id }) => id)
  const text = encode('SERVER_CLOSING', clock.stamp(), { retry_after_ms: comeBackMs })
  return { accepted: false, told: [{ audience, text, closes: 'RESTART' }] }
}
