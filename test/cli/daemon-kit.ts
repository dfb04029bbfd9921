// For the tests of daemons: an agent with a daemon in the foreground, and what stands at a socket in its place.

import { mkdirSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { hearNotes, type Note } from '../../src/cli/daemon/lines.ts'
import { type Place, placeOf } from '../../src/cli/daemon/place.ts'
import type { Home, Line, Result, Running } from './kit.ts'

/** One agent of a home at one server. */
export class Caller {
  readonly name: string
  readonly url: string
  private readonly home: Home

  constructor(home: Home, name: string, url: string) {
    this.home = home
    this.name = name
    this.url = url
  }

  /** Makes the identity. */
  static async made(home: Home, name: string, url: string): Promise<Caller> {
    await home.run(['identity', 'new', name])
    return new Caller(home, name, url)
  }

  get place(): Place {
    const identity = join(this.home.state, 'identities', `${this.name}.json`)
    return placeOf({ home: this.home.state, server: this.url, identity })
  }

  words(args: readonly string[]): string[] {
    return [...args, '--server', this.url, '--identity', this.name]
  }

  start(args: readonly string[]): Running {
    return this.home.start(this.words(args))
  }

  run(args: readonly string[], input = ''): Promise<Result> {
    return this.home.run(this.words(args), { input })
  }

  /** Starts a daemon as a child of this process. */
  async daemon(flags: readonly string[] = []): Promise<{ running: Running; state: Line }> {
    const running = this.start(['daemon', 'start', '--foreground', ...flags])
    return { running, state: await running.line(({ type }) => type === 'DAEMON') }
  }

  /** Whether the daemon has run a command. */
  async usesDaemon(args: readonly string[], input = ''): Promise<boolean> {
    const before = await this.calls()
    await this.run(args, input)
    return (await this.calls()) > before
  }

  /** How many commands the daemon has run. */
  async calls(): Promise<number> {
    return Number((await this.run(['daemon'])).last.calls ?? 0)
  }
}

/** Listens in the place of a daemon. */
export async function standIn(
  { directory, socket: path }: Place,
  hear: (socket: Socket, note: Note) => void,
): Promise<Server> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const server = createServer((socket) => {
    socket.on('error', () => {})
    hearNotes(socket, (note) => hear(socket, note))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}
