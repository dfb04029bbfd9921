// `agentchat daemon`: one connection that many short calls use, so that they take milliseconds and the agent is there.

import { createConnection } from 'node:net'
import { resolve } from 'node:path'
import { packageVersion } from '../../version.ts'
import { command, type Noun, type Run, toggle, value } from '../command.ts'
import { runDaemon } from '../daemon/daemon.ts'
import { hearNotes, type Note, tell } from '../daemon/lines.ts'
import { isOwn, type Place, placeOf, type Stand } from '../daemon/place.ts'
import { startDaemon, type Word } from '../daemon/starting.ts'
import { explain } from '../explain.ts'
import { type ExitName, Failure, identityNeeded, wrongUsage } from '../failure.ts'
import { chunksOf } from '../files.ts'
import { identityInUse, identityPath } from '../home.ts'
import { factTexts } from '../render.ts'
import { parseCount, parseDuration, parseText } from '../values.ts'

const defaultIdleMs = 600_000
const defaultLines = 50

const none = { type: 'DAEMON', running: false } as const

const status = command({
  args: '',
  doc: 'Say whether a daemon runs for this identity at this server.',
  flags: {},
  examples: ['agentchat daemon', 'agentchat daemon status'],
  async run(run) {
    const { place } = standOf(run)
    printState(run, (await ask(place, 'status')) ?? none)
  },
})

const start = command({
  args: '',
  doc: 'Start a daemon in the background: send, unread and other short commands then use its connection, and you are online.',
  flags: {
    idle: value('DUR', 'end when nobody has called for so long (10m)', parseDuration),
    files: value(
      'DIR',
      'add what you hear to DIR/inbox.jsonl, and say what others add to DIR/outbox.jsonl',
      parseText,
    ),
    foreground: toggle('do not go into the background'),
  },
  examples: ['agentchat daemon start --files ./chat', 'agentchat daemon start'],
  async run(run, { idle, files, foreground }) {
    const { stand, place } = standOf(run)
    const directory = files === undefined ? undefined : resolve(files)
    if (foreground) return await stay(run, { stand, place, idleMs: idle, files: directory })
    const running = await ask(place, 'status')
    if (running !== undefined) return printState(run, asked(running, directory))
    const { ca, timeoutMs } = run.settings
    const flags = [
      ...['--timeout', `${timeoutMs}ms`],
      ...(ca === undefined ? [] : ['--ca', resolve(ca)]),
      ...(idle === undefined ? [] : ['--idle', `${idle}ms`]),
      ...(directory === undefined ? [] : ['--files', directory]),
    ]
    const word = await startDaemon(stand, place, flags)
    printState(run, await started(word, place))
  },
})

const stop = command({
  args: '',
  doc: 'End the daemon in good order; you are offline then.',
  flags: {},
  examples: ['agentchat daemon stop'],
  async run(run) {
    const { place } = standOf(run)
    printState(run, (await ask(place, 'stop')) ?? none)
  },
})

const logs = command({
  args: '',
  doc: 'Print what the daemon has noted last: when it lost its connection, and what it refused.',
  flags: { limit: value('N', `print at most so many lines (${defaultLines})`, parseCount(1_000)) },
  examples: ['agentchat daemon logs'],
  async run(run, { limit = defaultLines }) {
    const { place } = standOf(run)
    for (const line of (await linesOf(place)).slice(-limit)) run.output.write(`${line}\n`)
  },
})

export const daemon: Noun = {
  doc: 'One connection for many short calls.',
  verbs: { status, start, stop, logs },
}

/** @throws Failure without an identity: without a key there is nobody who could be there tomorrow */
function standOf({ settings }: Run): { readonly stand: Stand; readonly place: Place } {
  const { home, server, name, token } = settings
  const named = settings.identity ?? identityInUse(home)
  if (name !== undefined || token !== undefined || named === undefined) {
    throw identityNeeded('A daemon')
  }
  const stand = { home, server, identity: identityPath(home, named) }
  return { stand, place: placeOf(stand) }
}

interface Stay {
  readonly stand: Stand
  readonly place: Place
  readonly idleMs: number | undefined
  readonly files: string | undefined
}

/** Is the daemon, until it ends. Whoever has started it in the background is told how that went. */
async function stay(
  { settings, output, signal }: Run,
  { idleMs = defaultIdleMs, ...rest }: Stay,
): Promise<void> {
  process.umask(0o077)
  const say = (word: Word) => {
    if (process.connected) process.send?.(word, () => process.connected && process.disconnect())
  }
  try {
    await runDaemon({
      ...rest,
      idleMs,
      settings,
      signal,
      ready(state) {
        output.print(state, stateText(state))
        say({ ready: state })
      },
      note: (text) => output.print({ type: 'NOTE', ts: Date.now(), text }, text),
    })
  } catch (thrown) {
    if (signal.aborted) throw thrown
    const { code, message, hint, exit } = explain(thrown)
    say({ failure: { code, message, hint, exit } })
    throw thrown
  }
}

/** @throws Failure as the daemon has told it */
async function started(word: Word, place: Place): Promise<Note> {
  if ('ready' in word) return word.ready
  const { failure } = word
  // Another start was quicker: that is the daemon that was wanted.
  const running = failure.code === 'DAEMON_RUNS' ? await ask(place, 'status') : undefined
  if (running !== undefined) return running
  throw new Failure({ ...failure, exit: failure.exit as ExitName }) // it was told as one
}

/** @throws Failure when the daemon that runs is not what was asked for */
function asked(running: Note, files: string | undefined): Note {
  if (running.version !== packageVersion) {
    throw wrongUsage(
      `A daemon of version ${running.version} runs, and this is version ${packageVersion}.`,
      'agentchat daemon stop, then start it again.',
    )
  }
  if (files === undefined || running.files === files) return running
  throw wrongUsage(
    'A daemon runs already, and not with these files.',
    'agentchat daemon stop, then start it again.',
  )
}

/** Asks a daemon something about itself. @returns undefined when there is none */
function ask(place: Place, word: string): Promise<Note | undefined> {
  if (!isOwn(place)) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const socket = createConnection(place.socket)
    let answer: Note | undefined
    socket.on('error', () => {}) // 'close' follows
    socket.on('connect', () => tell(socket, { control: word }))
    socket.on('close', () => resolve(answer))
    hearNotes(socket, (note) => {
      if (note.type === 'DAEMON') answer = note
    })
  })
}

async function linesOf({ log }: Place): Promise<string[]> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of chunksOf(log)) chunks.push(chunk)
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    return [] // nothing was noted yet
  }
  return Buffer.concat(chunks).toString('utf8').split('\n').slice(0, -1)
}

function printState({ output }: Run, state: Note): void {
  output.print(state, stateText(state))
}

function stateText({ running, pid, name, server, connected, since, files }: Note): string {
  if (running !== true) return 'No daemon runs.'
  const sinceWhen = typeof since === 'number' ? new Date(since).toISOString() : undefined
  return factTexts([
    ['process', String(pid)],
    ['agent', typeof name === 'string' ? `@${name}` : undefined],
    ['server', String(server)],
    ['connected', connected === true ? 'yes' : 'no'],
    ['since', sinceWhen],
    ['files', typeof files === 'string' ? files : undefined],
  ])
}
