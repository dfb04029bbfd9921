// `agentchat unread`: what the cursor has not passed. Looking moves nothing; `--ack` moves it past what was printed.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, value } from '../command.ts'
import { forgottenText, throwEnding, withChat } from '../connect.ts'
import { messageRows } from '../messages.ts'
import { parseCount, parsePosition } from '../values.ts'

const defaultLimit = 50
/** Messages that are read only to count what is left. */
const mostCounted = 1_000

const ackDoc =
  'count as read what is printed now; with a position, only what is up to there (END.next of the call before)'

export const unread = command({
  args: '',
  doc: 'Print what you have not read, oldest first, without your own messages. Changes nothing unless --ack is given.',
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
  const room = output.room(limit)
  const toRow = messageRows(chat, output)
  const read = chat.cursor ?? 0
  let [count, left, next] = [0, 0, read]
  const until = AbortSignal.any([signal, caughtUp.signal])
  for await (const message of chat.messages({ own: true, signal: until })) {
    const isOwn = message.from === chat.id
    if ((message.position ?? 0) <= read) continue
    const row = toRow(message)
    if (left > 0 || !(isOwn || room.takes(row))) {
      if (!isOwn) left += 1
      if (left > mostCounted) return { count, next, left: null }
      continue
    }
    next = message.position ?? next
    if (isOwn) continue
    output.print(row.frame, row.text)
    count += 1
  }
  signal.throwIfAborted()
  const { position, forgotten } = caughtUp.reached() ?? (await throwEnding(chat, signal))
  const end = Math.max(next, position, forgotten ?? 0)
  return { count, next: left > 0 ? next : end, left, forgotten }
}

/** Whether, and up to where, everything that was missed has been told. */
function untilCaughtUp(chat: AgentChat) {
  const controller = new AbortController()
  let reached: { readonly position: number; readonly forgotten?: number } | undefined
  chat.onState((state) => {
    if (state.state !== 'resumed') return
    reached = state
    controller.abort()
  })
  return { signal: controller.signal, reached: () => reached }
}
