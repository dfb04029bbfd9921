// How a process ends from outside: SIGINT and SIGTERM, first in good order and then at once, or a reader that goes.

const codes = { SIGINT: 130, SIGTERM: 143 } as const

/** Why the signal of a run was aborted. */
class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('Interrupted.')
    this.name = 'Interrupted'
    this.exitCode = exitCode
  }
}

/** An AbortSignal that follows the signals to this process. */
export function processSignal(): AbortSignal {
  const controller = new AbortController()
  onSignals((code) => controller.abort(interruption(code)))
  return controller.signal
}

/**
 * Listens to the signals to this process: the first is told, a second ends it at once.
 *
 * @param tell is given the exit code that belongs to the signal
 * @returns what ends the listening
 */
export function onSignals(tell: (code: number) => void): () => void {
  let wasTold = false
  const listeners = Object.entries(codes).map(([name, code]) => {
    const listener = () => {
      if (wasTold) process.exit(code)
      wasTold = true
      tell(code)
    }
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  return () => {
    for (const off of listeners) off()
  }
}

/** The reason to abort the signal of a run with, when what it runs for was sent a signal. */
export function interruption(exitCode: number): Error {
  return new Interrupted(exitCode)
}

/** Whoever reads stdout may have had enough, as `head`: that is no fault. A disk that is full is one. */
export function endWithReader(): void {
  process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
    if (failure.code === 'EPIPE') process.exit(0)
    process.stderr.write(`Cannot write the output: ${failure.message}\n`)
    process.exit(1)
  })
}

/** The exit code of a run that a signal has ended; undefined when none has. */
export function interruptedCode(signal: AbortSignal): number | undefined {
  return signal.reason instanceof Interrupted ? signal.reason.exitCode : undefined
}

/** A signal that also ends after a time. */
export function within(signal: AbortSignal, ms: number | undefined): AbortSignal {
  return ms === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(ms)])
}
