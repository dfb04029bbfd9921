// Hearing the news of proposals, piece by piece, as long as a connection lasts.

import type { AgentChat } from '../client/chat.ts'
import { type NewsType, newsTypes, type ProposalNews } from '../doors/proposal-news.ts'

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
