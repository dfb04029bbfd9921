// For the tests of what agents read: messages and pages made by hand, and the plainest reader of envelopes.

import type { Piece, Viewer } from '../../src/doors/envelope.ts'
import type { Page } from '../../src/doors/reading.ts'

type Message = Extract<Piece, { readonly type: 'MSG' }>

export const me: Viewer = { id: '@f0ff50dacf109dea', name: 'bob' }

/** A message in #general at this position, but for what is changed. */
export function message(position: number, changed: Partial<Message> = {}): Message {
  return {
    type: 'MSG',
    ts: 1_795_518_162_123,
    from: '@0123456789abcdef',
    from_name: 'alice',
    to: '#general',
    content: 'hello',
    msg_id: `m${position}`,
    position,
    auth: 'v1',
    thread: `m${position}`,
    depth: 0,
    ...changed,
  }
}

/** A page about everything from 0 to `position`, but for what is changed. */
export function page(position: number, changed: Partial<Record<keyof Page, unknown>> = {}): Page {
  const empty = { addressed: [], answered: [], questions: [], threads: [], places: [], later: 0 }
  return { type: 'UNREAD_PAGE', ts: 0, after: 0, position, ...empty, ...changed } as Page
}

export interface Read {
  readonly id: string
  readonly header: string
  /** Its lines, without the marks before them. */
  readonly lines: readonly string[]
}

/** Whatever any reader takes for one, and more. */
const lineEnd = /\r\n|[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * Reads envelopes back: a header, then lines behind marks.
 *
 * @throws on a line that is neither
 */
export function parse(text: string): Read[] {
  const read: { id: string; header: string; lines: string[] }[] = []
  for (const line of text.split(lineEnd)) {
    const id = /^<<(\S+) [ -~]*>>$/.exec(line)?.[1]
    if (id !== undefined) read.push({ id, header: line, lines: [] })
    else if (line.startsWith('| ')) read.at(-1)?.lines.push(line.slice(2))
    else if (!/^\[\d+ of \d+ characters left out here; .*\]$/.test(line)) {
      throw new Error(`A line of nobody: ${JSON.stringify(line.slice(0, 80))}`)
    }
  }
  return read
}
