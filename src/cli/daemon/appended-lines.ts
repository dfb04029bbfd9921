// The lines of a file that others add to, one after the other, in bounded memory.

import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Up to where a file was read, and the last line before that, by which it is known again. */
export interface Read {
  readonly offset: number
  readonly lastBytes: number
  readonly lastHash: string
}

export interface Line {
  /** Where it begins. */
  readonly from: number
  /** Where the next one begins. */
  readonly end: number
  readonly text: string
  /** It is too long, and this is only a part of it. */
  readonly isCut: boolean
}

/** Room for any message, however its characters are escaped. */
const mostBytes = 2_097_152
const newline = 10
const start: Read = { offset: 0, lastBytes: 0, lastHash: '' }

export class AppendedLines {
  read: Read
  private readonly path: string

  /** @param read up to where it was read before */
  constructor(path: string, read: Read = start) {
    this.path = path
    this.read = read
  }

  /** Whether another file is there, or it was emptied: what was read is not in it. */
  isReplaced(): boolean {
    const { offset, lastBytes, lastHash } = this.read
    if (offset === 0) return false
    return (
      this.withFile((file) => {
        if (fstatSync(file).size < offset) return true
        return hashOf(readAt(file, offset - lastBytes, lastBytes)) !== lastHash
      }) ?? true
    )
  }

  /** Reads from the beginning again. */
  restart(): void {
    this.read = start
  }

  /** The next whole line; undefined when there is none yet. */
  next(): Line | undefined {
    const { offset: from } = this.read
    return this.withFile((file) => {
      const size = fstatSync(file).size - from
      for (let bytes = 4_096; size > 0; bytes *= 16) {
        const most = Math.min(bytes, mostBytes, size)
        const piece = readAt(file, from, most)
        const at = piece.indexOf(newline)
        if (at !== -1) {
          return { from, end: from + at + 1, text: piece.toString('utf8', 0, at), isCut: false }
        }
        if (piece.length === mostBytes) {
          return { from, end: from + mostBytes, text: piece.toString('utf8', 0, 200), isCut: true }
        }
        if (most === size) return undefined
      }
      return undefined
    })
  }

  /** The line was worked off. */
  pass({ from, end }: Line): void {
    const lastBytes = Math.min(end - from, 4_096)
    const last = this.withFile((file) => readAt(file, end - lastBytes, lastBytes))
    this.read = { offset: end, lastBytes, lastHash: hashOf(last ?? Buffer.alloc(0)) }
  }

  /** @returns undefined when there is no file */
  private withFile<T>(use: (file: number) => T): T | undefined {
    let file: number
    try {
      file = openSync(this.path, 'r')
    } catch (failure) {
      if (failure instanceof Error && Reflect.get(failure, 'code') === 'ENOENT') return undefined
      throw failure
    }
    try {
      return use(file)
    } finally {
      closeSync(file)
    }
  }
}

function readAt(file: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, from))
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
