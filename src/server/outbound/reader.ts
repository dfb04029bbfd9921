// Reads from the log for a session: history after a join, pages, and what was missed.

import type { Outcome, Reading } from '../../core/context.ts'
import type { SessionId } from '../../core/entry.ts'
import type { Log, Page } from '../../log/port.ts'
import { asReplay, encode } from '../../protocol/encode.ts'
import type { TellFields } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import type { Report } from '../report.ts'
import type { ServerIdentity } from '../server-key.ts'
import { frameText } from './framing.ts'
import type { Outbox } from './outbox.ts'
import type { Filling, Outlet } from './outlet.ts'
import { sealedChain } from './sealing.ts'
import { unreadPage } from './unread-page.ts'

interface ReaderParts {
  readonly log: Log<Outcome>
  readonly outbox: Outbox
  readonly report: Report
  readonly identity: ServerIdentity
  /** Called when a session was told everything that is for its agent up to a position. */
  readonly onHeard: (session: SessionId, position: number) => void
}

export class Reader {
  private readonly parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.parts = parts
  }

  /** What the session would hear next waits until the log has answered. */
  read(reading: Reading): void {
    const outlet = this.parts.outbox.outlet(reading.session)
    if (!outlet) return
    void this.answer(outlet, reading)
  }

  private async answer(outlet: Outlet, reading: Reading): Promise<void> {
    const fill = outlet.reserve()
    try {
      const { heard, ...filling } = await this.fillingOf(reading)
      fill(filling)
      if (heard !== undefined) this.parts.onHeard(reading.session, heard)
    } catch (fault) {
      this.parts.report('fault', { type: reading.shape, stack: String(fault) })
      outlet.close('FAULT')
    }
  }

  private async fillingOf(reading: Reading): Promise<Filling & { readonly heard?: number }> {
    const { log } = this.parts
    if (reading.shape === 'unread') {
      const { text, position } = await unreadPage(log, reading)
      return { bytes: frameText(text), positions: new Set(), heard: position }
    }
    const page = await log.page({
      streams: reading.streams,
      from: reading.shape === 'page' ? reading.from : fromOf[reading.shape],
      limit: reading.limit,
      maxBytes: reading.shape === 'chain' ? limits.chain_bytes : limits.page_bytes,
      ...('before' in reading && { before: reading.before }),
    })
    const told = isAnswer(reading) ? [] : page.items
    const filling = {
      bytes: Buffer.concat(this.framesOf(reading, page)),
      positions: new Set(told.map(({ position }) => position)),
    }
    if (reading.shape !== 'resume') return filling
    const heard = page.more ? page.items.at(-1)?.position : reading.before - 1
    return { ...filling, withholding: page.more, ...(heard !== undefined && { heard }) }
  }

  private framesOf(reading: PagedReading, page: Page): Buffer[] {
    if (reading.shape === 'message') return [frameText(oneMessage(reading, page))]
    if (reading.shape === 'page') return [frameText(historyPage(reading, page))]
    if (reading.shape === 'chain') {
      return [frameText(sealedChain(reading, page, this.parts.identity))]
    }
    const frames = page.items.map(({ news }) => frameText(asReplay(news)))
    if (reading.shape === 'resume') frames.push(frameText(resumed(reading, page)))
    return frames
  }
}

/** A reading that one page of the log answers. */
type PagedReading = Exclude<Reading, { readonly shape: 'unread' }>

const fromOf = {
  replay: 'latest',
  resume: 'earliest',
  chain: 'earliest',
  message: 'earliest',
} as const

/** What is read goes into one answer, and is not told piece by piece. */
function isAnswer({ shape }: Reading): boolean {
  return shape !== 'replay' && shape !== 'resume'
}

function forgottenIn(page: Page, after: number): { forgotten?: number } {
  return page.forgotten > after ? { forgotten: page.forgotten } : {}
}

function resumed(reading: Reading & { shape: 'resume' }, page: Page): string {
  const position = page.items.at(-1)?.position ?? reading.after
  const count = page.items.length
  const fields = { position, count, more: page.more, ...forgottenIn(page, reading.after) }
  return encode('RESUMED', reading.now, fields, reading.ref)
}

/** The messages go in as the texts that they are stored as. */
function historyPage(reading: Reading & { shape: 'page' }, page: Page): string {
  const edge = reading.from === 'earliest' ? page.items.at(-1) : page.items[0]
  const next = page.more ? (edge?.position ?? null) : null
  const after = reading.streams[0]?.after ?? 0
  const head = encode(
    'HISTORY_PAGE',
    reading.now,
    { target: reading.target, messages: [], next, ...forgottenIn(page, after) },
    reading.ref,
  )
  const texts = page.items.map(({ news }) => news).join(',')
  return head.replace('"messages":[]', () => `"messages":[${texts}]`)
}

function oneMessage(reading: Reading & { shape: 'message' }, page: Page): string {
  const [item] = page.items
  const kept = item && (JSON.parse(item.news) as TellFields<'UNREAD_PAGE'>['addressed'][number]) // as it was told
  const message = kept?.type === 'MSG' ? kept : null
  return encode('MESSAGE', reading.now, { message }, reading.ref)
}
