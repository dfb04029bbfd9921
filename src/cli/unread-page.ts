// A page of what is unread: messages, then news of proposals, as much as there is room for, in the order of the log.

import type { Output, Room, Row } from './output.ts'

/** Where something stands in the log, and what it is. */
export interface Told {
  readonly kind: 'message' | 'news'
  readonly position: number | undefined
  /** Said or done by the agent itself: it knows. */
  readonly isOwn: boolean
}

export class UnreadPage {
  /** How many pieces are on it. */
  count = 0
  /** How many did not fit. */
  left = 0
  /** Everything up to here is on it, or is the agent's own. */
  next: number
  private readonly output: Output
  private readonly room: Room
  private readonly read: number
  private readonly rows: { readonly [K in Told['kind']]: Row[] } = { message: [], news: [] }

  /** @param read a position up to which all was read before */
  constructor(output: Output, { limit, read }: { readonly limit: number; readonly read: number }) {
    this.output = output
    this.room = output.room(limit)
    this.read = read
    this.next = read
  }

  /** Takes what is told, in the order of the log. Once something did not fit, nothing after it does. */
  take({ kind, position, isOwn }: Told, toRow: () => Row): void {
    if ((position ?? 0) <= this.read || (isOwn && this.left > 0)) return
    const row = isOwn || this.left > 0 ? undefined : toRow()
    if (!isOwn && !(row && this.room.takes(row))) {
      this.left += 1
      return
    }
    this.next = position ?? this.next
    if (!row) return
    this.rows[kind].push(row)
    this.count += 1
  }

  print(): void {
    for (const { frame, text } of [...this.rows.message, ...this.rows.news]) {
      this.output.print(frame, text)
    }
  }
}
