// Pages and counts of history out of many streams, as both adapters make them.

import type { CountQuery, Page, PagedNews, PageQuery } from './port.ts'

/** Positions of one stream between `low` and `high`, both exclusive; at most `count` of them. */
export interface Stretch {
  readonly stream: string
  readonly low: number
  readonly high: number
  readonly count: number
  /** True to read from `low` upwards, false to read from `high` downwards. */
  readonly ascending: boolean
}

/** A part of one stream between `low` and `high`, both exclusive, without what `notBy` said. */
export interface Span {
  readonly stream: string
  readonly low: number
  readonly high: number
  readonly notBy: string | undefined
}

/** Where the pages are read from. */
export interface Shelf {
  /** Positions of a stretch, in the direction of reading. */
  positions(stretch: Stretch): readonly number[]
  /** How many positions there are in a span. */
  count(span: Span): number
  /** The news kept at a position. */
  news(position: number): string | undefined
  /** Of a stream nothing at or before this is given any more; 0 when nothing is forgotten. */
  forgottenIn(stream: string): number
}

/** Reads one page. It costs one look per stream, and holds no more positions than the limit. */
export function readPage(shelf: Shelf, query: PageQuery): Page {
  const ascending = query.from === 'earliest'
  const limit = Math.max(0, query.limit)
  // One more than the page holds tells whether there is more to read.
  const chosen = choosePositions(shelf, query, limit + 1)
  const items: PagedNews[] = []
  let more = chosen.length > limit
  let bytes = 0
  for (const position of chosen.slice(0, limit)) {
    const news = shelf.news(position)
    if (news === undefined) continue
    bytes += Buffer.byteLength(news)
    if (items.length > 0 && bytes > query.maxBytes) {
      more = true
      break
    }
    items.push({ position, news })
  }
  const forgotten = Math.max(0, ...query.streams.map(({ stream }) => shelf.forgottenIn(stream)))
  return { items: ascending ? items : items.reverse(), more, forgotten }
}

/** Counts what stands in each stream, in the order asked. */
export function countNews(shelf: Shelf, query: CountQuery): readonly number[] {
  const { notBy, before: high = Number.MAX_SAFE_INTEGER } = query
  return query.streams.map(({ stream, after }) => {
    const low = Math.max(after, shelf.forgottenIn(stream))
    return shelf.count({ stream, low, high, notBy })
  })
}

/** Finds one piece of news where it stands in a stream. */
export function findNews(shelf: Shelf, stream: string, position: number): PagedNews | undefined {
  const around = { low: position - 1, high: position + 1, count: 1, ascending: true }
  if (position <= shelf.forgottenIn(stream)) return undefined
  if (shelf.positions({ stream, ...around }).length === 0) return undefined
  const news = shelf.news(position)
  return news === undefined ? undefined : { position, news }
}

function choosePositions(shelf: Shelf, query: PageQuery, count: number): readonly number[] {
  const ascending = query.from === 'earliest'
  let low = 0
  let high = query.before ?? Number.MAX_SAFE_INTEGER
  let chosen: readonly number[] = []
  for (const { stream, after } of query.streams) {
    const start = Math.max(low, after, shelf.forgottenIn(stream))
    const found = shelf.positions({ stream, low: start, high, count, ascending })
    chosen = merge(chosen, found, { count, ascending })
    const last = chosen[count - 1]
    // With a full page, the streams to come matter only where they are nearer than its end.
    if (last !== undefined && ascending) high = last
    if (last !== undefined && !ascending) low = last
  }
  return chosen
}

/** Merges two lists in the direction of reading into the first `count` of both, each once. */
function merge(
  left: readonly number[],
  right: readonly number[],
  { count, ascending }: { count: number; ascending: boolean },
): readonly number[] {
  if (left.length === 0) return right
  if (right.length === 0) return left
  const none = ascending ? Infinity : -Infinity
  const merged: number[] = []
  let l = 0
  let r = 0
  while (merged.length < count) {
    const a = left[l] ?? none
    const b = right[r] ?? none
    const next = ascending ? Math.min(a, b) : Math.max(a, b)
    if (next === none) break
    merged.push(next)
    if (a === next) l += 1
    if (b === next) r += 1
  }
  return merged
}
