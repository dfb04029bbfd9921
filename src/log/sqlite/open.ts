// The log of a server on one machine: executes at once, and releases when SQLite has committed.

import type { Draft } from '../../core/entry.ts'
import type { LogError } from '../errors.ts'
import type { CountQuery, Follower, Log, Page, PagedNews, PageQuery, Verdict } from '../port.ts'
import type { Durability, EntryRow } from './messages.ts'
import { replay } from './replay.ts'
import { openWriter, type WriterThread } from './thread.ts'

export type { Durability } from './messages.ts'

export interface SqliteLogOptions {
  /** The data directory; it is made when it does not exist. */
  readonly directory: string
  readonly durability: Durability
  /** Called at most once: something could not be made durable, and nothing is released any more. */
  readonly onFailure: (error: LogError) => void
}

/** Opens the log of a data directory. Rejects with a LogError when that cannot be. */
export async function openSqliteLog<Outcome extends Verdict>(
  options: SqliteLogOptions,
): Promise<Log<Outcome>> {
  const { directory, durability, onFailure } = options
  let log: SqliteLog<Outcome> | undefined
  const { writer, last } = await openWriter(
    { directory, durability },
    {
      durable: (number) => log?.durable(number),
      failed(error) {
        log?.stop()
        onFailure(error)
      },
    },
  )
  log = new SqliteLog<Outcome>(writer, last)
  return log
}

/** What one turn brought, waiting for the batch it came with or after. */
interface Turn<Outcome> {
  readonly batch: number
  readonly outcomes: readonly Outcome[]
}

class SqliteLog<Outcome extends Verdict> implements Log<Outcome> {
  readonly #writer: WriterThread
  #follower: Follower<Outcome> | undefined
  #last: number
  #rows: EntryRow[] = []
  #outcomes: Outcome[] = []
  #turns: Turn<Outcome>[] = []
  #sentBatch = 0
  #durableBatch = 0
  #endsTurn = false
  #hasStopped = false
  #closing: Promise<void> | undefined

  constructor(writer: WriterThread, last: number) {
    this.#writer = writer
    this.#last = last
  }

  async start(follower: Follower<Outcome>): Promise<void> {
    await replay(this.#writer, follower, this.#last)
    this.#follower = follower
  }

  append(draft: Draft): void {
    if (this.#follower === undefined) throw new Error('The log was appended to before it started.')
    if (this.#hasStopped) return
    const { type, session, now } = draft
    // First, for what cannot be written must not be executed either.
    const fields = JSON.stringify(draft.fields)
    const position = this.#last + 1
    const outcome = this.#follower.execute({ ...draft, position })
    if (outcome.accepted) {
      this.#last = position
      const { kept } = outcome
      const [news, by] = [kept?.news ?? null, kept?.by ?? null]
      this.#rows.push([now, type, session, fields, news, kept?.streams ?? [], by])
    }
    this.pass(outcome)
  }

  pass(outcome: Outcome): void {
    if (this.#hasStopped) return
    this.#outcomes.push(outcome)
    this.#endTurn()
  }

  page(query: PageQuery): Promise<Page> {
    return this.#writer.ask('page', query)
  }

  count(query: CountQuery): Promise<readonly number[]> {
    return this.#writer.ask('count', query)
  }

  find(stream: string, position: number): Promise<PagedNews | undefined> {
    return this.#writer.ask('find', { stream, position })
  }

  freeze(position: number, world: string): Promise<void> {
    this.#send()
    return this.#writer.ask('freeze', { position, world })
  }

  forget(position: number): Promise<void> {
    return this.#writer.ask('forget', position)
  }

  positionAt(now: number): Promise<number> {
    this.#send()
    return this.#writer.ask('positionAt', now)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The writer has made everything up to this batch durable. */
  durable(batch: number): void {
    this.#durableBatch = batch
    this.#endTurn()
  }

  /** Accepts and releases nothing any more. */
  stop(): void {
    this.#hasStopped = true
    this.#rows = []
    this.#outcomes = []
    this.#turns = []
  }

  async #close(): Promise<void> {
    this.#send()
    this.#hasStopped = true
    await this.#writer.close()
    this.#release()
  }

  /** All that happens in one turn of the event loop is sent and released together, at its end. */
  #endTurn(): void {
    if (this.#endsTurn) return
    this.#endsTurn = true
    setImmediate(() => {
      this.#endsTurn = false
      this.#send()
      this.#release()
    })
  }

  #send(): void {
    if (this.#rows.length > 0) {
      this.#sentBatch += 1
      const first = this.#last - this.#rows.length + 1
      this.#writer.commit({ number: this.#sentBatch, first, rows: this.#rows })
      this.#rows = []
    }
    if (this.#outcomes.length > 0) {
      this.#turns.push({ batch: this.#sentBatch, outcomes: this.#outcomes })
      this.#outcomes = []
    }
  }

  #release(): void {
    const waiting = this.#turns.findIndex((turn) => turn.batch > this.#durableBatch)
    const turns = this.#turns.splice(0, waiting === -1 ? this.#turns.length : waiting)
    if (turns.length > 0) this.#follower?.release(turns.flatMap((turn) => turn.outcomes))
  }
}
