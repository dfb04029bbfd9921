// GET /v1/events: what an agent hears, as server-sent events; it goes on after Last-Event-ID without loss or repeat.

import type { Context } from 'hono'
import type { AgentChat } from '../../client/chat.ts'
import type { Frame } from '../../client/options.ts'
import { patiently } from '../../client/patience.ts'
import type { Shape, Tell } from '../../protocol/declare.ts'
import { refuse } from '../../protocol/errors.ts'
import { tells } from '../../protocol/frames.ts'
import { withoutRef } from './answers.ts'
import { callerOf, type Parameters, queryOf, reading } from './asked.ts'
import type { HttpEnv } from './caller.ts'
import { EventStream } from './event-stream.ts'

export const eventsParameters = { after: 'count', own: 'flag' } as const satisfies Parameters

const declared: ReadonlyMap<string, Tell<Shape>> = new Map(Object.entries(tells))
const retryMs = 1_000
/** Characters of live events that may wait until what was missed has been told. */
const maxHeldCharacters = 1_048_576

/**
 * Opens a stream. It has a connection of its own: the agent is present as long as it lasts, one slow reader harms no
 * other, and the bound on the sessions of an agent holds for streams as for sockets.
 */
export async function events(context: Context<HttpEnv>): Promise<Response> {
  const { own = false, ...query } = queryOf(context, eventsParameters)
  const after = lastEventOf(context) ?? query.after
  const { signal } = context.req.raw
  const chat = await callerOf(context).connect()
  if (chat.caps?.includes('RESUME') === false) {
    void chat.close()
    refuse('SCOPE_MISSING', 'This token does not permit to read.')
  }
  const stream = new EventStream({
    onEnd: () => void chat.close(),
    hangUp: context.get('hangUp'),
  })
  if (signal.aborted) stream.end()
  const telling = new Telling(chat, stream, own === true)
  telling.begin(after === undefined ? undefined : Number(after)).catch(() => stream.cut())
  return new Response(stream.body, { headers: eventHeaders })
}

const eventHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // Behind the last event there is nothing more to come.
  Connection: 'close',
  // Proxies that gather answers would hold back events.
  'X-Accel-Buffering': 'no',
}

/** What a reader of events names when it comes back; an empty one is none. */
function lastEventOf(context: Context): number | undefined {
  const text = context.req.header('Last-Event-ID') ?? ''
  if (text === '') return undefined
  const position = reading.count(text)
  if (Number.isNaN(position)) refuse('INVALID_MSG', 'Last-Event-ID is a position: a whole number.')
  return position
}

/** Tells one stream what one connection hears: first what was missed, and then what comes. */
class Telling {
  private readonly chat: AgentChat
  private readonly stream: EventStream
  private readonly own: boolean
  /** What is later in the log comes live; so does what the connection heard before anybody listened. */
  private readonly start: number
  /** What came live while there is more to tell from history; undefined when there is none any more. */
  private held: Frame[] | undefined = []
  private heldCharacters = 0

  constructor(chat: AgentChat, stream: EventStream, own: boolean) {
    this.chat = chat
    this.stream = stream
    this.own = own
    this.start = chat.position
    chat.on('*', (frame) => this.hear(frame))
    chat.onState(({ state }) => {
      if (state === 'closed') stream.end()
    })
  }

  /** @param after the position to go on after; undefined to hear what comes from now on */
  async begin(after: number | undefined): Promise<void> {
    const { start, stream } = this
    const from = Math.min(after ?? start, start)
    stream.begin(from, retryMs)
    const resumed = from < start ? await this.catchUp(from) : undefined
    const held = this.held ?? []
    this.held = undefined
    for (const frame of inOrder(held)) this.tell(frame)
    if (resumed)
      this.stream.tell({ type: 'RESUMED', data: withoutRef(resumed), position: undefined })
  }

  /** Has history told page by page, as fast as the reader reads. @returns the last answer */
  private async catchUp(after: number): Promise<Frame | undefined> {
    const over = new AbortController()
    let from = after
    let forgotten: number | undefined
    while (!this.stream.hasEnded) {
      const ask = () => this.chat.request('RESUME', { after: from })
      const answer = await patiently(ask, over.signal)
      forgotten ??= answer.forgotten
      await this.stream.drained()
      if (answer.more && answer.position > from && answer.position < this.start) {
        from = answer.position
        continue
      }
      const position = Math.max(answer.position, this.start)
      return { ...answer, position, ...(forgotten !== undefined && { forgotten }) }
    }
    return undefined
  }

  private hear(frame: Frame): void {
    if (!this.isNews(frame)) return
    const isMissed = frame.replay === true && positionOf(frame) <= this.start
    if (this.held === undefined || isMissed) this.tell(frame)
    else this.hold(this.held, frame)
  }

  private hold(held: Frame[], frame: Frame): void {
    held.push(frame)
    this.heldCharacters += JSON.stringify(frame).length
    if (this.heldCharacters > maxHeldCharacters) this.stream.cut()
  }

  private tell(frame: Frame): void {
    const position = positionOf(frame)
    const place = Number.isFinite(position) ? position : undefined
    this.stream.tell({ type: frame.type, data: frame, position: place })
  }

  /** Answers are for whoever asked; of what the agent said itself it need not be told. */
  private isNews({ type, from }: Frame): boolean {
    if (declared.get(type)?.kind !== 'event') return false
    return this.own || type !== 'MSG' || from !== this.chat.id
  }
}

/** The place in the log; infinite for what has none. */
function positionOf({ position }: Frame): number {
  return typeof position === 'number' ? position : Number.POSITIVE_INFINITY
}

/** By rising position, each once: what has no place keeps its own behind what came before it. */
function inOrder(frames: readonly Frame[]): Frame[] {
  let latest = 0
  const placed = frames.map((frame) => {
    const position = positionOf(frame)
    if (Number.isFinite(position)) latest = position
    return { frame, at: latest }
  })
  const seen = new Set<number>()
  return placed
    .sort((one, other) => one.at - other.at)
    .map(({ frame }) => frame)
    .filter((frame) => {
      const position = positionOf(frame)
      const isRepeat = Number.isFinite(position) && seen.has(position)
      seen.add(position)
      return !isRepeat
    })
}
