// Who makes a request: the holder of a token, and the connections on which the server acts for it.

import type { AgentChat } from '../../client/chat.ts'

/** The holder of the token of one request. */
export interface Caller {
  /**
   * The connection that the requests of this token share. It does not make the agent present, and is there at least
   * until this request has been answered.
   *
   * @throws WrongTokenError, BusyError; and as `AgentChat.connect` does
   */
  chat(): Promise<AgentChat>
  /** Makes a connection of its own, which makes the agent present; whoever asks closes it. Throws as `chat` does. */
  connect(): Promise<AgentChat>
}

/** What a request knows beside itself. */
export interface HttpEnv {
  readonly Variables: {
    /** Undefined where nobody has named a token. */
    caller: Caller | undefined
    /** Cuts the connection on which the request came. */
    hangUp: () => void
  }
}

/** The token is none, or one no longer. */
export class WrongTokenError extends Error {
  constructor() {
    super('This token is not good, or no longer.')
    this.name = 'WrongTokenError'
  }
}

/** The server takes up no more connections for tokens now. */
export class BusyError extends Error {
  /** Milliseconds after which it is worth another try. */
  readonly waitMs: number

  constructor(message: string, waitMs: number) {
    super(message)
    this.name = 'BusyError'
    this.waitMs = waitMs
  }
}
