// Reading what was kept from SQLite: pages and counts of streams, single pieces, and the place of a time.

import { countNews, findNews, readPage, type Shelf } from '../pages.ts'
import { type CountQuery, isLasting, type Page, type PagedNews, type PageQuery } from '../port.ts'
import type { Database, Row } from './driver.ts'
import type { Piece } from './messages.ts'

export interface History {
  page(query: PageQuery): Page
  count(query: CountQuery): readonly number[]
  find(piece: Piece): PagedNews | undefined
  positionAt(now: number): number
}

/** Prepares the reads. `marks` are read anew at every question, for they move. */
export function openHistory(
  db: Database,
  marks: { readonly forgotten: number; readonly last: number },
): History {
  const shelf = openShelf(db, marks)
  const firstFrom = db.prepare(
    'SELECT position, now FROM entries WHERE position >= ? ORDER BY position LIMIT 1',
  )
  return {
    page: (query) => readPage(shelf, query),
    count: (query) => countNews(shelf, query),
    find: ({ stream, position }) => findNews(shelf, stream, position),
    positionAt(now) {
      // Time rises with the position, so halving finds the place without an index on time.
      let low = marks.forgotten + 1
      let high = marks.last + 1
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        const entry = firstFrom.get(middle)
        if (entry === undefined || Number(entry.now) >= now) high = middle
        else low = Number(entry.position) + 1
      }
      return low
    },
  }
}

function openShelf(db: Database, marks: { readonly forgotten: number }): Shelf {
  const span = 'FROM places WHERE stream = ? AND position > ? AND position < ?'
  const upwards = db.prepare(`SELECT position ${span} ORDER BY position LIMIT ?`)
  const downwards = db.prepare(`SELECT position ${span} ORDER BY position DESC LIMIT ?`)
  const all = db.prepare(`SELECT count(*) AS count ${span}`)
  // IS NOT, for what nobody said has no author and is not said by this one.
  const others = db.prepare(`SELECT count(*) AS count ${span} AND author IS NOT ?`)
  const news = db.prepare('SELECT news FROM entries WHERE position = ? AND news IS NOT NULL')
  return {
    forgottenIn: (stream) => (isLasting(stream) ? 0 : marks.forgotten),
    positions({ stream, low, high, count, ascending }) {
      const statement = ascending ? upwards : downwards
      return statement.all(stream, low, high, count).map(toPosition)
    },
    count({ stream, low, high, notBy }) {
      const row =
        notBy === undefined ? all.get(stream, low, high) : others.get(stream, low, high, notBy)
      return Number(row?.count)
    },
    news(position) {
      const row = news.get(position)
      return row === undefined ? undefined : String(row.news)
    },
  }
}

function toPosition(row: Row): number {
  return Number(row.position)
}
