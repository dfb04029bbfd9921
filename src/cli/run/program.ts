// Running a program once, within bounds: of time, of what it prints, and of what it leaves behind.

import { type ChildProcess, spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { onAbort } from '../../client/aborting.ts'
import { wrongUsage } from '../failure.ts'

/** What is run, with what, and how long. */
export interface Task {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What it reads on standard input. */
  readonly input: string
  readonly timeoutMs: number
  /** Ends it before its time. */
  readonly signal: AbortSignal
  /** Is given each line that it writes to standard error. */
  readonly tell: (line: string) => void
}

export type Outcome =
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly reason: string }
  /** By the signal. */
  | { readonly state: 'stopped' }

/** Bytes of what it prints that are kept. */
const mostBytes = 16_384
/** Characters of a line on standard error, and lines, that are told. */
const lineCharacters = 1_000
const mostLines = 200
/** From SIGTERM to SIGKILL. */
const graceMs = 5_000
/** How long its output may stay open when it is gone: somebody else may hold it. */
const openMs = 1_000

/**
 * Runs a program, without a shell, in a process group of its own that is gone afterwards.
 *
 * @returns what it has printed, as far as that is kept; or why that does not count
 * @throws Failure when it cannot be started
 */
export async function runProgramOnce(task: Task): Promise<Outcome> {
  const [name = '', ...words] = task.words
  const { env, signal, timeoutMs } = task
  const child = spawn(name, words, { env, detached: true, stdio: 'pipe' })
  const printed = new Printed()
  const lines = new Lines(task.tell)
  child.stdout.on('data', (data: Buffer) => printed.add(data))
  child.stderr.on('data', (data: Buffer) => lines.add(String(data)))
  child.stdin.on('error', () => {}) // it may not read to the end
  child.stdin.end(task.input)

  let cut: 'stopped' | 'late' | undefined
  const group = new Group(child)
  const stop = (why: 'stopped' | 'late') => {
    cut ??= why
    group.end()
  }
  const late = setTimeout(() => stop('late'), timeoutMs)
  const offSignal = onAbort(signal, () => stop('stopped'))
  if (signal.aborted) stop('stopped')
  try {
    const ending = await endOf(child, group)
    if (cut === 'stopped') return { state: 'stopped' }
    if (cut === 'late') return { state: 'failed', reason: `it took longer than ${timeoutMs} ms` }
    if (ending !== undefined) return { state: 'failed', reason: ending }
    return { state: 'done', text: printed.text() }
  } finally {
    clearTimeout(late)
    offSignal()
    group.leave()
    lines.end()
  }
}

/** Waits until it is gone, with all of its group. @returns why it has failed; undefined when it has not */
function endOf(child: ChildProcess, group: Group): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', (failure) => {
      const hint = 'agentchat run --help; what comes after -- is a program and its arguments.'
      reject(wrongUsage(`The command cannot be started: ${failure.message}.`, hint))
    })
    child.once('exit', (code, signal) => {
      group.kill('SIGKILL')
      const open = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, openMs)
      child.once('close', () => {
        clearTimeout(open)
        resolve(code === 0 ? undefined : `it ended with ${signal ?? code}`)
      })
    })
  })
}

/** A program and all that it has started, as long as they stay in its process group. */
class Group {
  private readonly id: number | undefined
  private killing: NodeJS.Timeout | undefined
  /** Also when this process ends at once. */
  private readonly onExit = () => this.kill('SIGKILL')

  constructor({ pid }: ChildProcess) {
    this.id = pid
    process.once('exit', this.onExit)
  }

  /** Asks it to end, and ends it after a while. */
  end(): void {
    this.kill('SIGTERM')
    this.killing ??= setTimeout(this.onExit, graceMs)
  }

  kill(signal: NodeJS.Signals): void {
    if (this.id === undefined) return
    try {
      process.kill(-this.id, signal)
    } catch (failure) {
      // Nobody is left in it; some systems say so of those who only wait to be collected.
      const { code } = failure as NodeJS.ErrnoException // what kill throws
      if (code !== 'ESRCH' && code !== 'EPERM') throw failure
    }
  }

  leave(): void {
    clearTimeout(this.killing)
    process.off('exit', this.onExit)
  }
}

/** What was printed, up to a bound; of the rest only how much it was. */
class Printed {
  private readonly kept: Buffer[] = []
  private keptBytes = 0
  private bytes = 0

  add(data: Buffer): void {
    this.bytes += data.length
    const room = mostBytes - this.keptBytes
    if (room <= 0) return
    const part = data.subarray(0, room)
    this.kept.push(part)
    this.keptBytes += part.length
  }

  /** Without colours, and without blank space around it. */
  text(): string {
    const printed = stripVTControlCharacters(String(Buffer.concat(this.kept)))
    // NUL cannot be said; and what nobody can see says nothing.
    const text = printed.replaceAll('\0', '')
    if (text.replace(/[\p{C}\s]/gu, '') === '') return ''
    if (this.bytes <= mostBytes) return text.trim()
    const whole = text.replace(/\ufffd{1,3}$/, '').trim()
    return `${whole}\n[cut here: ${this.bytes} bytes were printed, and ${mostBytes} are sent]`
  }
}

/** Whole lines out of pieces of text, each of bounded length, and not too many. */
class Lines {
  private readonly tell: (line: string) => void
  private rest = ''
  private count = 0

  constructor(tell: (line: string) => void) {
    this.tell = tell
  }

  add(text: string): void {
    const [first = '', ...more] = text.split('\n')
    this.rest = (this.rest + first).slice(0, lineCharacters)
    for (const line of more) {
      this.tellLine()
      this.rest = line.slice(0, lineCharacters)
    }
  }

  end(): void {
    if (this.rest !== '') this.tellLine()
    if (this.count > mostLines) this.tell(`… and ${this.count - mostLines} lines more.`)
  }

  private tellLine(): void {
    this.count += 1
    if (this.count <= mostLines) this.tell(this.rest)
    this.rest = ''
  }
}
