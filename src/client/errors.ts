// What goes wrong in a client: the server says no, the connection fails, or somebody is not who they should be.

import type { Heard } from '../protocol/frames.ts'

/** The server said no; `message` says what to do next. */
export class RefusedError extends Error {
  /** One of the codes of `refusals`, or one of a newer server. */
  readonly code: string
  /** Milliseconds after which the same may succeed; undefined when waiting does not help. */
  readonly retryAfterMs: number | undefined
  /** The ERROR as it came. */
  readonly frame: Heard<'ERROR'>

  constructor(frame: Heard<'ERROR'>) {
    super(frame.message)
    this.name = 'RefusedError'
    this.code = frame.code
    this.retryAfterMs = frame.retry_after_ms
    this.frame = frame
  }
}

/**
 * What is the matter with a connection:
 * - `unreachable`: it could not be made;
 * - `timeout`: an answer did not come in time, and whether anything was done is not known;
 * - `lost`: it broke before the answer came, and whether anything was done is not known;
 * - `closed`: it is over, and nothing more will be sent;
 * - `uncertain`: a message of an agent without a key was on its way when the connection broke;
 *   to send it again might say it twice;
 * - `full`: too many messages are not acknowledged yet;
 * - `overflow`: messages came faster than they were read;
 * - `nonsense`: what answers is no server of this protocol.
 */
export type ConnectionReason =
  | 'unreachable'
  | 'timeout'
  | 'lost'
  | 'closed'
  | 'uncertain'
  | 'full'
  | 'overflow'
  | 'nonsense'

/** Something is the matter with the connection. */
export class ConnectionError extends Error {
  readonly reason: ConnectionReason
  /** The code with which the WebSocket was closed, if that is what happened. */
  readonly closeCode: number | undefined

  constructor(reason: ConnectionReason, message: string, closeCode?: number) {
    super(message)
    this.name = 'ConnectionError'
    this.reason = reason
    this.closeCode = closeCode
  }
}

/**
 * What is wrong with an identity or a signature:
 * - `server-changed`: the server has another key than the one that is pinned;
 * - `bad-challenge`: the server did not prove its key;
 * - `downgrade`: the server does not offer version 1 of the login;
 * - `wrong-agent`: the server takes us for another agent than our key's;
 * - `substituted`: a key that the server names does not belong to the id that it names, or what it tells of a
 *   proposal is not what was signed;
 * - `bad-key`: a key is not what it should be, such as a private one where a public one goes, or there is none to
 *   sign with;
 * - `bad-token`: a token is none, or would go where others can read it;
 * - `bad-file`: a file of identities or known servers cannot be used as it is;
 * - `exists`: there is a file already, and it was not to be replaced.
 */
export type IdentityReason =
  | 'server-changed'
  | 'bad-challenge'
  | 'downgrade'
  | 'wrong-agent'
  | 'substituted'
  | 'bad-key'
  | 'bad-token'
  | 'bad-file'
  | 'exists'

/** A text seems to give a secret away, and was not sent. */
export class SecretError extends Error {
  /** What it looks like, such as `a private key`. */
  readonly kind: string

  constructor(kind: string) {
    super(
      `The text seems to contain ${kind}; nothing was sent. \`allowSecrets\` sends it all the same.`,
    )
    this.name = 'SecretError'
    this.kind = kind
  }
}

/** Somebody, or something, is not who or what it should be. Trying again does not help. */
export class IdentityError extends Error {
  readonly reason: IdentityReason

  constructor(reason: IdentityReason, message: string) {
    super(message)
    this.name = 'IdentityError'
    this.reason = reason
  }
}
