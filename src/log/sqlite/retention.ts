// What is dropped from a log on SQLite: old snapshots, and forgotten entries in small steps.

import { type Database, transact } from './driver.ts'
import type { Snapshot } from './messages.ts'

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

/** Declares everything up to `position` forgotten; from then on no read gives it. */
export function markForgotten(db: Database, position: number): void {
  db.prepare("UPDATE meta SET value = ? WHERE key = 'forgotten'").run(position)
}

/**
 * Deletes what was marked as forgotten, a little at each step. What is left when the process ends
 * goes with the next call.
 */
export function* deleteForgotten(db: Database, position: number): Generator<void> {
  yield* deletePlaces(db, position)
  const oldest = db.prepare('SELECT min(position) AS position FROM entries')
  const drop = db.prepare('DELETE FROM entries WHERE position <= ?')
  for (;;) {
    const first = oldest.get()?.position
    if (typeof first !== 'number' || first > position) return
    drop.run(Math.min(position, first + STEP_ROWS - 1))
    yield
  }
}

function* deletePlaces(db: Database, position: number): Generator<void> {
  // Places are in the order of streams: the next stream is one look into the index away.
  const nextStream = db.prepare('SELECT min(stream) AS stream FROM places WHERE stream > ?')
  const stepEnd = db.prepare(`
    SELECT position FROM places WHERE stream = ? AND position <= ?
    ORDER BY position LIMIT 1 OFFSET ?
  `)
  const drop = db.prepare('DELETE FROM places WHERE stream = ? AND position <= ?')
  let stream = nextStream.get('')?.stream
  while (typeof stream === 'string') {
    const end = stepEnd.get(stream, position, STEP_ROWS)?.position
    drop.run(stream, typeof end === 'number' ? end : position)
    if (typeof end !== 'number') stream = nextStream.get(stream)?.stream
    yield
  }
}
