// One connection for one command: as whom, to where, and what is told of it on stderr.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AgentChat } from '../client/chat.ts'
import { fileKnownServers } from '../client/files.ts'
import type { ConnectionState, ConnectOptions } from '../client/options.ts'
import { foldChannel } from '../protocol/names.ts'
import type { Run, Settings } from './command.ts'
import { identityNeeded, keyNeeded, wrongUsage } from './failure.ts'
import { knownServersPath } from './home.ts'
import { identityOf, type KeptIdentity, tokenOf } from './identities.ts'
import type { Output } from './output.ts'

/** What kind of connection a command needs. */
export interface Errand {
  /** Stays for a while: the agent is present, and a lost connection is made again. */
  readonly stays?: boolean
  /** What needs an agent that lasts, as the beginning of a sentence; without one the command fails at once. */
  readonly keyFor?: string
  /** Needs the key itself: a token does not do. */
  readonly isSigned?: boolean
  /** Hear first what came after the cursor (true) or a position. */
  readonly resume?: boolean | number | undefined
  /** Only asks, and nothing that the session itself has a part in: any connection of the agent will do. */
  readonly shared?: boolean
}

/** A connection, and the identity that speaks on it. */
export interface Link {
  readonly chat: AgentChat
  readonly kept: KeptIdentity | undefined
  /** Whether the agent is the same one tomorrow: it has a key, or a token acts for it. */
  readonly isLasting: boolean
}

/** As whom. */
interface Speaker {
  readonly kept: KeptIdentity | undefined
  readonly token: string | undefined
}

/** Connects, has something done, and closes the connection whatever came of it. */
export async function withChat(
  run: Run,
  errand: Errand,
  use: (chat: AgentChat, link: Link) => Promise<void>,
): Promise<void> {
  const kept = await identityOf(run.settings)
  const token = await tokenOf(run.settings)
  const isLasting = kept !== undefined || token !== undefined
  if (errand.keyFor !== undefined) {
    if (!isLasting) throw identityNeeded(errand.keyFor)
    if (kept === undefined && errand.isSigned) throw keyNeeded(errand.keyFor)
  }
  const chat = lent(run, errand) ?? (await connect(run, errand, { kept, token }))
  try {
    await use(chat, { chat, kept, isLasting })
  } finally {
    await chat.close()
  }
}

function lent({ settings, output, lend }: Run, { shared }: Errand): AgentChat | undefined {
  // A connection that others share keeps secrets, and it is the key's: it may do more than a token.
  const mayShare = shared && !settings.allowSecrets && settings.token === undefined
  const chat = mayShare ? lend?.() : undefined
  if (chat) tellConnected(chat, settings, output)
  return chat
}

async function connect(
  { settings, output, signal }: Run,
  { stays = false, resume }: Errand,
  { kept, token }: Speaker,
): Promise<AgentChat> {
  const options = connectOptions(settings, kept, token)
  const bounds = { signal, resume, brief: !stays, reconnect: stays }
  const chat = await AgentChat.connect({ ...options, ...bounds })
  tellConnected(chat, settings, output)
  if (stays) tellStates(chat, output)
  return chat
}

/** Where to connect and as whom, as the settings say. @throws Failure when the certificates cannot be read */
export function connectOptions(
  settings: Settings,
  kept: KeptIdentity | undefined,
  token?: string,
): ConnectOptions {
  const { server, timeoutMs, home, ca, allowSecrets } = settings
  return {
    server,
    timeoutMs,
    allowSecrets,
    identity: kept?.identity,
    token,
    name: kept === undefined && token === undefined ? (settings.name ?? guestName()) : undefined,
    knownServers: fileKnownServers(knownServersPath(home)),
    tls: ca === undefined ? undefined : { ca: readCertificates(ca) },
  }
}

function tellConnected({ name, id }: AgentChat, { server }: Settings, output: Output): void {
  output.detail(`Connected to ${server} as @${name} (${id}).`)
}

/** A name nobody else is likely to have; it lasts as long as the command. */
function guestName(): string {
  return `guest-${randomBytes(2).toString('hex')}`
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (failure) {
    throw wrongUsage(`The certificates in ${file} cannot be read.`, String(failure))
  }
}

/** Says what becomes of the connection, once it was lost. */
function tellStates(chat: AgentChat, output: Output): void {
  let wasLost = false
  chat.onState((state) => {
    wasLost ||= state.state === 'lost' || state.state === 'closed'
    const text = stateText(state)
    if (wasLost && text !== undefined) output.note(text)
  })
}

function stateText(state: ConnectionState): string | undefined {
  switch (state.state) {
    case 'lost':
      return `The connection was lost: ${state.reason || `closed with ${state.code}`}.`
    case 'reconnecting':
      return `Connecting again in ${(state.delayMs / 1_000).toFixed(1)} s (attempt ${state.attempt}).`
    case 'connected':
      return 'Connected again.'
    case 'resumed':
      if (state.forgotten !== undefined) return forgottenText(state.forgotten)
      return `Everything up to position ${state.position} was heard; nothing is missing.`
    case 'closed':
      return state.final ? `The connection is over: ${state.reason || state.code}.` : undefined
  }
}

/** What people are told of messages that the server has removed before they were read. */
export function forgottenText(position: number): string {
  return `The server has removed what was said up to position ${position}; you may never have read some of it.`
}

/**
 * Lets an agent without a key into a channel; one with a key decides for itself where it is a member.
 *
 * @returns the position from which on it hears what is said there
 */
export async function enterAsGuest({ chat, isLasting }: Link, target: string): Promise<number> {
  const isKnown = () =>
    chat.channels.some((channel) => foldChannel(channel) === foldChannel(target))
  if (isLasting || !target.startsWith('#') || isKnown()) return chat.position
  const { position } = await chat.join(target, { replay: 0 })
  return position
}

/** A connection is over that should not be: asking anything on it says why. */
export async function throwEnding(chat: AgentChat, signal: AbortSignal): Promise<never> {
  await chat.request('PING', {}, { signal })
  throw new Error('a connection that was over answered')
}
