// News of proposals: what is told of them, live or once more, and hearing it piece by piece.

import type { AgentChat } from '../client/chat.ts'
import type { Heard } from '../protocol/frames.ts'
import { type KeptType, keptTypes } from '../protocol/kept.ts'

export type NewsType = Exclude<KeptType, 'MSG'> | 'OFFER_CLOSED'

const newsTypes: readonly NewsType[] = [
  ...keptTypes.filter((type) => type !== 'MSG'),
  'OFFER_CLOSED',
]

/** One piece of news, as it came. */
export type ProposalNews = Heard<NewsType>

/** Whether a frame, such as one of a chain, is news of a proposal. */
export function isNews(frame: { readonly type: string }): frame is ProposalNews {
  return newsTypes.some((type) => type === frame.type)
}

/** Who has done what is told; undefined for time, and for what names nobody. */
export function actorOf(news: ProposalNews): string | undefined {
  if (news.type === 'PROPOSAL') return news.from
  return 'by' in news ? news.by : undefined
}

/** Listens to the news of all proposals. @returns what ends it */
export function onNews(chat: AgentChat, hear: (news: ProposalNews) => void): () => void {
  const offs = newsTypes.map((type) => chat.on<NewsType>(type, hear))
  return () => {
    for (const off of offs) off()
  }
}

/**
 * News from now on, one after the other: what comes before it is read waits. Ends by the signal, and with the
 * connection.
 */
export function hearNews(chat: AgentChat, signal: AbortSignal): AsyncGenerator<ProposalNews, void> {
  const waiting: ProposalNews[] = []
  let isOver = false
  let wake = () => {}
  const offNews = onNews(chat, (news) => {
    waiting.push(news)
    wake()
  })
  const offState = chat.onState(({ state }) => state === 'closed' && end())
  // Not only when reading ends: it may never have begun.
  const end = () => {
    isOver = true
    offNews()
    offState()
    signal.removeEventListener('abort', end)
    wake()
  }
  signal.addEventListener('abort', end)
  if (signal.aborted) end()

  async function* read(): AsyncGenerator<ProposalNews, void> {
    try {
      for (;;) {
        const news = waiting.shift()
        if (news !== undefined) yield news
        else if (isOver) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      end()
    }
  }
  return read()
}
