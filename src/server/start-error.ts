// Why a server does not start, and what to do about it.

/** One sentence of what is wrong, and one of what to do. */
export class StartError extends Error {
  readonly hint: string
  /** Whether an option is wrong in itself, or the machine does not give what it asks for. */
  readonly origin: 'options' | 'machine'

  constructor(message: string, hint: string, origin: StartError['origin'] = 'options') {
    super(message)
    this.name = 'StartError'
    this.hint = hint
    this.origin = origin
  }
}
