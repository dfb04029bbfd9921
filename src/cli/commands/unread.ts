// `agentchat unread`: what the cursor has not passed. Looking moves nothing; `--ack` moves it past what was printed.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, value } from '../command.ts'
import { forgottenText, throwEnding, withChat } from '../connect.ts'
import { messageRows } from '../messages.ts'
import type { Row } from '../output.ts'
import { actorOf, onNews } from '../proposal-news.ts'
import { newsText } from '../proposal-texts.ts'
import type { Message } from '../render.ts'
import { type Told, UnreadPage } from '../unread-page.ts'
import { parseCount, parsePosition } from '../values.ts'

const defaultLimit = 50
/** Pieces that are read only to count what is left. */
const mostCounted = 1_000

const ackDoc =
  'count as read what is printed now; with a position, only what is up to there (END.next of the call before)'

export const unread = command({
  args: '',
  doc: 'Print what you have not read, without your own: messages, oldest first, then news of proposals, as the server tells it (proposals show checks it). Changes nothing unless --ack is given.',
  flags: {
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(mostCounted)),
    ack: value('[POSITION]', ackDoc, parseAck),
  },
  examples: ['agentchat unread', 'agentchat unread --ack 0', 'agentchat unread --ack'],
  async run(run, { limit = defaultLimit, ack }) {
    const resume = typeof ack === 'number' ? ack : true
    const errand = { keyFor: 'Reading what is unread', resume }
    await withChat(run, errand, async (chat) => {
      const { count, next, left, forgotten } = await printUnread(run, chat, limit)
      if (forgotten !== undefined) run.output.warn(forgottenText(forgotten))
      if (ack !== undefined) await chat.ack(ack === 'printed' ? next : ack, run)
      run.output.end(
        { count, next, left, truncated: left !== 0, forgotten },
        left === 0 ? undefined : `agentchat unread --ack ${next}`,
      )
    })
  },
})

function parseAck(text: string): 'printed' | number {
  return text === 'true' ? 'printed' : parsePosition(text)
}

interface Unread {
  readonly count: number
  /** Everything up to here was printed, or is the agent's own. */
  readonly next: number
  /** Null when they are too many to count. */
  readonly left: number | null
  /** Up to here the server has removed what may have been unread. */
  readonly forgotten?: number | undefined
}

/** Reads what the server tells from the cursor on until nothing is missing any more. */
async function printUnread(run: Run, chat: AgentChat, limit: number): Promise<Unread> {
  const { output, signal } = run
  const caughtUp = untilCaughtUp(chat)
  const page = new UnreadPage(output, { limit, read: chat.cursor ?? 0 })
  const toRow = messageRows(chat, output)
  const tooMany = new AbortController()
  hearAll(chat, toRow, (told, toRow) => {
    page.take(told, toRow)
    if (page.left > mostCounted) tooMany.abort()
  })
  await ended(AbortSignal.any([signal, caughtUp.signal, tooMany.signal]))
  signal.throwIfAborted()
  page.print()
  const { count, next, left } = page
  if (left > mostCounted) return { count, next, left: null }
  const { position, forgotten } = caughtUp.reached() ?? (await throwEnding(chat, signal))
  const end = Math.max(next, position, forgotten ?? 0)
  return { count, next: left > 0 ? next : end, left, forgotten }
}

function hearAll(
  chat: AgentChat,
  messageRow: (message: Message) => Row,
  hear: (told: Told, toRow: () => Row) => void,
): void {
  chat.on('MSG', (message) => {
    const { position, from } = message
    hear({ kind: 'message', position, isOwn: from === chat.id }, () => messageRow(message))
  })
  onNews(chat, (news) => {
    if (news.type === 'OFFER_CLOSED') return // a hint for who is there, kept for nobody
    const isOwn = actorOf(news) === chat.id
    const toRow = () => ({ frame: news, text: newsText(news, chat.id) })
    hear({ kind: 'news', position: news.position, isOwn }, toRow)
  })
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Whether, and up to where, everything that was missed has been told; aborted also when it never will be. */
function untilCaughtUp(chat: AgentChat) {
  const controller = new AbortController()
  let reached: { readonly position: number; readonly forgotten?: number } | undefined
  chat.onState((state) => {
    if (state.state === 'resumed') reached = state
    if (state.state === 'resumed' || state.state === 'closed') controller.abort()
  })
  return { signal: controller.signal, reached: () => reached }
}
