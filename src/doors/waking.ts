// What wakes an agent: messages and news that concern it, in batches, so that it is woken once for each batch.

import type { AgentChat } from '../client/chat.ts'
import type { WaitOptions } from '../client/options.ts'
import { waitFor } from '../client/wait.ts'
import type { Heard } from '../protocol/frames.ts'
import { type KeptType, keptTypes } from '../protocol/kept.ts'

/** What an agent may wish to be woken for; answers to it count as mentions. */
export const wakeWords = ['mention', 'dm', 'question', 'all'] as const
export type WakeOn = (typeof wakeWords)[number]

/** What may wake: a message, or news of a proposal. */
export type Work = Heard<KeptType>

/** What came together. */
export interface Batch {
  /** By rising position. */
  readonly items: readonly Work[]
  /** How many came after them that there was no room for; they are to be read in the log. */
  readonly left: number
}

/** What comes so soon after another piece belongs to the same batch. */
const settleMs = 150
/** A batch waits no longer than this for more. */
const longestMs = 1_000
/** Timers count milliseconds in 31 bits. */
const longestTimerMs = 2_147_483_647
const mostItems = 1_000
/** Of all texts that wait together. */
const mostCharacters = 4_000_000

/**
 * Listens from the moment it is made, and hands out what came in batches: nothing is lost between two of them, and
 * none has a gap, also while the connection still tells what was missed. What was unread before is in the first, if
 * the connection was made with `resume`. What the cursor has passed meanwhile wakes no more.
 */
export class Wakes {
  private readonly chat: AgentChat
  private readonly on: ReadonlySet<WakeOn>
  private readonly offs: (() => void)[]
  private readonly watchers = new Set<() => void>()
  private readonly queue = new Queue()
  private firstAtMs = 0
  private lastAtMs = 0
  private ended: { readonly cause: unknown } | undefined

  constructor(chat: AgentChat, on: Iterable<WakeOn>) {
    this.chat = chat
    this.on = new Set(on)
    this.offs = keptTypes.map((type) => chat.on<KeptType>(type, (piece) => this.hear(piece)))
    this.offs.push(chat.onState(() => this.tellWatchers()))
    // It never comes; the wait for it ends with the connection, at once if that is over.
    chat.once('MSG', { where: () => false }).catch((cause: unknown) => this.end(cause))
  }

  /**
   * The next batch; an empty one when nothing came in time.
   *
   * @throws what ended the connection, once everything that came before has been handed out; the signal's reason
   */
  next({ signal, timeoutMs }: WaitOptions = {}): Promise<Batch> {
    return waitFor<Batch>({ signal }, ({ resolve, reject }) => {
      let timer: Timer
      const look = () => {
        clearTimeout(timer)
        const { cursor = 0, position } = this.chat
        if (!this.queue.hasAny(cursor, position)) {
          if (this.ended) reject(this.ended.cause)
          return
        }
        const delayMs = this.ended ? 0 : this.settledAtMs() - performance.now()
        if (delayMs > 0) timer = setTimeout(look, delayMs)
        else resolve(this.queue.take(position))
      }
      const late = atLatest(timeoutMs, () => resolve(this.queue.take(this.chat.position)))
      this.watchers.add(look)
      look()
      return () => {
        clearTimeout(timer)
        clearTimeout(late)
        this.watchers.delete(look)
      }
    })
  }

  /** Listens no longer. Whoever waits for a batch is rejected. */
  close(): void {
    for (const off of this.offs.splice(0)) off()
    this.end(new Error('Nobody listens for what wakes any more.'))
  }

  private hear(piece: Work): void {
    if (!concerns(piece, { id: this.chat.id, on: this.on })) return
    const wasEmpty = this.queue.isEmpty
    if (!this.queue.put(piece)) return
    this.lastAtMs = performance.now()
    if (wasEmpty) this.firstAtMs = this.lastAtMs
    this.tellWatchers()
  }

  private settledAtMs(): number {
    return Math.min(this.lastAtMs + settleMs, this.firstAtMs + longestMs)
  }

  private end(cause: unknown): void {
    this.ended ??= { cause }
    this.tellWatchers()
  }

  private tellWatchers(): void {
    for (const look of [...this.watchers]) look()
  }
}

/** What waits to be handed out, by rising position; of more than there is room for, the earliest. */
class Queue {
  private items: Work[] = []
  private characters = 0
  private left = 0
  /** The earliest that there was no room for; nothing after it waits here. */
  private gapAt = Number.POSITIVE_INFINITY

  get isEmpty(): boolean {
    return this.items.length === 0
  }

  /** @returns false when there is no room for it */
  put(piece: Work): boolean {
    const at = placeOf(piece)
    if (at > this.gapAt) {
      this.left += 1
      return false
    }
    const after = this.items.findLastIndex((item) => placeOf(item) < at)
    this.items.splice(after + 1, 0, piece)
    this.characters += lengthOf(piece)
    while (this.isOver()) this.leaveLast()
    return at < this.gapAt
  }

  /** Whether there is any after one position and up to another; those before it are forgotten. */
  hasAny(read: number, upTo: number): boolean {
    const first = this.items.findIndex((item) => placeOf(item) > read)
    this.remove(first === -1 ? this.items.length : first)
    const [earliest] = this.items
    return earliest !== undefined && placeOf(earliest) <= upTo
  }

  /** Hands out all up to a position. */
  take(upTo: number): Batch {
    const first = this.items.findIndex((item) => placeOf(item) > upTo)
    const items = this.remove(first === -1 ? this.items.length : first)
    if (!this.isEmpty) return { items, left: 0 }
    const { left } = this
    this.left = 0
    this.gapAt = Number.POSITIVE_INFINITY
    return { items, left }
  }

  private remove(count: number): Work[] {
    const removed = this.items.splice(0, count)
    for (const piece of removed) this.characters -= lengthOf(piece)
    return removed
  }

  private isOver(): boolean {
    const { length } = this.items
    return length > mostItems || (length > 1 && this.characters > mostCharacters)
  }

  private leaveLast(): void {
    const last = this.items.pop()
    if (last === undefined) return
    this.characters -= lengthOf(last)
    this.gapAt = placeOf(last)
    this.left += 1
  }
}

/** Whose wishes they are. */
export interface Sleeper {
  readonly id: string
  readonly on: ReadonlySet<WakeOn>
}

/** Whether something wakes this agent. What nobody has to answer, and the agent's own, never does. */
export function concerns(piece: Work, sleeper: Sleeper): boolean {
  if (piece.position === undefined) return false
  const { id, on } = sleeper
  if (piece.type !== 'MSG') return (on.has('dm') || on.has('all')) && isNewsFor(piece, id)
  const isLeftAsleep = listed(piece.unwoken).some((left) => left?.agent === id)
  if (piece.from === id || piece.expects === 'none' || isLeftAsleep) return false
  if (on.has('all')) return true
  if (isFor(piece, id)) return on.has(piece.to.startsWith('#') ? 'mention' : 'dm')
  return on.has('question') && isOpenQuestion(piece)
}

/** The server says whom a message wakes; an older one only whom it is for. */
function isFor({ to, wakes, mentions }: Heard<'MSG'>, id: string): boolean {
  if (wakes !== undefined) return listed(wakes).includes(id)
  return to === id || listed(mentions).includes(id)
}

function isOpenQuestion({ to, expects, mentions, wakes }: Heard<'MSG'>): boolean {
  const isForSome = listed(mentions).length + listed(wakes).length > 0
  return to.startsWith('#') && expects === 'reply' && !isForSome
}

/** Of proposals an agent hears what it has a part in, and besides the open offers of its channels. */
function isNewsFor(news: Exclude<Work, Heard<'MSG'>>, id: string): boolean {
  if (news.type === 'PROPOSAL') return news.to === id && news.from !== id
  return news.type === 'TIME_UP' || news.by !== id
}

/** What a server says is a list, if it is one. */
function listed<T>(said: readonly T[] | undefined): readonly T[] {
  return Array.isArray(said) ? said : []
}

function placeOf({ position = 0 }: Work): number {
  return position
}

function lengthOf(piece: Work): number {
  return piece.type === 'MSG' ? piece.content.length : 0
}

type Timer = ReturnType<typeof setTimeout> | undefined

function atLatest(ms: number | undefined, act: () => void): Timer {
  return ms === undefined ? undefined : setTimeout(act, Math.min(ms, longestTimerMs))
}
