// The connections of those who come with a token and no socket: one for each token, as long as it is used.

import { AgentChat } from '../client/chat.ts'
import { RefusedError } from '../client/errors.ts'
import { dialledBy } from '../client/opener.ts'
import type { OpenSocket } from '../client/platform/socket.ts'
import { BusyError, WrongTokenError } from '../doors/http/caller.ts'
import { closes } from '../protocol/errors.ts'
import { tokenHash } from '../protocol/token-text.ts'
import type { Clock } from './clock.ts'
import { houseAddress } from './house-line.ts'

/** A connection that requests share. */
interface Guest {
  readonly chat: Promise<AgentChat>
  /** Requests that are being answered. */
  users: number
  /** When the last was answered, and until when it is needed all the same; of a clock that never goes back. */
  usedAt: number
  neededUntil: number
}

export interface GuestsParts {
  readonly open: OpenSocket
  readonly clock: Clock
}

const mostGuests = 1_000
const idleMs = 60_000
/** Whoever was shown out, for haste or for bad frames, stays out for so long. */
const coolMs = 5_000
const shownOut: readonly (number | undefined)[] = [closes.FLOOD.code, closes.BAD_FRAMES.code]

/** They are found by the hash of the token; the token itself is not kept. */
export class HouseGuests {
  private readonly parts: GuestsParts
  private readonly guests = new Map<string, Guest>()
  /** Until when tokens are out, by hash. */
  private readonly cooling = new Map<string, number>()
  private isOpen = true

  constructor(parts: GuestsParts) {
    this.parts = parts
  }

  /** Whether this token is in already, so that nothing has to be found out about it. */
  has(token: string): boolean {
    return this.guests.has(tokenHash(token))
  }

  /**
   * The connection that the requests of a token share.
   *
   * @param answered resolves when the request has been answered: until then the connection stays
   * @throws WrongTokenError, BusyError; and as `AgentChat.connect` does
   */
  chat(token: string, answered: Promise<void>): Promise<AgentChat> {
    const hash = tokenHash(token)
    const guest = this.guests.get(hash) ?? this.invite(hash, token)
    guest.users += 1
    void answered.then(() => {
      guest.users -= 1
      guest.usedAt = performance.now()
    })
    return guest.chat
  }

  /** A connection of its own, with which the agent is present; whoever asks closes it. Throws as `chat` does. */
  connect(token: string): Promise<AgentChat> {
    return this.dial(tokenHash(token), token, false)
  }

  /** Closes what nobody has used for a while. */
  sweep(): void {
    const now = performance.now()
    for (const [hash, guest] of this.guests) {
      const isIdle = guest.users === 0 && now - guest.usedAt > idleMs
      if (isIdle && now > guest.neededUntil) this.dismiss(hash, guest)
    }
    for (const [hash, until] of this.cooling) if (until < now) this.cooling.delete(hash)
  }

  /** Lets nobody in any more. Those who are here are clients, and go when the server says so. */
  close(): void {
    this.isOpen = false
  }

  private invite(hash: string, token: string): Guest {
    this.makeRoom()
    const now = performance.now()
    const chat = this.dial(hash, token, true)
    const guest: Guest = { chat, users: 0, usedAt: now, neededUntil: 0 }
    this.guests.set(hash, guest)
    chat.then(
      (connected) => this.watch(hash, guest, connected),
      () => this.forget(hash, guest),
    )
    return guest
  }

  private watch(hash: string, guest: Guest, chat: AgentChat): void {
    chat.onState(({ state }) => {
      if (state === 'closed') this.forget(hash, guest)
    })
    // A claim is held by a session: it has to be there until the time of the claim is over.
    chat.on('CLAIMED', ({ until }) => {
      const leftMs = until - this.parts.clock.now()
      guest.neededUntil = Math.max(guest.neededUntil, performance.now() + leftMs)
    })
  }

  private async dial(hash: string, token: string, brief: boolean): Promise<AgentChat> {
    if (!this.isOpen) throw new BusyError('The server stops.', coolMs)
    const waitMs = (this.cooling.get(hash) ?? 0) - performance.now()
    if (waitMs > 0) throw new BusyError('Too much at once; this token is out for a while.', waitMs)
    const options = { server: houseAddress, token, brief, reconnect: false }
    try {
      const chat = await AgentChat.connect(dialledBy(this.parts.open, options))
      chat.onState((now) => {
        if (now.state === 'closed' && shownOut.includes(now.code)) {
          this.cooling.set(hash, performance.now() + coolMs)
        }
      })
      return chat
    } catch (failure) {
      const isWrong = failure instanceof RefusedError && failure.code === 'VERIFICATION_FAILED'
      throw isWrong ? new WrongTokenError() : failure
    }
  }

  /** Whoever is idle for the longest makes room. @throws BusyError when nobody is */
  private makeRoom(): void {
    if (this.guests.size < mostGuests) return
    const idle = [...this.guests].filter(([, { users }]) => users === 0)
    const now = performance.now()
    const since = ({ usedAt, neededUntil }: Guest) => (neededUntil > now ? neededUntil : usedAt)
    idle.sort(([, one], [, other]) => since(one) - since(other))
    const [first] = idle
    if (!first) throw new BusyError('The server acts for as many tokens as it can.', coolMs)
    this.dismiss(...first)
  }

  private dismiss(hash: string, guest: Guest): void {
    this.forget(hash, guest)
    guest.chat.then(
      (chat) => chat.close(),
      () => {}, // it never came
    )
  }

  private forget(hash: string, guest: Guest): void {
    if (this.guests.get(hash) === guest) this.guests.delete(hash)
  }
}
