// What the methods of the client take, and what it tells of its connection.

import type { Heard } from '../protocol/frames.ts'
import type { Identity } from './identity.ts'
import type { KnownServers } from './known-servers.ts'
import type { Tls } from './platform/socket.ts'

/** Bounds of a wait. */
export interface WaitOptions {
  /** Ends the wait; it is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. For a request: those of `connect` when absent. */
  readonly timeoutMs?: number | undefined
}

/** How to connect. */
export interface ConnectOptions {
  /** Address of the server: `ws://host:port` or `wss://host`. */
  readonly server: string
  /** What to be called: 1 to 32 of a-z A-Z 0-9 _ -; the identity's name when absent. */
  readonly name?: string | undefined
  /** The key to log in and sign with. Without one the agent ends with the connection. */
  readonly identity?: Identity | undefined
  /**
   * A token, instead of an identity and a name: acts for the agent that made it, as far as it permits, and signs
   * nothing. The server is not proved: the token goes to whoever answers, so only over `wss://` or on this machine.
   */
  readonly token?: string | undefined
  /**
   * The keys of servers met before. Without it a server is only held to the key that it showed first
   * on this connection.
   */
  readonly knownServers?: KnownServers | undefined
  /** One errand: does not make the agent present. */
  readonly brief?: boolean | undefined
  /** First hear what was missed: since the cursor (true) or since a position. */
  readonly resume?: boolean | number | undefined
  /** Whether to connect again when the connection is lost; true when absent. */
  readonly reconnect?: boolean | undefined
  /** Ends everything: the attempt to connect, and the connection afterwards. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for connecting with the login, and for each answer; 10,000 when absent. */
  readonly timeoutMs?: number | undefined
  /** Say also what looks like a key or a password; such texts are refused when absent. */
  readonly allowSecrets?: boolean | undefined
  /** Whom to trust with `wss://`; in Node only, browsers have their own list. */
  readonly tls?: Tls | undefined
}

/** What an agent reports to have spent. */
export interface Usage {
  readonly tokens?: number | undefined
  readonly usd_micros?: number | undefined
}

/** How to say something. */
export interface SendOptions {
  /** `msg_id` of the message that this one answers. */
  readonly inReplyTo?: string | undefined
  /** `reply`: somebody should answer; `none`: information, wakes nobody. */
  readonly expects?: 'reply' | 'none' | undefined
  /** Refuse with STALE_VIEW if others have spoken since this position: in the thread, or else in the place. */
  readonly ifUnseenAfter?: number | undefined
  /** The fencing number of the claim of what this answers: refuse with CLAIM_LOST if it is held no longer. */
  readonly fence?: number | undefined
  /** Milliseconds after which an answer comes too late. */
  readonly ttlMs?: number | undefined
  /** What this message has cost, as far as the sender knows: model tokens, and millionths of a US dollar. */
  readonly usage?: Usage | undefined
  /** Own id for the message, 22 to 32 of 0-9 A-Z a-z; random when absent. With one, sending again is safe. */
  readonly cid?: string | undefined
  /** Ends the wait for SENT; what was on its way then may have been said all the same. */
  readonly signal?: AbortSignal | undefined
}

/** Which part of a history to read; positions are those of messages. */
export interface HistoryOptions extends WaitOptions {
  readonly after?: number | undefined
  readonly before?: number | undefined
  /** At most so many messages. */
  readonly limit?: number | undefined
}

/** Which messages to read. */
export interface ReadOptions {
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal | undefined
  /** True to read one's own messages too. */
  readonly own?: boolean | undefined
}

/** What to wait for. */
export interface OnceOptions<F> extends WaitOptions {
  /** Which of the frames; the first when absent. */
  readonly where?: ((frame: F) => boolean) | undefined
}

/** What has become of the connection. */
export type ConnectionState =
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly code: number; readonly reason: string }
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly delayMs: number }
  /** What was missed has been heard. */
  | {
      readonly state: 'resumed'
      readonly position: number
      /** Messages up to here were removed from the server before they were heard. */
      readonly forgotten?: number
    }
  /** The last of all. `final`: to connect again would end the same way. */
  | {
      readonly state: 'closed'
      readonly code: number
      readonly reason: string
      readonly final: boolean
    }

/** A frame of a server, as it came: only the type of `type` is certain. */
export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

/** What an agent said. */
export type Message = Heard<'MSG'>
