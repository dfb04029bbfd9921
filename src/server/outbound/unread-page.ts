// Reads what matters among the unread out of the log, and counts the rest.

import type { Outcome, Reading } from '../../core/context.ts'
import type { Log, Page, StreamQuery } from '../../log/port.ts'
import { encode } from '../../protocol/encode.ts'
import type { TellFields } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'

type UnreadReading = Reading & { readonly shape: 'unread' }
type Piece = TellFields<'UNREAD_PAGE'>['addressed'][number] & {
  readonly from?: string
  readonly by?: string
  readonly position?: number
  readonly msg_id?: string
}

/** Questions and threads are told as far as so many bytes go; all of them are counted. */
const sideBytes = 65_536

/** The answer to UNREAD, and the position up to which it is about everything. */
export async function unreadPage(
  log: Log<Outcome>,
  reading: UnreadReading,
): Promise<{ readonly text: string; readonly position: number }> {
  const { streams, before, after, limit, agent } = reading
  const page = await log.page({
    streams,
    from: 'earliest',
    before,
    limit,
    maxBytes: limits.page_bytes,
  })
  const position = page.more ? (page.items.at(-1)?.position ?? after) : before - 1
  const [questions, threads, counts, later] = await Promise.all([
    sidePage(log, reading.questions, { position, limit }),
    sidePage(log, reading.threads, { position, limit }),
    log.count({ streams: reading.channels, before: position + 1, notBy: agent }),
    laterThan(log, reading, position),
  ])
  const addressed = othersIn(page, agent, new Set())
  const shown = new Set(addressed.map((piece) => piece.msg_id))
  const known = new Set(addressed.map((piece) => piece.position))
  const asked = othersIn(questions, agent, known)
  for (const piece of asked) known.add(piece.position)
  const fields = {
    after,
    position,
    addressed,
    answered: reading.answered.filter(({ msg_id }) => shown.has(msg_id)),
    questions: asked,
    threads: othersIn(threads, agent, known),
    places: reading.channels.flatMap(({ channel }, index) => {
      const unread = counts[index] ?? 0
      return unread > 0 ? [{ channel, unread }] : []
    }),
    later,
    ...(page.forgotten > after && { forgotten: page.forgotten }),
  }
  return { text: encode('UNREAD_PAGE', reading.now, fields, reading.ref), position }
}

function sidePage(
  log: Log<Outcome>,
  streams: readonly StreamQuery[],
  { position, limit }: { readonly position: number; readonly limit: number },
): Promise<Page> {
  return log.page({
    streams,
    from: 'earliest',
    before: position + 1,
    limit,
    maxBytes: sideBytes,
  })
}

/** What others have said after a position: in the channels, and to the agent alone. */
async function laterThan(
  log: Log<Outcome>,
  { agent, channels, end }: UnreadReading,
  position: number,
): Promise<number> {
  if (position + 1 >= end) return 0
  const inbox = { stream: agent, after: position }
  const streams = channels.map(({ stream, after }) => ({
    stream,
    after: Math.max(after, position),
  }))
  const counts = await log.count({ streams: [inbox, ...streams], before: end, notBy: agent })
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The pieces that others have made, and that are not known yet. */
function othersIn(page: Page, agent: string, known: ReadonlySet<number | undefined>): Piece[] {
  const pieces = page.items.map(({ news }) => JSON.parse(news) as Piece) // as the core told it
  return pieces.filter(({ from, by = from, position }) => by !== agent && !known.has(position))
}
