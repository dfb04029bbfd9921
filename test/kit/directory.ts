// A directory for one test, gone afterwards.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a new empty directory that the caller removes. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'agentchat-'))
}

/** Removes a directory and all that is in it. */
export function removeDirectory(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true })
}

/** Runs with a new empty directory, and removes it whatever comes of it. */
export async function withTemporaryDirectory<T>(use: (path: string) => Promise<T>): Promise<T> {
  const path = await temporaryDirectory()
  try {
    return await use(path)
  } finally {
    await removeDirectory(path)
  }
}
