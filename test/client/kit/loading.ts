// The library as it is built, in a bundle, and in a process of its own.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { withTemporaryDirectory } from '../../kit/directory.ts'

const entry = new URL('../../../dist/index.js', import.meta.url)
/** What a module in a process of its own imports the library from. */
export const library = JSON.stringify(entry.href)

export interface Bundle {
  /** An ES module that exports what the library does. */
  readonly text: string
  /** Paths of all files in it. */
  readonly files: readonly string[]
  /** What it still imports from outside. */
  readonly imports: readonly string[]
}

/** Everything that the library needs there, in one file. */
export async function bundleFor(platform: 'browser' | 'node'): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(entry)],
    platform,
    bundle: true,
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  return {
    text: outputFiles[0]?.text ?? '',
    files: Object.keys(metafile.inputs),
    imports: Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.map((one) => one.path),
    ),
  }
}

/** Runs an ES module in a process that has to end by itself, and in silence. @returns what it prints */
export function runModule(text: string, args: readonly string[] = []): Promise<string> {
  return withTemporaryDirectory(async (directory) => {
    const file = join(directory, 'main.mjs')
    await writeFile(file, text)
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, [file, ...args], { timeout: 15_000 })
    if (stderr !== '') throw new Error(stderr)
    return stdout
  })
}
