// What a hook has been told of so far, and its dead letters: a small file for each hook, beside the log.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../start-error.ts'
import { type HookEvent, hookEvents } from './events.ts'

/** An event that a hook was not told of: it refused, or every attempt failed. */
export interface DeadLetter {
  /** The idempotency key of its calls. */
  readonly id: string
  readonly position: number
  readonly proposal_id: string
  readonly event: HookEvent
  readonly attempts: number
  /** When it was given up, milliseconds since 1970. */
  readonly at: number
  readonly reason: string
}

export interface HookState {
  /** Of the last news that the hook needs to hear no more of. */
  readonly position: number
  /** The oldest first. */
  readonly dead: readonly DeadLetter[]
}

/** Where the states of hooks are kept. */
export interface HookStates {
  /** @throws StartError when what is kept is damaged */
  read(name: string): HookState | undefined
  write(name: string, state: HookState): Promise<void>
}

/** States that end with the process. */
export function memoryStates(): HookStates {
  const states = new Map<string, HookState>()
  return {
    read: (name) => states.get(name),
    write: async (name, state) => void states.set(name, state),
  }
}

/** States in `hooks/` of the data directory, readable by its owner alone; each is written whole or not at all. */
export function fileStates(data: string): HookStates {
  const directory = directoryOf(data)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return {
    read: (name) => readState(join(directory, `${name}.json`)),
    async write(name, state) {
      const path = join(directory, `${name}.json`)
      const draft = `${path}.new`
      // Without fsync: after a power cut a hook may hear of something twice, which it has to bear anyway.
      await writeFile(draft, `${JSON.stringify(state)}\n`, { mode: 0o600 })
      await rename(draft, path)
    },
  }
}

/**
 * The states of all hooks of a server, whether it runs or not.
 *
 * @param data directory of the server
 * @returns by name; empty when it never had hooks
 * @throws StartError when there is no such directory, or one is damaged
 */
export function allStates(data: string): ReadonlyMap<string, HookState> {
  const directory = directoryOf(data)
  if (!existsSync(data)) {
    const way = 'Give the data directory of a server.'
    throw new StartError(`There is no directory ${data}.`, way, 'machine')
  }
  const files = filesIn(directory).filter((file) => file.endsWith('.json'))
  const states = files.sort().flatMap((file): [string, HookState][] => {
    const state = readState(join(directory, file))
    return state ? [[file.slice(0, -'.json'.length), state]] : []
  })
  return new Map(states)
}

function directoryOf(data: string): string {
  return join(data, 'hooks')
}

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (failure) {
    if (isMissing(failure)) return []
    throw failure
  }
}

function readState(path: string): HookState | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isState(state)) return state
  } catch (failure) {
    if (isMissing(failure)) return undefined
    if (!(failure instanceof SyntaxError)) throw failure
  }
  throw new StartError(
    `${path} is damaged.`,
    'Move it away; the hook then hears of what comes, and of nothing that was.',
    'machine',
  )
}

function isState(given: unknown): given is HookState {
  const { position, dead } = Object(given)
  return isCount(position) && Array.isArray(dead) && dead.every(isDeadLetter)
}

function isDeadLetter(given: unknown): given is DeadLetter {
  const { id, position, proposal_id, event, attempts, at, reason } = Object(given)
  const areTexts = [id, proposal_id, reason].every((text) => typeof text === 'string')
  return areTexts && [position, attempts, at].every(isCount) && hookEvents.includes(event)
}

function isCount(given: unknown): boolean {
  return typeof given === 'number' && Number.isFinite(given) && given >= 0
}

function isMissing(failure: unknown): boolean {
  return failure instanceof Error && Reflect.get(failure, 'code') === 'ENOENT'
}
