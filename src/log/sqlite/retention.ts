// What is dropped from a log on SQLite: old snapshots, and forgotten entries in small steps.

import { isLasting } from '../port.ts'
import { type Database, transact } from './driver.ts'
import type { Snapshot } from './messages.ts'
import { readMeta } from './schema.ts'

/** Rows deleted at once, so that commits need not wait long for a step. */
const STEP_ROWS = 1000

/** Stores a snapshot and keeps the newest two. */
export function storeSnapshot(db: Database, { position, world }: Snapshot): void {
  transact(db, () => {
    db.prepare('INSERT OR REPLACE INTO snapshots (position, world) VALUES (?, ?)').run(
      position,
      world,
    )
    db.exec(`
      DELETE FROM snapshots
      WHERE position NOT IN (SELECT position FROM snapshots ORDER BY position DESC LIMIT 2)
    `)
  })
}

/** Declares everything up to `position` forgotten; of it only what is lasting is read any more. */
export function markForgotten(db: Database, position: number): void {
  db.prepare("UPDATE meta SET value = ? WHERE key = 'forgotten'").run(position)
}

/**
 * Deletes what was marked as forgotten, a little at each step; what is lasting stays. What is left
 * when the process ends goes with the next call.
 */
export function* deleteForgotten(db: Database, position: number): Generator<void> {
  yield* deletePlaces(db, position)
  yield* deleteEntries(db, position)
}

/** Notes how far it came, so that what stays is passed once, and not again at every call. */
function* deleteEntries(db: Database, position: number): Generator<void> {
  const next = db.prepare('SELECT min(position) AS position FROM entries WHERE position > ?')
  const drop = db.prepare(`
    DELETE FROM entries WHERE position > ? AND position <= ?
      AND NOT EXISTS (SELECT 1 FROM lasting WHERE lasting.position = entries.position)
  `)
  const note = db.prepare("UPDATE meta SET value = ? WHERE key = 'deleted'")
  let deleted = readMeta(db, 'deleted') ?? 0
  for (;;) {
    const first = next.get(deleted)?.position
    if (typeof first !== 'number' || first > position) return
    const end = Math.min(position, first + STEP_ROWS - 1)
    transact(db, () => {
      drop.run(deleted, end)
      note.run(end)
    })
    deleted = end
    yield
  }
}

function* deletePlaces(db: Database, position: number): Generator<void> {
  const nextStream = openStreams(db)
  const stepEnd = db.prepare(`
    SELECT position FROM places WHERE stream = ? AND position <= ?
    ORDER BY position LIMIT 1 OFFSET ?
  `)
  const drop = db.prepare('DELETE FROM places WHERE stream = ? AND position <= ?')
  let stream = nextStream('')
  while (stream !== undefined) {
    const end = stepEnd.get(stream, position, STEP_ROWS)?.position
    drop.run(stream, typeof end === 'number' ? end : position)
    if (typeof end !== 'number') stream = nextStream(stream)
    yield
  }
}

/** Gives the first stream after another that is not lasting. */
function openStreams(db: Database): (after: string) => string | undefined {
  // Places are in the order of streams: the next stream is one look into the index away.
  const later = db.prepare('SELECT min(stream) AS stream FROM places WHERE stream > ?')
  // Lasting streams stand together, and the first that can come after them is a quotation mark.
  const pastLasting = db.prepare("SELECT min(stream) AS stream FROM places WHERE stream >= '\"'")
  return (after) => {
    const next = later.get(after)?.stream
    const stream = typeof next === 'string' && isLasting(next) ? pastLasting.get()?.stream : next
    return typeof stream === 'string' ? stream : undefined
  }
}
