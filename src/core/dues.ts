// Lists of what time will do: each due by when and by what, the soonest first.

/** Milliseconds since 1970, and the id of what is due then. A due is in its list once. */
export type Dues = [until: number, id: string][]

/** Has something become due. @param until null for what time does not end */
export function addDue(dues: Dues, until: number | null, id: string): void {
  if (until !== null) dues.splice(placeOf(dues, until, id), 0, [until, id])
}

/** Takes a due back that was added with the same two. */
export function removeDue(dues: Dues, until: number | null, id: string): void {
  if (until === null) return
  const place = placeOf(dues, until, id)
  if (dues[place]?.[1] === id) dues.splice(place, 1)
}

/** When the first is due; infinity when there is none. */
export function firstDue(dues: Readonly<Dues>): number {
  return dues[0]?.[0] ?? Infinity
}

/** What is due now, the soonest first. */
export function dueNow(dues: Readonly<Dues>, now: number, most: number): string[] {
  const end = dues.findIndex(([until]) => until > now)
  return dues.slice(0, end === -1 ? most : Math.min(end, most)).map(([, id]) => id)
}

/** Whole milliseconds after which something is due, for who counts them from when it is told. */
export function waitFor(until: number, now: number): number {
  // Moments have fractions, which tell apart what fell into one millisecond; clocks outside have none.
  return Math.ceil(until) - Math.floor(now)
}

/** Where a due stands, or would stand, in the order of times and ids. */
function placeOf(dues: Readonly<Dues>, until: number, id: string): number {
  let low = 0
  let high = dues.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const [time, other] = dues[middle] ?? [Infinity, '']
    if (time < until || (time === until && other < id)) low = middle + 1
    else high = middle
  }
  return low
}
