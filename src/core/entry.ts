// One command as the log orders it: what was asked, by which session, where it stands, and when.

/** The id of one live connection of an identified agent, unique for the life of a log. */
export type SessionId = string

export type AgentId = string
/** A channel's name in lower case. */
export type ChannelKey = string

/** A command before the log has given it a place. */
export interface Draft {
  /** The wire type of a declared command, or of a frame that nodes append themselves. */
  readonly type: string
  /** Who asked; null when a node speaks for itself. */
  readonly session: SessionId | null
  readonly fields: Readonly<Record<string, unknown>>
  /** The client's word for the answer it waits for; goes along with the entry, is never stored. */
  readonly ref?: string
  /** Milliseconds since 1970, strictly increasing; thousandths tell apart what fell into one millisecond. */
  readonly now: number
}

/** A command in its place in the one order. */
export interface Entry extends Draft {
  /** 1 for the first entry of a log; refused commands take no position on a single machine. */
  readonly position: number
}
