// What goes wrong at the command line: one sentence, one hint, one exit code.

/** The exit codes, each with its sentence for `agentchat help exit-codes`. 130 and 143 are signals. */
export const exits = {
  done: { code: 0, doc: 'Done.' },
  refused: { code: 1, doc: 'The server said no; the code is in the ERROR line.' },
  usage: { code: 2, doc: 'The command is not written as it should be.' },
  unreachable: {
    code: 3,
    doc: 'The server cannot be reached or cannot start, or a package is missing.',
  },
  nothing: { code: 4, doc: 'Nothing came in time.' },
  identity: { code: 5, doc: 'Something is wrong with an identity or a signature.' },
} as const

export type ExitName = keyof typeof exits

interface FailureParts {
  readonly code: string
  readonly message: string
  readonly sentence?: string | undefined
  readonly hint: string
  readonly exit: ExitName
  readonly retryAfterMs?: number
  /** Further fields for programs. */
  readonly more?: object | undefined
  readonly cause?: unknown
}

/** A failure that is told to whoever typed the command. Everything else thrown is our fault. */
export class Failure extends Error {
  readonly code: string
  /** What people read where `message` is a word for programs. */
  readonly sentence: string | undefined
  /** One sentence, or a command, of what to do. */
  readonly hint: string
  readonly exit: ExitName
  readonly retryAfterMs: number
  readonly more: object

  constructor({
    code,
    message,
    sentence,
    hint,
    exit,
    retryAfterMs,
    more = {},
    cause,
  }: FailureParts) {
    super(message, { cause })
    this.name = 'Failure'
    this.code = code
    this.sentence = sentence
    this.hint = hint
    this.exit = exit
    this.retryAfterMs = retryAfterMs ?? 0
    this.more = more
  }
}

/** The command is not written as it should be. */
export function wrongUsage(message: string, hint: string): Failure {
  return new Failure({ code: 'USAGE', message, hint, exit: 'usage' })
}

/** What was asked for needs an agent that lives longer than the command. */
export function identityNeeded(what: string): Failure {
  return new Failure({
    code: 'IDENTITY_NEEDED',
    message: `${what} needs an identity with a key: without one the agent is gone when the command ends.`,
    hint: 'agentchat identity new NAME',
    exit: 'identity',
  })
}

/** What was asked for is not to be had by a token. */
export function keyNeeded(what: string): Failure {
  return new Failure({
    code: 'IDENTITY_NEEDED',
    message: `${what} needs the key of the agent: no token permits it.`,
    hint: 'Name the identity with -i NAME, or leave the token out.',
    exit: 'identity',
  })
}

/** The daemon that ran the command is gone, and with it the word of what became of it. */
export function daemonLost(): Failure {
  return new Failure({
    code: 'DAEMON_LOST',
    message: 'The daemon ended in the middle: it may have been done or not.',
    hint: 'Look first, then do it again: agentchat daemon logs',
    exit: 'unreachable',
  })
}

/** A value that a parser does not take; who asked adds where it came from. */
export class BadValue extends Error {
  /** What it should be, to stand behind "is not". */
  readonly expected: string

  constructor(expected: string) {
    super(`is not ${expected}`)
    this.name = 'BadValue'
    this.expected = expected
  }
}
