// The file in which the command may say what it has spent.

import { constants } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Usage } from '../../client/options.ts'

const mostBytes = 4_096
const mostOfAny = 1e12

/** Makes room for the file, and takes it away afterwards. */
export async function withUsageFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'agentchat-run-'))
  try {
    return await use(join(directory, 'usage.json'))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * Reads `{"tokens": …, "usd_micros": …}`.
 *
 * @returns undefined when there is no such file
 * @throws SyntaxError when it holds something else
 */
export async function readUsage(path: string): Promise<Usage | undefined> {
  const text = await beginningOf(path)
  if (text === undefined) return undefined
  const said: unknown = JSON.parse(text)
  if (typeof said !== 'object' || said === null) throw new SyntaxError('it holds no object')
  const { tokens, usd_micros } = said as Readonly<Record<string, unknown>> // each is checked below
  return { ...countIn({ tokens }), ...countIn({ usd_micros }) }
}

async function beginningOf(path: string): Promise<string | undefined> {
  try {
    // A pipe would be waited for, for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      if (!(await file.stat()).isFile()) throw new SyntaxError('it is no file')
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(mostBytes) })
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException // what a file system throws
    if (code === 'ENOENT') return undefined
    throw failure
  }
}

function countIn(said: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const [entry] = Object.entries(said)
  if (entry === undefined || entry[1] === undefined) return {}
  const [name, count] = entry
  if (!(Number.isSafeInteger(count) && Number(count) >= 0 && Number(count) <= mostOfAny)) {
    throw new SyntaxError(`${name} is no count`)
  }
  return { [name]: Number(count) }
}
