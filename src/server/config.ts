// Options of a server: one schema from which flags, environment, defaults, checks and the README's table are read.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { limits } from '../protocol/limits.ts'
import { isLoopback } from './address.ts'
import { readBudgets } from './budget-option.ts'
import {
  addresses,
  list,
  number,
  oneOf,
  operatorIds,
  serverName,
  whole,
  wrong,
} from './option-values.ts'
import { StartError } from './start-error.ts'

/** One option, as text from a flag or the environment, and as a value. */
export interface Option<T> {
  /** The flag without dashes; the environment variable is AGENTCHAT_ and the flag in capitals. */
  readonly flag: string
  /** What stands for the value in the help; undefined for a switch. */
  readonly value: string | undefined
  /** The text that counts when nothing is given; undefined when there is no value then. */
  readonly fallback: string | undefined
  readonly doc: string
  /** @throws StartError on a text that is no such value */
  readonly read: (text: string) => T
}

function option<T>(spec: Option<T>): Option<T> {
  return spec
}

function toggle(flag: string, doc: string): Option<boolean> {
  const read = (text: string) => {
    if (text === 'true' || text === '1') return true
    if (text === 'false' || text === '0') return false
    throw wrong(flag, text, 'true or false')
  }
  return { flag, value: undefined, fallback: 'false', doc, read }
}

/** Every option of `agentchat serve`. */
export const serveOptions = {
  host: option({
    flag: 'host',
    value: 'ADDRESS',
    fallback: '127.0.0.1',
    doc: 'Address to listen on; a public one needs TLS, --behind-proxy or --insecure',
    read: String,
  }),
  port: option({
    flag: 'port',
    value: 'NUMBER',
    fallback: '6667',
    doc: 'Port to listen on; 0 takes any free one',
    read: whole('port', 0, 65_535),
  }),
  data: option({
    flag: 'data',
    value: 'DIR',
    fallback: join('~', '.agentchat', 'server'),
    doc: "Directory of the log and the server's key",
    read: (text) => text.replace(/^~(?=\/|$)/, homedir()),
  }),
  name: option({
    flag: 'name',
    value: 'NAME',
    fallback: 'localhost',
    doc: 'Name of the server, as clients dial it; part of every signature',
    read: serverName,
  }),
  durability: option({
    flag: 'durability',
    value: 'MODE',
    fallback: 'full',
    doc: 'full: acknowledged survives a power cut; normal: a crash of the process; memory: nothing is kept, nor is the key that clients know the server by',
    read: oneOf('durability', ['full', 'normal', 'memory']),
  }),
  rate: option({
    flag: 'rate',
    value: 'NUMBER',
    fallback: '1',
    doc: 'Messages a second that an agent may send for ever',
    read: number('rate', 0.01, 1_000_000),
  }),
  burst: option({
    flag: 'burst',
    value: 'NUMBER',
    fallback: '10',
    doc: 'Messages that an agent may send at once',
    read: whole('burst', 1, 1_000_000),
  }),
  legacy: option({
    flag: 'legacy',
    value: 'WHO',
    fallback: undefined,
    doc: 'Who may use the older login: allow, loopback or deny; allow on a loopback address without a proxy, else deny',
    read: oneOf('legacy', ['allow', 'loopback', 'deny']),
  }),
  cert: option({
    flag: 'cert',
    value: 'FILE',
    fallback: undefined,
    doc: 'TLS certificate chain, PEM; goes with --key',
    read: String,
  }),
  key: option({
    flag: 'key',
    value: 'FILE',
    fallback: undefined,
    doc: 'TLS private key, PEM',
    read: String,
  }),
  insecure: toggle(
    'insecure',
    'Listen on a public address without TLS: everybody on the way can read',
  ),
  behindProxy: option({
    flag: 'behind-proxy',
    value: '[ADDRESSES]',
    fallback: undefined,
    doc: 'A proxy does TLS; X-Forwarded-For of loopback and of these addresses is believed',
    read: addresses,
  }),
  allowHosts: option({
    flag: 'allow-hosts',
    value: 'NAMES',
    fallback: '',
    doc: 'Further names under which clients reach this server',
    read: list,
  }),
  allowOrigins: option({
    flag: 'allow-origins',
    value: 'ORIGINS',
    fallback: '',
    doc: 'Origins of web pages that may connect, beside its own',
    read: list,
  }),
  maxFrame: option({
    flag: 'max-frame',
    value: 'BYTES',
    fallback: String(limits.frame_bytes),
    doc: 'The largest frame from a client',
    read: whole('max-frame', 1_024, 16_777_216),
  }),
  maxConnections: option({
    flag: 'max-connections',
    value: 'NUMBER',
    fallback: '20000',
    doc: 'Connections of all clients together',
    read: whole('max-connections', 1, 1_000_000),
  }),
  connectionsPerAddress: option({
    flag: 'connections-per-address',
    value: 'NUMBER',
    fallback: '32',
    doc: 'Connections at once from one address; this machine is exempt',
    read: whole('connections-per-address', 1, 1_000_000),
  }),
  newConnectionsPerMinute: option({
    flag: 'new-connections-per-minute',
    value: 'NUMBER',
    fallback: '64',
    doc: 'New connections a minute from one address; this machine is exempt',
    read: whole('new-connections-per-minute', 1, 1_000_000),
  }),
  retainAge: option({
    flag: 'retain-age',
    value: 'DAYS',
    fallback: undefined,
    doc: 'Forget messages older than so many days; kept for ever when absent',
    read: number('retain-age', 0.01, 100_000),
  }),
  retainCount: option({
    flag: 'retain-count',
    value: 'NUMBER',
    fallback: undefined,
    doc: 'Keep only so many entries of the log; all when absent',
    read: whole('retain-count', 1, Number.MAX_SAFE_INTEGER),
  }),
  budgets: option({
    flag: 'budgets',
    value: 'BUDGETS',
    fallback: 'agent=60+180,pair=20+60,thread=40+120,depth=50',
    doc: 'How often agents may answer each other: each of agent, pair and thread so many at once and so many an hour, and the depth of a thread; or off',
    read: readBudgets,
  }),
  operators: option({
    flag: 'operators',
    value: 'IDS',
    fallback: '',
    doc: 'Ids of agents that may do everything an operator may',
    read: operatorIds,
  }),
  hooks: option({
    flag: 'hooks',
    value: 'FILE',
    fallback: undefined,
    doc: 'JSON file of hooks that are told what becomes of proposals; one may be their escrow',
    read: String,
  }),
  logLevel: option({
    flag: 'log-level',
    value: 'LEVEL',
    fallback: 'info',
    doc: 'Log lines on stderr: debug, info, warn, error or silent',
    read: oneOf('log-level', ['debug', 'info', 'warn', 'error', 'silent']),
  }),
} as const

export type OptionName = keyof typeof serveOptions

/** The values of all options; undefined where an option has none and no fallback. */
export type ServeOptions = {
  readonly [K in OptionName]: (typeof serveOptions)[K] extends Option<infer T>
    ? K extends 'legacy' | 'cert' | 'key' | 'behindProxy' | 'retainAge' | 'retainCount' | 'hooks'
      ? T | undefined
      : T
    : never
}

/** The environment variable of an option. */
export function variableOf({ flag }: Option<unknown>): string {
  return `AGENTCHAT_${flag.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Checks all options before anything starts.
 * @param given texts of flags or variables, by option; a switch is 'true' or 'false'
 * @throws StartError on the first that is wrong
 */
export function resolveOptions(given: Partial<Record<OptionName, string>>): ServeOptions {
  const entries = Object.entries(serveOptions).map(([name, spec]) => {
    const text = given[name as OptionName] ?? spec.fallback
    return [name, text === undefined ? undefined : spec.read(text)]
  })
  const options = Object.fromEntries(entries) as ServeOptions // each value is read by its own option
  checkExposure(options)
  return options
}

/** Whether a client of the older wire may come in from this address. */
export function allowsLegacy(options: ServeOptions, address: string): boolean {
  const { legacy, host, behindProxy } = options
  if (legacy === undefined) return isLoopback(host) && behindProxy === undefined
  return legacy === 'allow' || (legacy === 'loopback' && isLoopback(address))
}

function checkExposure(options: ServeOptions): void {
  const { host, cert, key, insecure, behindProxy } = options
  if ((cert === undefined) !== (key === undefined)) {
    throw new StartError('--cert and --key go together.', 'Give both, or neither.')
  }
  const isPrivate = isLoopback(host) || cert !== undefined
  if (isPrivate || insecure || behindProxy !== undefined) return
  throw new StartError(
    `Without TLS everybody between the agents and ${host} could read and change what is said.`,
    'Give --cert and --key, or --behind-proxy when a proxy does TLS, or --insecure to accept it.',
  )
}
