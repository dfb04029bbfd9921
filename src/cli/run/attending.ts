// The loop of an agent that is run: batch after batch, one turn at a time, and the cursor behind what is done.

import type { AgentChat } from '../../client/chat.ts'
import { ConnectionError, RefusedError } from '../../client/errors.ts'
import type { Message } from '../../client/options.ts'
import { type WakeOn, Wakes } from '../../doors/waking.ts'
import type { Answerer, Held } from './answering.ts'
import { Ledger } from './ledger.ts'
import { type Turn, turnsOf } from './turns.ts'

export interface Attending {
  readonly on: readonly WakeOn[]
  /** Ends when nothing came for so long; undefined for never. */
  readonly idleMs: number | undefined
  readonly signal: AbortSignal
  readonly detail: (text: string) => void
}

type Presence = 'busy' | 'online'

export class Attention {
  private readonly chat: AgentChat
  private readonly answerer: Answerer
  private readonly options: Attending
  private readonly wakes: Wakes
  private readonly ledger = new Ledger()
  private held: Held[] = []
  private presence: Presence | undefined

  /** Listens from now on. */
  constructor(chat: AgentChat, answerer: Answerer, options: Attending) {
    this.chat = chat
    this.answerer = answerer
    this.options = options
    this.wakes = new Wakes(chat, options.on)
  }

  /**
   * Attends to what comes.
   *
   * @returns `idle`; `behind`: more came than there was room for, and the rest is to be heard after the cursor
   * @throws the signal's reason, what ended the connection, and as `Answerer.answer`
   */
  async attend(): Promise<'idle' | 'behind'> {
    const { signal, idleMs = Number.POSITIVE_INFINITY } = this.options
    let since = performance.now()
    try {
      for (;;) {
        await this.show('online')
        const due = Math.min(since + idleMs, ...this.held.map(({ atMs }) => atMs))
        const timeoutMs = due === Number.POSITIVE_INFINITY ? undefined : due - performance.now()
        const { items, left } = await this.wakes.next({ signal, timeoutMs })
        const messages = items.filter((piece) => piece.type === 'MSG')
        if (items.length > 0) since = performance.now()
        for (const { position = 0 } of messages) this.ledger.begin(position)
        const busy = [
          ...this.dueAgain(),
          ...turnsOf(messages).map((turn) => ({ turn, isAgain: false })),
        ]
        for (const { turn, isAgain } of busy) {
          await this.see(turn, isAgain)
          since = performance.now()
        }
        if (left > 0) return 'behind'
        if (performance.now() - since >= idleMs) return 'idle'
      }
    } finally {
      this.wakes.close()
    }
  }

  /** The turns of what was in the hands of others, and may be no longer. */
  private dueAgain(): { turn: Turn; isAgain: boolean }[] {
    const now = performance.now()
    const due = this.held.filter(({ atMs }) => atMs <= now)
    this.held = this.held.filter(({ atMs }) => atMs > now)
    return turnsOf(due.map(({ message }) => message)).map((turn) => ({ turn, isAgain: true }))
  }

  private async see(turn: Turn, isAgain: boolean): Promise<void> {
    await this.show('busy')
    const held = await this.answerer.answer(turn, isAgain)
    this.held.push(...held)
    const later = new Set<Message>(held.map(({ message }) => message))
    const done = turn.messages.filter((message) => !later.has(message))
    const read = done.map(({ position = 0 }) => this.ledger.finish(position) ?? 0)
    await this.acknowledge(Math.max(0, ...read))
  }

  /** What is not acknowledged is looked at again after a start, and found to be answered. */
  private async acknowledge(position: number): Promise<void> {
    if (position <= (this.chat.cursor ?? 0)) return
    try {
      await this.chat.ack(position, { signal: this.options.signal })
    } catch (failure) {
      const isLost =
        failure instanceof ConnectionError && ['lost', 'timeout'].includes(failure.reason)
      if (!isLost) throw failure
      this.options.detail(`Not acknowledged yet: ${position}.`)
    }
  }

  /** Whether it works or waits, for others to see; nothing depends on it. */
  private async show(status: Presence): Promise<void> {
    if (this.presence === status) return
    this.presence = status
    try {
      await this.chat.request('SET_PRESENCE', { status }, { signal: this.options.signal })
    } catch (failure) {
      const isSmall = failure instanceof RefusedError || failure instanceof ConnectionError
      if (!isSmall) throw failure
      this.options.detail(`Presence ${status} was not taken: ${failure.message}`)
    }
  }
}
