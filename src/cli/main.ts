// The door of the executable: the version at once, everything else by way of the tree.

import nodeModule from 'node:module'
import { packageVersion } from '../version.ts'

/** Node 22.8 and newer keep compiled code; the types are those of Node 20. */
interface CompileCache {
  enableCompileCache?(): void
}

const argv = process.argv.slice(2)
if (argv[0] === '--version' || argv[0] === '-V') {
  process.stdout.write(`${packageVersion}\n`)
} else {
  ;(nodeModule as CompileCache).enableCompileCache?.()
  const { runProgram } = await import('./program.ts')
  await runProgram(argv)
}
