// What the client needs of a WebSocket, whoever makes it: Node with ws, or a browser.

/** Whom to trust beside what the system trusts. */
export interface Tls {
  /** Certificates as PEM text. */
  readonly ca?: string | undefined
}

/** One WebSocket. */
export interface Socket {
  /** Sends a text frame; does nothing when the socket is no longer open. */
  send(text: string): void
  /** Starts the closing handshake. */
  close(code: number, reason: string): void
  /** Ends it at once. */
  drop(): void
}

export interface SocketHears {
  opened(): void
  /** A text frame; frames of bytes are none of ours. */
  heard(text: string): void
  /** Called once. Code 1006 when it was not closed in order; `reason` then says what happened, if known. */
  closed(code: number, reason: string): void
}

export type OpenSocket = (url: string, tls: Tls | undefined, hears: SocketHears) => Socket
