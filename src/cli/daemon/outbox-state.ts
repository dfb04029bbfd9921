// How far an outbox file was worked off, kept so that a kill at any moment leaves a whole state behind.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { Failure } from '../failure.ts'
import type { Read } from './appended-lines.ts'

export interface OutboxState {
  /** The agent and the server that the lines are for. */
  readonly owner: string
  /** Changes with each file that takes the place of another. */
  readonly run: string
  readonly read: Read
}

/** @returns undefined when there is none yet @throws Failure when it is damaged */
export function readState(path: string): OutboxState | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (failure) {
    if (failure instanceof Error && Reflect.get(failure, 'code') === 'ENOENT') return undefined
    throw failure
  }
  try {
    const state: OutboxState = JSON.parse(text)
    const { owner, run, read } = state
    const isWhole =
      typeof owner === 'string' && typeof run === 'string' && Number.isSafeInteger(read.offset)
    if (isWhole) return state
  } catch {
    // Said below, as for JSON that is something else.
  }
  throw new Failure({
    code: 'UNUSABLE',
    message: `${path} is damaged: it does not say what was sent already.`,
    hint: 'Empty outbox.jsonl of what was sent, then remove that file.',
    exit: 'refused',
  })
}

/** All of it or nothing, and on the disk before anything is done that it speaks of. */
export function writeState(path: string, state: OutboxState): void {
  const draft = `${path}.tmp`
  const file = openSync(draft, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify(state)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}
