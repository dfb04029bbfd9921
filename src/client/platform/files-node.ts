// Files by Node: secrets are written whole or not at all, and for their owner only.

import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileFault, Files } from './files.ts'

const ownerOnly = 0o600
const ownerOnlyDirectory = 0o700
const others = 0o077

const faults: Readonly<Record<string, FileFault>> = { ENOENT: 'missing', EEXIST: 'exists' }

export const files: Files = {
  async read(path) {
    const [text, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    return { text, isExposed: process.platform !== 'win32' && (mode & others) !== 0 }
  },

  async write(path, text, replace) {
    await mkdir(dirname(path), { recursive: true, mode: ownerOnlyDirectory })
    const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
    try {
      await writeDurably(draft, text)
      if (replace) await rename(draft, path)
      else await link(draft, path) // unlike rename it never replaces
    } finally {
      await rm(draft, { force: true })
    }
  },

  async append(path, line) {
    await mkdir(dirname(path), { recursive: true, mode: ownerOnlyDirectory })
    const file = await open(path, 'a', ownerOnly)
    try {
      await file.write(`${line}\n`)
    } finally {
      await file.close()
    }
  },

  faultOf(failure) {
    const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
    return (typeof code === 'string' ? faults[code] : undefined) ?? 'other'
  },
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', ownerOnly)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
