// For the tests of the command line: the real binary as a process, in a home of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const bin = fileURLToPath(new URL('../../bin/agentchat.js', import.meta.url))

/** One line of output, read. */
export type Line = { readonly type: string } & Readonly<Record<string, unknown>>

/** What a command left behind. */
export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON lines; throws when it is something else. */
  readonly lines: readonly Line[]
  /** The last of them. */
  readonly last: Line
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** What is typed on standard input; it is closed either way. */
  readonly input?: string
}

interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly input: string | undefined
}

/** A running command. */
export class Running {
  readonly process: ChildProcess
  readonly ended: Promise<Result>
  private stdout = ''
  private stderr = ''
  private readonly watchers = new Set<() => void>()

  constructor(args: readonly string[], { cwd, env, input = '' }: Surroundings) {
    const [program = '', ...words] = args
    this.process = spawn(program, words, { cwd, env, stdio: 'pipe' })
    this.process.stdout?.on('data', (data) => this.grow('stdout', data))
    this.process.stderr?.on('data', (data) => this.grow('stderr', data))
    this.process.stdin?.on('error', () => {}) // it may end before it has read everything
    this.process.stdin?.end(input)
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code) => {
        resolve(resultOf({ code, stdout: this.stdout, stderr: this.stderr }))
        for (const look of [...this.watchers]) look()
      })
    })
  }

  /** Waits for a line on stdout. Fails when the command ends without it. */
  line(where: (line: Line) => boolean = () => true): Promise<Line> {
    return this.watch(() => wholeLines(this.stdout).map(parse).find(where))
  }

  /** Waits for a text on stdout. */
  async prints(pattern: RegExp): Promise<void> {
    await this.watch(() => pattern.exec(this.stdout) ?? undefined)
  }

  /** Waits for a text on stderr. */
  async says(pattern: RegExp): Promise<void> {
    await this.watch(() => pattern.exec(this.stderr) ?? undefined)
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  private grow(stream: 'stdout' | 'stderr', data: Buffer): void {
    this[stream] += data
    for (const look of [...this.watchers]) look()
  }

  private watch<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find()
        const isOver = this.process.exitCode !== null || this.process.signalCode !== null
        if (found === undefined && !isOver) return
        this.watchers.delete(look)
        if (found !== undefined) resolve(found)
        else reject(new Error(`It ended without that.\n${this.stdout}\n${this.stderr}`))
      }
      this.watchers.add(look)
      look()
    })
  }
}

/** A user's home, and what is run in it. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'agentchat-cli-'))
  /** Where the command line keeps what it keeps. */
  readonly state = join(this.path, '.agentchat')
  private readonly running = new Set<Running>()
  private readonly env: NodeJS.ProcessEnv

  constructor() {
    const { PATH = '' } = process.env
    this.env = { PATH, HOME: this.path }
  }

  /** Starts a command. */
  start(args: readonly string[], options: Options = {}): Running {
    return this.spawn([process.execPath, bin, ...args], options)
  }

  /** Starts any program. */
  spawn(words: readonly string[], { env, input }: Options = {}): Running {
    const started = new Running(words, { cwd: this.path, env: { ...this.env, ...env }, input })
    this.running.add(started)
    void started.ended.then(() => this.running.delete(started))
    return started
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options: Options = {}): Promise<Result> {
    return this.start(args, options).ended
  }

  /** Ends everything that still runs, and takes the home away. */
  async close(): Promise<void> {
    for (const { process } of this.running) process.kill('SIGKILL')
    await Promise.all([...this.running].map(({ ended }) => ended))
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A server of the real binary. */
export interface Served {
  readonly url: string
  readonly running: Running
}

/** Starts a server in a home, on any free port; `AGENTCHAT_SERVER` of the commands is up to the caller. */
export async function startServer(home: Home, args: readonly string[] = []): Promise<Served> {
  const fast = ['--rate', '10000', '--burst', '10000', '--log-level', 'warn']
  const running = home.start(['serve', '--port', '0', ...fast, ...args])
  const { url } = await running.line(({ type }) => type === 'LISTENING')
  return { url: String(url), running }
}

function resultOf(left: { code: number | null; stdout: string; stderr: string }): Result {
  return {
    ...left,
    get lines() {
      return wholeLines(left.stdout).map(parse)
    },
    get last() {
      const last = this.lines.at(-1)
      if (last === undefined) throw new Error(`Nothing was printed.\n${left.stderr}`)
      return last
    },
  }
}

function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1)
}

function parse(text: string): Line {
  return JSON.parse(text)
}
