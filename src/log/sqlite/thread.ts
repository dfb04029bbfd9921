// The server's end of the writer's thread: starts it, asks it, and notices when it dies.

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { closedError, LogError } from '../errors.ts'
import type {
  Batch,
  Complaint,
  FromWriter,
  Opening,
  Question,
  Questions,
  ToWriter,
  Verb,
  WriterSettings,
} from './messages.ts'

export interface WriterEvents {
  /** All batches up to this number are durable. */
  durable(number: number): void
  /** Called once: nothing becomes durable any more. */
  failed(error: LogError): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: LogError): void
}

/** Starts the writer. Resolves when the log is open, with the last position that is taken. */
export function openWriter(
  settings: WriterSettings,
  events: WriterEvents,
): Promise<{ writer: WriterThread; last: number }> {
  // By its name in package.json: a thread needs the compiled file, also when this one is source.
  const file = createRequire(import.meta.url).resolve('#log-writer')
  const worker = new Worker(file, { workerData: settings, name: 'log-writer', execArgv: [] })
  return new Promise((resolve, reject) => {
    worker.once('error', (cause) => reject(died(cause)))
    worker.once('exit', () => reject(died(undefined)))
    worker.once('message', (message: Opening) => {
      if (message.kind === 'refused') reject(toError(message.complaint))
      else resolve({ writer: new WriterThread(worker, events), last: message.last })
    })
  })
}

/** The writer, once it is open. */
export class WriterThread {
  readonly #worker: Worker
  readonly #events: WriterEvents
  readonly #exited: Promise<void>
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  /** Why nothing can be asked any more. */
  #end: LogError | undefined
  #hasFailed = false
  #hasClosed = false

  constructor(worker: Worker, events: WriterEvents) {
    this.#worker = worker
    this.#events = events
    worker.on('message', (message: FromWriter) => this.#hear(message))
    worker.on('error', (cause) => this.#fail(died(cause)))
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        if (!this.#hasClosed) this.#fail(died(undefined))
        resolve()
      })
    })
  }

  /** Sends a batch. That it is durable comes as an event. */
  commit(batch: Batch): void {
    this.#tell({ kind: 'commit', batch })
  }

  /** Asks a question. The answer knows all that was sent before it, and only what is durable. */
  ask<V extends Verb>(
    verb: V,
    argument: Parameters<Questions[V]>[0],
  ): Promise<ReturnType<Questions[V]>> {
    if (this.#end !== undefined) return Promise.reject(this.#end)
    const id = ++this.#lastId
    // The casts: a verb goes with its argument and its answer, which a map by id cannot express.
    this.#tell({ kind: 'ask', question: { id, verb, argument } as Question })
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
    })
  }

  /** Has everything sent so far committed and answered, then ends the thread. */
  close(): Promise<void> {
    this.#end ??= closedError()
    this.#tell({ kind: 'close' })
    return this.#exited
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'durable') {
      this.#events.durable(message.number)
    } else if (message.kind === 'answer') {
      this.#settle(message.id)?.resolve(message.value)
    } else if (message.kind === 'noAnswer') {
      this.#settle(message.id)?.reject(toError(message.complaint))
    } else if (message.kind === 'closed') {
      this.#hasClosed = true
    } else {
      this.#fail(toError(message.complaint))
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #fail(error: LogError): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#end = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.#events.failed(error)
  }

  #tell(message: ToWriter): void {
    this.#worker.postMessage(message)
  }
}

function toError({ code, message }: Complaint): LogError {
  return new LogError(code, message)
}

function died(cause: unknown): LogError {
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  return new LogError(
    'LOG_FAILED',
    `The thread that writes the log died${reason}. ` +
      'Start the server again; nothing that was acknowledged is lost.',
    { cause },
  )
}
