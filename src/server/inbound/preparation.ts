// What the edge knows when it looks at a frame before the log.

import type { Outcome } from '../../core/context.ts'
import type { Agent, World } from '../../core/world.ts'
import type { Log } from '../../log/port.ts'

export interface Preparation {
  readonly world: World
  readonly agent: Agent
  readonly version: 'v0' | 'v1'
  readonly log: Log<Outcome>
  /** Name of the server. */
  readonly server: string
  /** Its raw public key, base64url. */
  readonly serverKey: string
  /** Who has to fund accepted proposals with an amount, and how long that may take; undefined for nobody. */
  readonly escrow: Escrow | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The escrow that an operator has named. */
export interface Escrow {
  /** Its id. */
  readonly agent: string
  readonly timeoutMs: number
}
