// The log of the core driver: a list of what was kept, and the plainest way to read it.

import type { Reading } from '../../src/core/context.ts'
import { asReplay, encode } from '../../src/protocol/encode.ts'

interface Kept {
  readonly position: number
  readonly streams: readonly string[]
  readonly news: string
}

export class Shelf {
  readonly kept: Kept[] = []

  find(stream: string, position: number): string | undefined {
    return this.kept.find((one) => one.position === position && one.streams.includes(stream))?.news
  }

  /** The frames that a reading brings, as texts. @param ts stamps the frame that ends it */
  read(reading: Reading, ts: number): string[] {
    const before = 'before' in reading ? (reading.before ?? Infinity) : Infinity
    const found = this.kept.filter(({ position, streams }) =>
      reading.streams.some(
        ({ stream, after }) => streams.includes(stream) && position > after && position < before,
      ),
    )
    const { limit, ref } = reading
    const more = found.length > limit
    if (reading.shape === 'replay') return found.slice(-limit).map(({ news }) => asReplay(news))
    if (reading.shape === 'resume') {
      const page = found.slice(0, limit)
      const position = page.at(-1)?.position ?? reading.after
      const end = encode('RESUMED', ts, { position, count: page.length, more }, ref)
      return [...page.map(({ news }) => asReplay(news)), end]
    }
    if (reading.shape === 'chain') {
      const chain = found.map(({ news }) => JSON.parse(news)) // written by the core
      const sealed = { server: 'core.test', server_key: 'x'.repeat(43), seal: 'x' }
      return [encode('PROPOSAL_CHAIN', ts, { proposal: reading.proposal, chain, ...sealed }, ref)]
    }
    const earliest = reading.from === 'earliest'
    const page = earliest ? found.slice(0, limit) : found.slice(-limit)
    const edge = earliest ? page.at(-1) : page[0]
    const messages = page.map(({ news }) => JSON.parse(news)) // written by the core
    const next = more ? (edge?.position ?? null) : null
    return [encode('HISTORY_PAGE', ts, { target: reading.target, messages, next }, ref)]
  }
}
