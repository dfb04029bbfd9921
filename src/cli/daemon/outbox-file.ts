// Lines of a file that are said one after the other, each once, whatever dies in between.

import { createHash, randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectionError, RefusedError, SecretError } from '../../client/errors.ts'
import type { SendOptions } from '../../client/options.ts'
import { patiently } from '../../client/patience.ts'
import { pause } from '../../client/wait.ts'
import { BadValue, Failure } from '../failure.ts'
import { parseCid, parseMessageId, parseTarget, parseWord } from '../values.ts'
import { AppendedLines, type Line } from './appended-lines.ts'
import { readState, writeState } from './outbox-state.ts'
import type { Standing } from './standing.ts'

const lookEveryMs = 200

interface Letter {
  readonly to: string
  readonly content: string
  readonly options: SendOptions
}

interface OutboxOptions {
  /** Whose file it is: no other agent says what stands in it. */
  readonly owner: string
  readonly note: (text: string) => void
}

export class OutboxFile {
  private readonly lines: AppendedLines
  private readonly owner: string
  private readonly errors: string
  private readonly statePath: string
  private readonly note: (text: string) => void
  /** A new one for each file that takes the place of another: with the place in it, it makes the id of a line. */
  private run: string

  /** @throws Failure when the state is another agent's, or damaged */
  constructor(directory: string, { owner, note }: OutboxOptions) {
    this.owner = owner
    this.note = note
    this.errors = join(directory, 'outbox.errors.jsonl')
    this.statePath = join(directory, 'outbox.state.json')
    const state = readState(this.statePath)
    if (state !== undefined && state.owner !== owner) throw notOurs(directory, state.owner)
    this.run = state?.run ?? randomUUID()
    this.lines = new AppendedLines(join(directory, 'outbox.jsonl'), state?.read)
    // Before anything is said: a line must have the same id after a kill.
    this.save()
  }

  /** Says what is written, until the signal. */
  async work(standing: Standing, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.step(standing, signal)
      } catch (failure) {
        if (!signal.aborted) throw failure
      }
    }
  }

  private async step(standing: Standing, signal: AbortSignal): Promise<void> {
    if (this.lines.isReplaced()) {
      this.run = randomUUID()
      this.lines.restart()
      this.save()
    }
    const line = this.lines.next()
    if (line === undefined) return pause(lookEveryMs, signal)
    try {
      const letter = readLetter(line, this.idOf(line))
      if (letter !== undefined) await this.deliver(letter, standing, signal)
    } catch (failure) {
      signal.throwIfAborted()
      this.refused(line, failure)
    }
    this.lines.pass(line)
    this.save()
  }

  /** The same after any restart, and another for each line. */
  private idOf({ from, text }: Line): string {
    return createHash('sha256').update(`${this.run} ${from} ${text}`).digest('hex').slice(0, 32)
  }

  /** Says one thing, on as many connections as it takes: under its id it is said once. */
  private async deliver(
    { to, content, options }: Letter,
    standing: Standing,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const chat = await standing.whenCurrent(signal)
      try {
        await patiently(() => chat.send(to, content, { ...options, signal }), signal)
        return
      } catch (failure) {
        const isPassing = failure instanceof ConnectionError && failure.reason !== 'nonsense'
        if (!isPassing) throw failure
        await pause(lookEveryMs, signal)
      }
    }
  }

  private refused({ text, from }: Line, failure: unknown): void {
    const isKnown =
      failure instanceof RefusedError ||
      failure instanceof SecretError ||
      failure instanceof BadLine ||
      failure instanceof RangeError
    if (!isKnown) throw failure
    const code = 'code' in failure ? failure.code : 'INVALID_MSG'
    const { message } = failure
    const entry = { ts: Date.now(), code, message, at: from, line: text }
    appendFileSync(this.errors, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
    this.note(`A line of the outbox was refused: ${message}`)
  }

  private save(): void {
    const { owner, run, lines } = this
    writeState(this.statePath, { owner, run, read: lines.read })
  }
}

/** A line says something else than what to send. */
class BadLine extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadLine'
  }
}

type Reader = (text: string) => unknown

/** What a line may say besides `to` and `content`. */
const known: Readonly<Record<string, Reader>> = {
  to: parseTarget,
  content: (text) => text,
  in_reply_to: parseMessageId,
  expects: parseWord('reply', 'none'),
  cid: parseCid,
}

/** @returns undefined for an empty line @throws BadLine */
function readLetter({ text, isCut }: Line, id: string): Letter | undefined {
  if (isCut) throw new BadLine('The line is too long to be a message.')
  if (text.trim() === '') return undefined
  const fields = parseObject(text)
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) read[name] = readField(name, value)
  const { to, content, in_reply_to: inReplyTo, expects, cid = id } = read
  if (to === undefined || content === undefined) throw new BadLine('It needs "to" and "content".')
  const options = { inReplyTo, expects, cid } as SendOptions // each read by its parser
  return { to: String(to), content: String(content), options }
}

function readField(name: string, value: unknown): unknown {
  const parse = Object.hasOwn(known, name) ? known[name] : undefined
  if (parse === undefined) {
    throw new BadLine(`There is no field ${name}: ${Object.keys(known).join(', ')}.`)
  }
  if (typeof value !== 'string') throw new BadLine(`${name} is a text.`)
  try {
    return parse(value)
  } catch (failure) {
    if (failure instanceof BadValue) throw new BadLine(`${name} is not ${failure.expected}.`)
    throw failure
  }
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new BadLine('The line is not one JSON object.')
}

function notOurs(directory: string, owner: string): Failure {
  return new Failure({
    code: 'FILES_TAKEN',
    message: `The files in ${directory} are those of ${owner}.`,
    hint: 'Name another directory: agentchat daemon start --files DIR',
    exit: 'refused',
  })
}
