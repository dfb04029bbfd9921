// What a server has left on the disk, byte by byte.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Left {
  readonly name: string
  readonly bytes: Buffer
}

/** All files of a data directory. */
export function filesOf(directory: string): Left[] {
  return readdirSync(directory).map((name) => ({
    name,
    bytes: readFileSync(join(directory, name)),
  }))
}
