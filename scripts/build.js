// Compiles src to dist, and removes from dist what no source gives any more.

import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Dist is not emptied first: a server that runs from it, or a test, would miss its files for a second.
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--listEmittedFiles']
const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' })

const mark = 'TSFILE: '
const lines = stdout.split('\n')
const emitted = lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length))
const complaints = lines.filter((line) => line !== '' && !line.startsWith(mark))
if (complaints.length > 0) process.stderr.write(`${complaints.join('\n')}\n`)

const fresh = new Set(emitted.map((file) => resolve(file)))
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const file = resolve(join(entry.parentPath, entry.name))
  if (entry.isFile() && !fresh.has(file)) rmSync(file)
}
process.exitCode = status ?? 1
