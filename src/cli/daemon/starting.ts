// Starting a daemon in the background: it outlives who starts it, and says when it is ready or what keeps it from it.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place, Stand } from './place.ts'

/** What a daemon tells who has started it. */
export type Word =
  | { readonly ready: Readonly<Record<string, unknown>> }
  | { readonly failure: FailureParts }

/** A failure on its way from one process to another. */
export interface FailureParts {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly exit: string
}

const executable = fileURLToPath(new URL('../../../bin/agentchat.js', import.meta.url))
/** A log that has grown beyond this is set aside when a daemon starts. */
const mostLogBytes = 1_048_576

/** Starts one with what is usual. @param ca a file with certificates @returns whether it is ready */
export async function startInBackground(
  stand: Stand,
  place: Place,
  ca: string | undefined,
): Promise<boolean> {
  const word = await startDaemon(stand, place, ca === undefined ? [] : ['--ca', resolve(ca)])
  return 'ready' in word
}

/**
 * Starts a daemon, and waits until it is ready or has failed.
 *
 * @param flags more flags of `agentchat daemon start`
 */
export function startDaemon(
  { home, server, identity }: Stand,
  { directory, log }: Place,
  flags: readonly string[],
): Promise<Word> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const grown = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (grown > mostLogBytes) renameSync(log, `${log}.1`)
  const output = openSync(log, 'a', 0o600)
  const start = ['daemon', 'start', '--foreground', '--json', '--server', server]
  const words = [executable, ...start, '--identity', identity, ...flags]
  const child = spawn(process.execPath, words, {
    // It keeps no directory busy that somebody may want to remove.
    cwd: home,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  return new Promise((settle) => {
    let word: Word | undefined
    const end = (heard: Word) => {
      if (child.connected) child.disconnect()
      child.unref()
      settle(heard)
    }
    child.on('message', (message) => {
      word = message as Word // the daemon is of this very program
      if ('ready' in word) end(word)
    })
    child.on('error', (failure) => end({ failure: unstarted(failure.message) }))
    child.on('close', (code, signal) =>
      end(word ?? { failure: unstarted(`it ended with ${code ?? signal}`) }),
    )
  })
}

function unstarted(why: string): FailureParts {
  return {
    code: 'NOT_STARTED',
    message: `The daemon did not start: ${why}.`,
    hint: 'agentchat daemon logs',
    exit: 'unreachable',
  }
}
