// `agentchat unread`: what the cursor has not passed. Looking moves nothing; `--ack` moves it past what was printed.

import type { AgentChat } from '../../client/chat.ts'
import type { Frame } from '../../client/options.ts'
import { actorOf } from '../../doors/proposal-news.ts'
import { leastBudgetTokens, readUnread } from '../../doors/reading.ts'
import { command, type Run, value } from '../command.ts'
import { forgottenText, throwEnding, withChat } from '../connect.ts'
import { wrongUsage } from '../failure.ts'
import { checkedAloud, messageRows } from '../messages.ts'
import type { Row } from '../output.ts'
import { onNews } from '../proposal-news.ts'
import { newsText } from '../proposal-texts.ts'
import { jsonLines } from '../reading-lines.ts'
import type { Message } from '../render.ts'
import { type Told, UnreadPage } from '../unread-page.ts'
import { parseAtLeast, parseCount, parsePosition } from '../values.ts'

const defaultLimit = 50
/** Pieces that are read only to count what is left. */
const mostCounted = 1_000

const mostBudgetTokens = 100_000

const budgetDoc =
  'print no more than this (a token is 4 characters): what is for you, then questions, then your threads; the rest is counted. --text gives it as a model reads it best'
const ackDoc =
  'count as read what is printed now; with a position, only what is up to there (END.next of the call before)'

export const unread = command({
  args: '',
  doc: 'Print what you have not read, without your own: messages, oldest first, then news of proposals, as the server tells it (proposals show checks it). Changes nothing unless --ack is given.',
  flags: {
    budget: value('TOKENS', budgetDoc, parseAtLeast(leastBudgetTokens, mostBudgetTokens)),
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(mostCounted)),
    ack: value('[POSITION]', ackDoc, parseAck),
  },
  examples: [
    'agentchat unread',
    'agentchat unread --budget 1500 --text',
    'agentchat unread --ack 0',
    'agentchat unread --ack',
  ],
  async run(run, { budget, limit, ack }) {
    if (budget === undefined) return await listUnread(run, { limit, ack })
    if (limit === undefined) return await readWithin(run, { budget, ack })
    throw wrongUsage('--budget and --limit bound the same.', 'Leave one of them out.')
  },
})

type Ack = 'printed' | number | undefined

/** Everything in its order, as much as there is room for. */
async function listUnread(
  run: Run,
  { limit = defaultLimit, ack }: { readonly limit: number | undefined; readonly ack: Ack },
): Promise<void> {
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
}

/** What matters first, within a budget of tokens for all that is printed. */
async function readWithin(
  run: Run,
  { budget, ack }: { readonly budget: number; readonly ack: Ack },
): Promise<void> {
  const { output, signal } = run
  const form = output.json ? jsonLines : undefined
  const after = typeof ack === 'number' ? ack : undefined
  await withChat(run, { keyFor: 'Reading what is unread', shared: true }, async (chat) => {
    const { text, items, next } = await readUnread(chat, {
      budgetTokens: budget,
      after,
      form,
      signal,
    })
    output.write(`${text}\n`)
    for (const item of items) if (isMessage(item)) checkedAloud(item, chat, output)
    if (ack !== undefined) await chat.ack(ack === 'printed' ? next : ack, run)
  })
}

function parseAck(text: string): 'printed' | number {
  return text === 'true' ? 'printed' : parsePosition(text)
}

function isMessage(frame: Frame): frame is Frame & Message {
  return frame.type === 'MSG'
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
