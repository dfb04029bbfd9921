// The short way of a command line: handed to a daemon, if one answers, before anything of the program is loaded.

import { createConnection, type Socket } from 'node:net'
import { styleText } from 'node:util'
import { packageVersion } from '../../version.ts'
import { defaultServer, fromEnvironment, homeDirectory, ownVariables } from '../environment.ts'
import { identityInUse, identityPath } from '../home.ts'
import { endWithReader, onSignals } from '../signals.ts'
import { hearNotes, type Note, tell } from './lines.ts'
import { type Glance, glance } from './passing.ts'
import { hasSocket, isOwn, type Place, placeOf, type Stand } from './place.ts'

/** What became of a command line. */
export type Handed =
  | { readonly outcome: 'done'; readonly exitCode: number }
  /** To be run here. `cid` is the id of what it says, for a daemon may have said it already. */
  | {
      readonly outcome: 'here'
      readonly why?: string
      readonly cid?: string
      readonly input?: Input
    }
  /** The daemon died, and nobody knows whether it was done. */
  | { readonly outcome: 'lost' }

/** Standard input, read once. */
type Input = () => Promise<Buffer>

const chunkBytes = 65_536
const here = { outcome: 'here' } as const satisfies Handed
const absent: Handed = { ...here, why: 'No daemon answers.' }

/** Has a daemon run a command line, where there is one that is for it. */
export async function handOver(argv: readonly string[]): Promise<Handed> {
  const glanced = glance(argv)
  const wish = glanced.daemon ?? fromEnvironment('AGENTCHAT_DAEMON')
  const stand = wish === 'off' || glanced.passing === undefined ? undefined : standOf(glanced)
  if (stand === undefined || glanced.passing === undefined) return here
  const place = placeOf(stand)
  const { repeatable } = glanced.passing
  const ask = () => callAt(place, { argv, home: stand.home, repeatable })
  const handed = await ask()
  if (handed !== absent || wish !== 'auto') return handed
  const { startInBackground } = await import('./starting.ts')
  // Whatever keeps it from starting is told by the command itself, which then runs into the same.
  const ca = glanced.ca ?? fromEnvironment('AGENTCHAT_CA')
  return (await startInBackground(stand, place, ca)) ? ask() : handed
}

/** Whose daemon could run it; undefined where only the whole program can tell. */
function standOf({ server, identity, isKeyless }: Glance): Stand | undefined {
  const tokens = ['AGENTCHAT_TOKEN', 'AGENTCHAT_TOKEN_FILE']
  if (isKeyless || tokens.some((name) => fromEnvironment(name) !== undefined)) return undefined
  const home = homeDirectory()
  const named = identity ?? fromEnvironment('AGENTCHAT_IDENTITY')
  if (named === undefined && fromEnvironment('AGENTCHAT_NICK') !== undefined) return undefined
  const chosen = named ?? identityInUse(home)
  if (chosen === undefined) return undefined
  return {
    home,
    server: server ?? fromEnvironment('AGENTCHAT_SERVER') ?? defaultServer,
    identity: identityPath(home, chosen),
  }
}

interface Call {
  readonly argv: readonly string[]
  readonly home: string
  readonly repeatable: boolean
}

async function callAt(place: Place, asked: Call): Promise<Handed> {
  return hasSocket(place) && isOwn(place) ? call(createConnection(place.socket), asked) : absent
}

function call(socket: Socket, { argv, home, repeatable }: Call): Promise<Handed> {
  const cid = newCid()
  return new Promise((resolve) => {
    let isConnected = false
    let hasPrinted = false
    let input: Promise<Buffer> | undefined
    const end = (handed: Handed) => {
      offSignals()
      socket.destroy()
      resolve(handed)
    }
    const endHere = (why: string) =>
      end({ ...here, why, cid, ...(input && { input: () => input ?? readInput() }) })
    const offSignals = onSignals((code) => {
      if (isConnected) tell(socket, { interrupt: code })
      else end({ outcome: 'done', exitCode: code })
    })
    endWithReader()
    socket.on('error', () => {}) // 'close' follows, and says what it means
    socket.on('connect', () => {
      isConnected = true
      tell(socket, requestOf(argv, home, cid))
    })
    socket.on('close', () => {
      if (!isConnected) end(absent)
      else if (hasPrinted || !repeatable) end({ outcome: 'lost' })
      else endHere('The daemon has ended in the middle.')
    })
    hearNotes(socket, ({ out, err, input: wantsInput, exit, direct }) => {
      hasPrinted ||= typeof out === 'string'
      if (typeof out === 'string') process.stdout.write(out)
      else if (typeof err === 'string') process.stderr.write(err)
      else if (wantsInput === true) {
        input = readInput()
        void input.then((all) => pass(socket, all))
      } else if (typeof exit === 'number') end({ outcome: 'done', exitCode: exit })
      else if (typeof direct === 'string') endHere(direct)
    })
  })
}

/** No secret, so that chance will do: loading `node:crypto` for it would take as long as the call. */
function newCid(): string {
  const digits = () => Math.random().toString(36).slice(2, 12).padEnd(10, '0')
  return `${digits()}${digits()}${digits()}`
}

/** What a daemon has to know of this process to stand for it. */
function requestOf(argv: readonly string[], home: string, cid: string): Note {
  const { stdout } = process
  return {
    version: packageVersion,
    argv,
    cid,
    directory: process.cwd(),
    variables: { ...ownVariables(), AGENTCHAT_HOME: home },
    isTerminal: stdout.isTTY === true,
    colours: styleText('dim', '-', { stream: stdout }) !== '-',
  }
}

/** Standard input, once the command wants it: never before, for somebody may have to type it. */
async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const data of process.stdin) chunks.push(Buffer.from(data))
  return Buffer.concat(chunks)
}

function pass(socket: Socket, input: Buffer): void {
  for (let from = 0; from < input.length; from += chunkBytes) {
    tell(socket, { chunk: input.subarray(from, from + chunkBytes).toString('base64') })
  }
  tell(socket, { end: true })
}
