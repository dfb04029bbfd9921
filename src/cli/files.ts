// Files that are no secret: read no further than needed, and written whole or not at all.

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { wrongUsage } from './failure.ts'

/** What to do instead with what is no file, such as a pipe. */
const pipedHint = 'Pipe what it gives to the command, and write - for the file.'

interface Reading {
  /** One byte more than these is read, which tells that it is too long. */
  readonly mostBytes?: number
  readonly hint?: string
}

/** A file, or as much of it as tells that it is too long: one byte more than `mostBytes`. @throws as chunksOf */
export async function readFileUpTo(file: string, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of chunksOf(file, { mostBytes, hint: pipedHint })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A file piece by piece. @throws Failure when it cannot be read, or is no regular file and might never end */
export async function* chunksOf(
  file: string,
  { mostBytes, hint = 'Name a regular file.' }: Reading = {},
): AsyncGenerator<Buffer> {
  try {
    const handle = await openRegular(file, hint)
    // The stream closes what it reads from.
    yield* handle.createReadStream(mostBytes === undefined ? {} : { end: mostBytes })
  } catch (failure) {
    const code = codeOf(failure)
    if (code === undefined || !(failure instanceof Error && 'errno' in failure)) throw failure
    throw wrongUsage(`${file} cannot be read (${code}).`, 'Name a file that is there.')
  }
}

async function openRegular(file: string, hint: string): Promise<FileHandle> {
  // Opening a pipe would wait for who writes to it.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw wrongUsage(`${file} is no regular file.`, hint)
}

/** @throws Failure when the file cannot be written, or is there already and shall not be replaced */
export async function writeWhole(
  path: string,
  text: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeDurably(draft, text)
    if (force) await rename(draft, path)
    else await link(draft, path) // unlike rename it never replaces
  } catch (failure) {
    throw unwritten(path, failure)
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

function unwritten(path: string, failure: unknown): unknown {
  const code = codeOf(failure)
  if (code === 'EEXIST') {
    return wrongUsage(`There is a file ${path} already; it was not replaced.`, 'Add --force.')
  }
  if (code === undefined) return failure
  return wrongUsage(`${path} cannot be written (${code}).`, 'Name another file: --out FILE')
}

function codeOf(failure: unknown): string | undefined {
  const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}
