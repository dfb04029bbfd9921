// Messages on their way: kept until the server has acknowledged them, and sent again after a lost connection.

import type { Heard } from '../protocol/frames.ts'
import { ConnectionError } from './errors.ts'
import type { Frame } from './options.ts'
import { patiently } from './patience.ts'
import { ofType, type Sealed } from './requests.ts'
import { type Settle, waitFor } from './wait.ts'

/** Messages that may be unacknowledged at a time. */
const maxLetters = 100

interface Letter extends Settle<Heard<'SENT'>> {
  readonly sealed: Sealed
  /** It may have reached the server. */
  isOut: boolean
}

export class Outbox {
  private readonly letters = new Set<Letter>()
  private readonly ask: (sealed: Sealed) => Promise<Frame>
  private isOpen = false
  private ended: { readonly cause: unknown } | undefined

  /** @param ask sends at once, and waits for the answer as long as the connection holds */
  constructor(ask: (sealed: Sealed) => Promise<Frame>) {
    this.ask = ask
  }

  /**
   * Sends a message, now or when there is a connection again.
   *
   * @throws RefusedError
   * @throws ConnectionError `full`, `uncertain`, `closed`
   * @throws the signal's reason
   */
  post(sealed: Sealed, signal: AbortSignal | undefined): Promise<Heard<'SENT'>> {
    if (this.ended) return Promise.reject(this.ended.cause)
    if (this.letters.size >= maxLetters) return Promise.reject(full())
    return waitFor<Heard<'SENT'>>({ signal }, (settle) => {
      const letter: Letter = { ...settle, sealed, isOut: false }
      this.letters.add(letter)
      if (this.isOpen) void this.deliver(letter, () => this.askFor(letter))
      return () => this.letters.delete(letter)
    })
  }

  /** There is a connection: sends what waits, one after the other and as slowly as the server wants it. */
  async open(connection: AbortSignal): Promise<void> {
    for (const letter of this.letters) {
      await this.deliver(letter, () => patiently(() => this.askFor(letter), connection))
      if (connection.aborted) return
    }
    this.isOpen = true
  }

  /**
   * The connection is lost.
   *
   * @param sameAgent whether the next connection is the same agent's: the server then knows what it has
   *   heard by its `cid`, and nothing is said twice
   */
  shut(sameAgent: boolean): void {
    this.isOpen = false
    for (const letter of [...this.letters]) {
      if (letter.isOut && !sameAgent) letter.reject(uncertain())
    }
  }

  /** There will be no other connection. */
  end(cause: unknown): void {
    this.ended = { cause }
    for (const letter of [...this.letters]) letter.reject(cause)
  }

  /** Whoever gave up while it waited is believed. */
  private askFor(letter: Letter): Promise<Frame> {
    if (this.letters.has(letter)) return this.ask(letter.sealed)
    return Promise.reject(new ConnectionError('closed', 'The sender has given up.'))
  }

  private async deliver(letter: Letter, ask: () => Promise<Frame>): Promise<void> {
    letter.isOut = true
    try {
      letter.resolve(ofType(await ask(), 'SENT'))
    } catch (failure) {
      const isLost = failure instanceof ConnectionError && failure.reason === 'lost'
      if (!isLost) letter.reject(failure)
    }
  }
}

function full(): ConnectionError {
  return new ConnectionError(
    'full',
    `${maxLetters} messages are not acknowledged yet; wait for some of them before sending more.`,
  )
}

function uncertain(): ConnectionError {
  return new ConnectionError(
    'uncertain',
    'The connection was lost before the server had acknowledged the message: it may have been said or ' +
      'not. With an identity or a token it would be sent again safely.',
  )
}
