// Writing a file that is no secret: whole or not at all, and over another only when that was said.

import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { wrongUsage } from './failure.ts'

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
  const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
  if (code === 'EEXIST') {
    return wrongUsage(`There is a file ${path} already; it was not replaced.`, 'Add --force.')
  }
  if (typeof code !== 'string') return failure
  return wrongUsage(`${path} cannot be written (${code}).`, 'Name another file: --out FILE')
}
