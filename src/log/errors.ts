// What can go wrong with a log, in words for the one who runs the server.

export type LogErrorCode =
  /** Another process works on the same data directory. */
  | 'LOG_LOCKED'
  /** There is no log where one was to be read. */
  | 'LOG_MISSING'
  /** The data directory or the file in it cannot be used. */
  | 'LOG_UNREADABLE'
  /** The file was a log once and is broken now. */
  | 'LOG_DAMAGED'
  /** A newer version of AgentChat wrote the log. */
  | 'LOG_NEWER'
  /** Something could not be made durable; nothing of it was released. */
  | 'LOG_FAILED'
  /** The log was asked after it was closed. */
  | 'LOG_CLOSED'

/** A failure of the log. The message says in one sentence what happened, and in one what to do. */
export class LogError extends Error {
  readonly code: LogErrorCode

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LogError'
    this.code = code
  }
}

/** The refusal of everything that is asked of a log after its end. */
export function closedError(): LogError {
  return new LogError('LOG_CLOSED', 'The log is closed. Open it again to read from it.')
}

/** The refusal of a snapshot that knows of entries the log does not have. */
export function futureError(position: number): LogError {
  return new LogError(
    'LOG_FAILED',
    `A snapshot at ${position} is of entries not in the log. This is a bug, please report it.`,
  )
}
