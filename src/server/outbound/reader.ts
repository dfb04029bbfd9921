// Reads from the log for a session: history after a join, pages, and what was missed.

import type { Outcome, Reading } from '../../core/context.ts'
import type { Log, Page } from '../../log/port.ts'
import { asReplay, encode } from '../../protocol/encode.ts'
import { limits } from '../../protocol/limits.ts'
import type { Report } from '../report.ts'
import type { ServerIdentity } from '../server-key.ts'
import { frameText } from './framing.ts'
import type { Outbox } from './outbox.ts'
import type { Outlet } from './outlet.ts'
import { sealedChain } from './sealing.ts'

interface ReaderParts {
  readonly log: Log<Outcome>
  readonly outbox: Outbox
  readonly report: Report
  readonly identity: ServerIdentity
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
      const page = await this.parts.log.page({
        streams: reading.streams,
        from: reading.shape === 'page' ? reading.from : fromOf[reading.shape],
        limit: reading.limit,
        maxBytes: reading.shape === 'chain' ? limits.chain_bytes : limits.page_bytes,
        ...('before' in reading && { before: reading.before }),
      })
      const told = isAnswer(reading) ? [] : page.items
      fill({
        bytes: Buffer.concat(this.framesOf(reading, page)),
        positions: new Set(told.map(({ position }) => position)),
        ...(reading.shape === 'resume' && { withholding: page.more }),
      })
    } catch (fault) {
      this.parts.report('fault', { type: reading.shape, stack: String(fault) })
      outlet.close('FAULT')
    }
  }

  private framesOf(reading: Reading, page: Page): Buffer[] {
    if (reading.shape === 'page') return [frameText(historyPage(reading, page))]
    if (reading.shape === 'chain') {
      return [frameText(sealedChain(reading, page, this.parts.identity))]
    }
    const frames = page.items.map(({ news }) => frameText(asReplay(news)))
    if (reading.shape === 'resume') frames.push(frameText(resumed(reading, page)))
    return frames
  }
}

const fromOf = { replay: 'latest', resume: 'earliest', chain: 'earliest' } as const

/** What is read goes into one answer, and is not told piece by piece. */
function isAnswer({ shape }: Reading): boolean {
  return shape === 'page' || shape === 'chain'
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
