// The log of the core driver: a list of what was kept, and the plainest way to read it.

import type { Reading } from '../../src/core/context.ts'
import { asReplay, encode } from '../../src/protocol/encode.ts'
import type { TellFields } from '../../src/protocol/frames.ts'

interface Kept {
  readonly position: number
  readonly streams: readonly string[]
  readonly news: string
  readonly by?: string
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
    if (reading.shape === 'message') {
      const [item] = found
      const message = item ? JSON.parse(item.news) : null // written by the core
      return [encode('MESSAGE', ts, { message }, ref)]
    }
    if (reading.shape === 'unread') return [encode('UNREAD_PAGE', ts, this.unread(reading), ref)]
    const earliest = reading.from === 'earliest'
    const page = earliest ? found.slice(0, limit) : found.slice(-limit)
    const edge = earliest ? page.at(-1) : page[0]
    const messages = page.map(({ news }) => JSON.parse(news)) // written by the core
    const next = more ? (edge?.position ?? null) : null
    return [encode('HISTORY_PAGE', ts, { target: reading.target, messages, next }, ref)]
  }

  /** What UNREAD brings, where all of it fits. */
  private unread(reading: Reading & { readonly shape: 'unread' }): TellFields<'UNREAD_PAGE'> {
    const { agent, after, before } = reading
    const inside = (stream: { stream: string; after: number }) =>
      this.kept.filter(
        ({ position, streams, by }) =>
          streams.includes(stream.stream) &&
          position > stream.after &&
          position < before &&
          by !== agent,
      )
    const known = new Set<number>()
    const fresh = (streams: readonly { stream: string; after: number }[]) => {
      const all = [...new Set(streams.flatMap(inside))].filter(
        ({ position }) => !known.has(position),
      )
      for (const { position } of all) known.add(position)
      all.sort((one, other) => one.position - other.position)
      return all.map(({ news }) => JSON.parse(news)) // written by the core
    }
    return {
      after,
      position: before - 1,
      addressed: fresh(reading.streams),
      answered: [...reading.answered],
      questions: fresh(reading.questions),
      threads: fresh(reading.threads),
      places: reading.channels.flatMap(({ channel, ...stream }) => {
        const unread = inside(stream).length
        return unread > 0 ? [{ channel, unread }] : []
      }),
      later: 0,
    }
  }
}
