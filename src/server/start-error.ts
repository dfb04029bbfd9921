// Why a server does not start, and what to do about it.

/** One sentence of what is wrong, and one of what to do; `exitCode` is that of the command line. */
export class StartError extends Error {
  readonly hint: string
  readonly exitCode: number

  constructor(message: string, hint: string, exitCode = 2) {
    super(message)
    this.name = 'StartError'
    this.hint = hint
    this.exitCode = exitCode
  }
}
