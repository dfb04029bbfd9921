// SIGINT and SIGTERM: the first ends what runs in good order, the second ends it at once.

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
  for (const [name, code] of Object.entries(codes)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code)
      controller.abort(new Interrupted(code))
    })
  }
  return controller.signal
}

/** The exit code of a run that a signal has ended; undefined when none has. */
export function interruptedCode(signal: AbortSignal): number | undefined {
  return signal.reason instanceof Interrupted ? signal.reason.exitCode : undefined
}

/** A signal that also ends after a time. */
export function within(signal: AbortSignal, ms: number | undefined): AbortSignal {
  return ms === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(ms)])
}
