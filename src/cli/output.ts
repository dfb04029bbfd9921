// What a command prints: results on stdout as JSON lines or as text, everything else on stderr.

import { stripVTControlCharacters, styleText } from 'node:util'
import { jsonLine, plainLine } from '../doors/plain.ts'
import { exits, type Failure } from './failure.ts'

/** The last line of a page or a bounded stream, so that a cut pipe is noticed. */
export interface End {
  readonly count: number
  /** Where to go on from; null when there is nothing to go on from. */
  readonly next: number | null
  /** How many more there are; null when there are more and nobody counted them. */
  readonly left: number | null
  readonly truncated: boolean
  /** Up to here the server has removed messages that would have been printed. */
  readonly forgotten?: number | undefined
  /** Why a stream ended. */
  readonly reason?: string
}

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

/** Where a run prints to. */
export interface Streams {
  out(text: string): void
  err(text: string): void
  /** Whether stdout shows colours. */
  readonly colours: boolean
}

/** Those of this process. */
export function processStreams(): Streams {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colours: styleText('dim', '-', { stream: process.stdout }) !== '-',
  }
}

/** The most bytes of results a call prints when it is a page. */
const pageBytes = 65_536

export class Output {
  readonly json: boolean
  /** Set by a run whose end is no failure, and is to be told from others. */
  exitCode: number = exits.done.code
  private readonly options: OutputOptions
  private readonly streams: Streams

  constructor(options: OutputOptions, streams: Streams = processStreams()) {
    this.json = options.json
    this.options = options
    this.streams = streams
  }

  /** Prints one result. */
  print(frame: object, text: string): void {
    this.write(`${this.lineOf({ frame, text })}\n`)
  }

  /** Prints what is neither a result nor talk, such as a script. */
  write(text: string): void {
    this.streams.out(text)
  }

  /** Room for a page of results: for so many, and not too many bytes. */
  room(limit: number): Room {
    return new Room((row) => this.lineOf(row), limit)
  }

  /** Prints the last line of a page or stream; people are told how to go on instead. */
  end(end: End, goOn?: string): void {
    if (this.json) this.write(`${jsonLine({ type: 'END', ...end })}\n`)
    else if (goOn !== undefined) this.note(`There is more: ${goOn}.`)
  }

  /** Tells people, on stderr, what is no result. */
  note(text: string): void {
    if (!this.options.quiet) this.warn(text)
  }

  /** Tells on stderr what must not be missed. */
  warn(text: string): void {
    this.streams.err(`${plainLine(text)}\n`)
  }

  /** Tells on stderr what only those who asked for it want to know. */
  detail(text: string): void {
    if (this.options.verbose) this.warn(text)
  }

  /** Tells what went wrong: one sentence, one hint, the exit code; in JSON also as the last line on stdout. */
  failure(failure: Failure): void {
    const { code, message, sentence, retryAfterMs } = failure
    this.warn(sentence ?? message)
    if (failure.hint !== '') this.warn(`  ${failure.hint}`)
    if (failure.cause !== undefined) this.detail(String(failure.cause))
    const exit = exits[failure.exit].code
    this.exitCode = exit
    if (!this.json) return
    const hint = [sentence, failure.hint].filter(Boolean).join(' ')
    const line = {
      type: 'ERROR',
      ...failure.more,
      code,
      message,
      hint,
      retry_after_ms: retryAfterMs,
      exit,
    }
    this.write(`${jsonLine(line)}\n`)
  }

  private lineOf({ frame, text }: Row): string {
    if (this.json) return jsonLine(frame)
    return this.streams.colours ? text : stripVTControlCharacters(text)
  }
}

/** One result in both its forms. */
export interface Row {
  readonly frame: object
  readonly text: string
}

/** What a page of results has room for. */
export class Room {
  private readonly lineOf: (row: Row) => string
  private left: number
  private bytes = pageBytes

  constructor(lineOf: (row: Row) => string, limit: number) {
    this.lineOf = lineOf
    this.left = limit
  }

  /** Takes up room for a result. The first always fits. @returns false when there is no room, now or later */
  takes(row: Row): boolean {
    const bytes = Buffer.byteLength(this.lineOf(row)) + 1
    const isFirst = this.bytes === pageBytes
    if (this.left < 1 || (bytes > this.bytes && !isFirst)) {
      this.left = 0
      return false
    }
    this.left -= 1
    this.bytes -= bytes
    return true
  }
}

/** The first of some results, as many as there is room for. */
export function fitting<R extends Row>(room: Room, rows: readonly R[]): R[] {
  const end = rows.findIndex((row) => !room.takes(row))
  return rows.slice(0, end === -1 ? undefined : end)
}

/** Prints a whole list as a page. */
export function printList(output: Output, rows: readonly Row[], limit: number): void {
  const shown = fitting(output.room(limit), rows)
  for (const { frame, text } of shown) output.print(frame, text)
  const left = rows.length - shown.length
  output.end(
    { count: shown.length, next: null, left, truncated: left > 0 },
    left > 0 ? `${left} more; --limit N shows more of them` : undefined,
  )
}

/** Makes lines of cells, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Makes something of little weight look so, where there are colours. */
export function dim(text: string): string {
  return styleText('dim', text, { validateStream: false })
}

/** Makes a name stand out, where there are colours. */
export function bold(text: string): string {
  return styleText('bold', text, { validateStream: false })
}
