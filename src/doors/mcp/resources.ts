// What clients may read and be told of: the inbox, and the transcripts of channels.

import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import type { AgentChat } from '../../client/chat.ts'
import { type KeptType, keptTypes } from '../../protocol/kept.ts'
import { readUnread } from '../reading.ts'
import { concerns, type Work, wakeWords } from '../waking.ts'
import { transcript } from './transcript.ts'

const inboxUri = 'agentchat://inbox'
const mimeType = 'text/plain'
const inboxTokens = 1_500
const transcriptMessages = 50
/** News so soon after other news is told with it. */
const settleMs = 200

/** The transcript of a channel: `agentchat://channel/general`. */
function channelUri(channel: string): string {
  return `agentchat://channel/${channel.replace(/^#/, '')}`
}

/** Gives a server its resources. */
export function addResources(
  server: McpServer,
  { chat }: { readonly chat: () => Promise<AgentChat> },
): void {
  server.registerResource(
    'inbox',
    inboxUri,
    { description: 'What you have not handled, in a budget.', mimeType },
    async () => {
      const { text } = await readUnread(await chat(), { budgetTokens: inboxTokens })
      return { contents: [{ uri: inboxUri, mimeType, text }] }
    },
  )
  const list = async () => {
    const { channels } = await chat()
    return {
      resources: channels.map((name) => ({ uri: channelUri(name), name, mimeType })),
    }
  }
  server.registerResource(
    'channel',
    new ResourceTemplate('agentchat://channel/{name}', { list }),
    { description: 'What was said in a channel, the newest.', mimeType },
    async (uri, { name }) => {
      const target = `#${decodeURIComponent(String(name)).replace(/^#/, '')}`
      const fields = { target, limit: transcriptMessages }
      const { text } = await transcript(await chat(), fields)
      return { contents: [{ uri: uri.href, mimeType, text }] }
    },
  )
}

/** Keeps what a client of the older era subscribes to. */
export function keepSubscriptions({ server }: McpServer, subscribed: Set<string>): void {
  server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscribed.add(params.uri)
    return {}
  })
  server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscribed.delete(params.uri)
    return {}
  })
}

/**
 * Tells which resources have changed, once for all that comes together.
 *
 * @returns what ends the telling
 */
export function resourceNews(chat: AgentChat, tell: (uri: string) => void): () => void {
  const changed = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    for (const uri of changed) tell(uri)
    changed.clear()
  }
  const hear = (piece: Work) => {
    if (concerns(piece, { id: chat.id, on: new Set(wakeWords) })) changed.add(inboxUri)
    if (piece.type === 'MSG' && piece.to.startsWith('#')) changed.add(channelUri(piece.to))
    if (changed.size > 0) timer ??= setTimeout(flush, settleMs)
  }
  const offs = keptTypes.map((type) => chat.on<KeptType>(type, hear))
  return () => {
    clearTimeout(timer)
    for (const off of offs) off()
  }
}
