// A connection lent to one command: what it listens to ends with it, and it cannot close what is not its own.

import type { AgentChat } from '../../client/chat.ts'
import type { WaitOptions } from '../../client/options.ts'

/** A connection for a while. */
export interface Loan {
  readonly chat: AgentChat
  /** Ends all that was listened to. */
  end(): void
}

/**
 * Lends a connection.
 *
 * @param timeoutMs how long the borrower waits for each answer
 */
export function lend(owner: AgentChat, timeoutMs: number): Loan {
  const offs: (() => void)[] = []
  const kept = (off: () => void) => {
    offs.push(off)
    return off
  }
  const chat: AgentChat = Object.create(owner)
  chat.close = async () => {}
  chat.request = (type, fields, options: WaitOptions = {}) =>
    owner.request(type, fields, { timeoutMs, ...options })
  chat.onState = (listener) => kept(owner.onState(listener))
  // The overloads are those of the owner, which is given just what came.
  chat.on = ((type: string, listener: (frame: never) => void) =>
    kept(owner.on(type as '*', listener as () => void))) as AgentChat['on']
  return {
    chat,
    end() {
      for (const off of offs) off()
    },
  }
}
