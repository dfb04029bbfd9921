// Messages one after the other, for `for await`, with a bound on how many may wait to be read.

import { ConnectionError } from './errors.ts'
import type { Message } from './options.ts'
import type { Settle } from './wait.ts'

/** Messages that may wait for one reader. */
const maxQueued = 1_000
/** What is told from history page by page goes on when no more than this many wait. */
const roomBelow = 500

type Result = IteratorResult<Message, undefined>

const done: Result = { done: true, value: undefined }

/** One reading of messages. It ends with `return`, `end`, or when it falls too far behind. */
export class Reader implements AsyncIterableIterator<Message, undefined> {
  private readonly queue: Message[] = []
  private readonly asking: Settle<Result>[] = []
  private readonly onChange: (reader: Reader) => void
  private isOver = false
  private fault: Error | undefined

  /** @param onChange called when there is more room in the queue, or it is over */
  constructor(onChange: (reader: Reader) => void) {
    this.onChange = onChange
  }

  get hasEnded(): boolean {
    return this.isOver
  }

  get hasRoom(): boolean {
    return this.isOver || this.queue.length <= roomBelow
  }

  put(message: Message): void {
    if (this.isOver) return
    const asking = this.asking.shift()
    if (asking) asking.resolve({ done: false, value: message })
    else if (this.queue.length < maxQueued) this.queue.push(message)
    else this.overflow(message)
  }

  /** What has come can still be read. */
  end(): void {
    if (this.isOver) return
    this.isOver = true
    for (const asking of this.asking.splice(0)) asking.resolve(done)
    this.onChange(this)
  }

  next(): Promise<Result> {
    const message = this.queue.shift()
    if (message) {
      if (this.queue.length === roomBelow) this.onChange(this)
      return Promise.resolve({ done: false, value: message })
    }
    if (!this.isOver) return new Promise((resolve, reject) => this.asking.push({ resolve, reject }))
    const { fault } = this
    this.fault = undefined
    return fault ? Promise.reject(fault) : Promise.resolve(done)
  }

  return(): Promise<Result> {
    this.queue.length = 0
    this.end()
    return Promise.resolve(done)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private overflow({ position }: Message): void {
    const goOn = position === undefined ? '' : ` Connect again with resume: ${position - 1}.`
    this.fault = new ConnectionError(
      'overflow',
      `More than ${maxQueued} messages were not read in time.${goOn}`,
    )
    this.end()
  }
}

/** All readings of one client. */
export class Readers {
  private readonly readers = new Set<Reader>()
  private readonly waiting = new Set<() => void>()

  /** @param onEnd called once when the reading is over */
  open(onEnd: () => void): Reader {
    const reader = new Reader((changed) => {
      if (changed.hasEnded && this.readers.delete(changed)) onEnd()
      for (const look of [...this.waiting]) look()
    })
    this.readers.add(reader)
    return reader
  }

  /** Calls back once no reader is far behind. @returns what stops that */
  whenRoom(callback: () => void): () => void {
    const look = () => {
      if (![...this.readers].every(({ hasRoom }) => hasRoom)) return
      this.waiting.delete(look)
      callback()
    }
    this.waiting.add(look)
    look()
    return () => this.waiting.delete(look)
  }

  end(): void {
    for (const reader of [...this.readers]) reader.end()
  }
}
