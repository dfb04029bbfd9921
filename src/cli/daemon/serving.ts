// One caller of a daemon: the command line it hands over is run here, and what it prints goes back as it is printed.

import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import { packageVersion } from '../../version.ts'
import type { Settings } from '../command.ts'
import { identityInUse, identityPath } from '../home.ts'
import type { Streams } from '../output.ts'
import { Declined, runProgram } from '../program.ts'
import { interruption } from '../signals.ts'
import { lend } from './lending.ts'
import { hearNotes, type Note, tell } from './lines.ts'
import { passing } from './passing.ts'
import type { Stand } from './place.ts'
import type { Standing } from './standing.ts'

/** What a daemon is, and whom it stands for. */
export interface Served {
  readonly stand: Stand
  /** A file with certificates that it was started with. */
  readonly ca: string | undefined
  readonly standing: Standing
  readonly note: (text: string) => void
  /** A command begins. @returns what to call at its end, with whether it was run here */
  begin(): (wasRun: boolean) => void
  /** Answers what is asked of the daemon itself. @returns undefined for what it does not know */
  control(word: string): Promise<Note> | undefined
}

/** How long a caller may take to say what it wants. */
const patienceMs = 10_000
/** What may wait for a caller to read it. */
const mostUnreadBytes = 8_388_608
const mostInputBytes = 8_388_608

/** A command line, with what of its process matters. */
interface Request {
  readonly argv: readonly string[]
  readonly cid: string
  readonly directory: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly isTerminal: boolean
  readonly colours: boolean
}

/** Serves one connection to the socket. */
export function serveCaller(socket: Socket, served: Served): void {
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  const gone = new AbortController()
  const input = new Input(socket)
  let isAsked = false
  socket.on('error', () => {}) // 'close' follows
  socket.on('close', () => {
    clearTimeout(timer)
    gone.abort(interruption(130))
    input.end()
  })
  hearNotes(socket, (note) => {
    clearTimeout(timer)
    if (typeof note.interrupt === 'number') gone.abort(interruption(note.interrupt))
    else if (isAsked) input.take(note)
    else {
      isAsked = true
      void answer(socket, note, served, { signal: gone.signal, input })
    }
  })
}

interface Caller {
  readonly signal: AbortSignal
  readonly input: Input
}

async function answer(socket: Socket, note: Note, served: Served, caller: Caller): Promise<void> {
  const word = note.control
  const end = word === undefined ? served.begin() : () => {}
  let wasRun = false
  try {
    if (typeof word === 'string') tell(socket, (await served.control(word)) ?? {})
    else {
      tell(socket, await run(socket, readRequest(note), served, caller))
      wasRun = true
    }
  } catch (thrown) {
    const isDeclined = thrown instanceof Declined
    if (!isDeclined) served.note(`A call has failed: ${thrown}`)
    tell(socket, { direct: isDeclined ? thrown.message : 'It has a fault: agentchat daemon logs' })
  } finally {
    socket.end()
    end(wasRun)
  }
}

async function run(
  socket: Socket,
  { argv, cid, directory, variables, isTerminal, colours }: Request,
  { stand, ca, standing }: Served,
  { signal, input }: Caller,
): Promise<Note> {
  let endLoan = () => {}
  const variable = (name: string) => {
    const said = Object.hasOwn(variables, name) ? variables[name] : undefined
    return typeof said === 'string' && said !== '' ? said : undefined
  }
  let timeoutMs = 0
  try {
    const exit = await runProgram(argv, {
      streams: streamsTo(socket, colours),
      isTerminal,
      environment: variable,
      signal,
      cid,
      input: () => input.all(),
      admit(command) {
        if (!Object.hasOwn(passing, command)) throw new Declined(`It does not run ${command}.`)
      },
      adapt(settings) {
        timeoutMs = settings.timeoutMs
        return adapted(settings, { stand, ca, directory })
      },
      lend() {
        const chat = standing.current
        if (chat === undefined) throw new Declined('It has no connection to the server now.')
        const loan = lend(chat, timeoutMs)
        endLoan = loan.end
        return loan.chat
      },
    })
    return { exit }
  } finally {
    endLoan()
  }
}

interface Ours {
  readonly stand: Stand
  readonly ca: string | undefined
  /** Where the caller is. */
  readonly directory: string
}

/** The caller's settings with paths that hold here. @throws Declined when they mean somebody or somewhere else */
function adapted(settings: Settings, { stand, ca, directory }: Ours): Settings {
  const { home, server, name, token } = settings
  const named = settings.identity ?? identityInUse(home)
  const identity = named === undefined ? undefined : identityPath(home, named, directory)
  const isOurs =
    name === undefined &&
    token === undefined &&
    settings.token === undefined &&
    home === stand.home &&
    server === stand.server &&
    identity === stand.identity
  if (!isOurs) throw new Declined('It stands for another agent, or at another server.')
  const theirs = settings.ca === undefined ? undefined : resolve(directory, settings.ca)
  if (theirs !== ca) throw new Declined('It trusts other certificates.')
  return { ...settings, identity, ca }
}

function streamsTo(socket: Socket, colours: boolean): Streams {
  const send = (note: Note) => {
    tell(socket, note)
    if (socket.writableLength > mostUnreadBytes) socket.destroy()
  }
  return { out: (out) => send({ out }), err: (err) => send({ err }), colours }
}

/** @throws Declined for what another version asks, or asks otherwise */
function readRequest(note: Note): Request {
  const { version, argv, cid, directory, variables, isTerminal, colours } = note
  if (version !== packageVersion) throw new Declined(`It is of version ${packageVersion}.`)
  const isRead =
    Array.isArray(argv) &&
    argv.every((word) => typeof word === 'string') &&
    typeof cid === 'string' &&
    typeof directory === 'string' &&
    typeof variables === 'object' &&
    variables !== null
  if (!isRead) throw new Declined('It does not understand what is asked.')
  return {
    argv,
    cid,
    directory,
    variables: { ...variables },
    isTerminal: isTerminal === true,
    colours: colours === true,
  }
}

/** Standard input of a caller, asked for when it is wanted. */
class Input {
  private readonly socket: Socket
  private readonly chunks: Buffer[] = []
  private bytes = 0
  private wanted: Promise<Buffer> | undefined
  private settle: ((all: Buffer) => void) | undefined

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** All of it. */
  all(): Promise<Buffer> {
    this.wanted ??= new Promise((resolve) => {
      this.settle = resolve
      tell(this.socket, { input: true })
    })
    return this.wanted
  }

  take({ chunk, end }: Note): void {
    if (this.settle === undefined) return
    if (typeof chunk === 'string') {
      const bytes = Buffer.from(chunk, 'base64')
      this.chunks.push(bytes)
      this.bytes += bytes.length
    }
    if (this.bytes > mostInputBytes) this.socket.destroy()
    if (end === true) this.end()
  }

  /** There is no more, for whatever reason. */
  end(): void {
    this.settle?.(Buffer.concat(this.chunks))
    this.settle = undefined
    this.chunks.length = 0
  }
}
