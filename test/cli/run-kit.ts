// For the stories of programs as agents: a server that comes back where it was, agents, scripts, and questions.

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bin, Home, type Line, type Result, type Running, startServer } from './kit.ts'

/** One home with its server; nothing runs before `serve`. */
export function runTown() {
  const home = new Home()
  const data = join(home.path, 'server')
  const env: Record<string, string> = {}
  let server: Running
  let port = '0'
  let names = 0

  /** Starts the server; the second time where it was before. */
  async function serve(): Promise<void> {
    const served = await startServer(home, ['--data', data, '--port', port])
    server = served.running
    env.AGENTCHAT_SERVER = served.url
    port = new URL(served.url).port
  }

  /** Whether a process still runs; one that only waits to be collected does not. */
  async function isAlive(pid: string): Promise<boolean> {
    const { stdout } = await home.spawn(['ps', '-o', 'stat=', '-p', pid.trim()]).ended
    return /^[^Z\s]/.test(stdout.trim())
  }

  function run(args: readonly string[], input?: string): Promise<Result> {
    return home.run(args, input === undefined ? { env } : { env, input })
  }

  /** A new agent, known to the server. */
  async function newAgent(): Promise<string> {
    const name = `bot${names++}`
    await run(['identity', 'new', name])
    await run(['me', '-i', name])
    return name
  }

  /** A script in the home; `agentchat` is the one under test. */
  function script(text: string): string {
    const path = join(home.path, `script${names++}.sh`)
    const preamble = `#!/bin/sh\nagentchat() { '${process.execPath}' '${bin}' "$@"; }\n`
    writeFileSync(path, `${preamble}${text}\n`)
    chmodSync(path, 0o755)
    return path
  }

  function attach(bot: string, path: string, ...flags: string[]): Running {
    return home.start(['run', '-i', bot, ...flags, '--', path], { env })
  }

  /** Says something to an agent. @returns its msg_id */
  async function ask(bot: string, text: string, ...flags: string[]): Promise<string> {
    const { last } = await run(['send', `@${bot}`, text, '-i', 'alice', ...flags])
    return String(last.msg_id)
  }

  /** What a bot has answered to a message, by the history that both share. */
  async function answersTo(bot: string, id: string): Promise<string[]> {
    const { lines } = await run(['history', `@${bot}`, '-i', 'alice'])
    return lines.flatMap(({ in_reply_to, content }) =>
      in_reply_to === id ? [String(content)] : [],
    )
  }

  async function killServer(): Promise<void> {
    server.kill('SIGKILL')
    await server.ended
  }

  return {
    home,
    env,
    serve,
    isAlive,
    run,
    newAgent,
    script,
    attach,
    ask,
    answersTo,
    killServer,
  }
}

export function ofState(state: string, id?: string): (line: Line) => boolean {
  return (line) =>
    line.type === 'RUN' && line.state === state && (id === undefined || line.msg_id === id)
}

export async function stop(running: Running): Promise<Result> {
  running.kill('SIGTERM')
  return await running.ended
}

export function eventsOf({ lines }: Result): string[] {
  return lines.filter(({ type }) => type === 'RUN').map(({ state }) => String(state))
}
