// Bringing a follower to where the log ends: the newest snapshot, then every entry after it.

import type { Entry } from '../../core/entry.ts'
import { LogError } from '../errors.ts'
import type { Follower, Verdict } from '../port.ts'
import type { StoredRow } from './messages.ts'
import type { WriterThread } from './thread.ts'

/** Has everything up to `last` thawed or executed. Rejects when an entry on the way is missing. */
export async function replay<Outcome extends Verdict>(
  writer: WriterThread,
  follower: Follower<Outcome>,
  last: number,
): Promise<void> {
  const snapshot = await writer.ask('newestSnapshot', null)
  follower.thaw(snapshot?.world)
  let position = snapshot?.position ?? 0
  for await (const rows of readChunks(writer, position)) {
    for (const row of rows) {
      position += 1
      if (row.position !== position) throw missing(position)
      follower.execute(toEntry(row))
    }
  }
  if (position !== last) throw missing(position + 1)
}

/** Reads entries from the writer, the next chunk while one is executed. */
async function* readChunks(
  writer: WriterThread,
  after: number,
): AsyncGenerator<readonly StoredRow[]> {
  let coming = writer.ask('entriesAfter', after)
  for (;;) {
    const rows = await coming
    const last = rows.at(-1)
    if (last === undefined) return
    coming = writer.ask('entriesAfter', last.position)
    // Whoever awaits it hears of a failure; when nobody does any more, it is of no interest.
    coming.catch(() => {})
    yield rows
  }
}

function toEntry(row: StoredRow): Entry {
  try {
    return { ...row, fields: JSON.parse(row.fields) }
  } catch (cause) {
    throw damaged(`Entry ${row.position} is not readable in the log.`, cause)
  }
}

function missing(position: number): LogError {
  return damaged(`Entry ${position} is missing in the log.`)
}

function damaged(what: string, cause?: unknown): LogError {
  const todo = 'Restore the data directory from a backup, or choose another.'
  return new LogError('LOG_DAMAGED', `${what} ${todo}`, { cause })
}
