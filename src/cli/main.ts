// The door of the executable: the version at once, then what a daemon can do, and everything else by way of the tree.

import nodeModule from 'node:module'

/** Node 22.8 and newer keep compiled code; the types are those of Node 20. */
interface CompileCache {
  enableCompileCache?(): void
}

const argv = process.argv.slice(2)
;(nodeModule as CompileCache).enableCompileCache?.()
if (argv[0] === '--version' || argv[0] === '-V') {
  const { packageVersion } = await import('../version.ts')
  process.stdout.write(`${packageVersion}\n`)
} else {
  const { handOver } = await import('./daemon/calling.ts')
  const handed = await handOver(argv)
  if (handed.outcome === 'done') process.exitCode = handed.exitCode
  else {
    const { failHere, runHere } = await import('./program.ts')
    const { daemonLost } = await import('./failure.ts')
    const isLost = handed.outcome === 'lost'
    const exitCode = isLost ? failHere(argv, daemonLost()) : await runHere(argv, handed)
    if (exitCode !== 0) process.exitCode = exitCode
  }
}
