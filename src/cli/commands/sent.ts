// `agentchat sent`: what has become of what one sent.

import type { AgentChat } from '../../client/chat.ts'
import { plainLine } from '../../doors/plain.ts'
import type { Heard } from '../../protocol/frames.ts'
import { command, type Run, readWord, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { Deadline } from '../deadline.ts'
import { printList, type Row } from '../output.ts'
import { clockTime } from '../render.ts'
import { endStream } from '../stream-end.ts'
import { parseCount, parseDuration, parseMessageId } from '../values.ts'

type Ladder = Heard<'LADDERS'>['list'][number]

const defaultLimit = 50
const mostAtOnce = 200
const defaultWatchMs = 60_000

export const sent = command({
  args: '[msg_id]',
  doc: 'Show what has become of your messages to agents and of those that mention some: stored, delivered, read, claimed, answered, declined or expired, and why no further.',
  flags: {
    pending: toggle('only what nobody has answered'),
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(mostAtOnce)),
    watch: toggle('go on with what becomes of them, as it comes'),
    timeout: value('DUR', 'watch for so long (60s)', parseDuration),
  },
  examples: ['agentchat sent', 'agentchat sent --pending', 'agentchat sent m48217'],
  async run(run, { pending, limit = defaultLimit, watch = false, timeout = defaultWatchMs }) {
    const [id] = run.args
    const msg_id = id === undefined ? undefined : readWord(parseMessageId, id)
    const errand = { keyFor: 'Knowing what has become of messages', shared: !watch, stays: watch }
    await withChat(run, errand, async (chat) => {
      const watching = watch ? watchReceipts(run, chat, { timeoutMs: timeout, msg_id }) : undefined
      const { list } = await chat.request('LADDER', { msg_id, pending, limit }, run)
      const rows = list.map(rowOf)
      if (!watching) printList(run.output, rows, limit)
      else for (const { frame, text } of rows) run.output.print(frame, text)
      await watching
    })
  },
})

/** The newest first, as the server tells them. */
function rowOf(ladder: Ladder): Row {
  const { msg_id, to, agents, sent_at } = ladder
  const who = agents.map(
    ({ id, name, state, reason, words, answer }) =>
      `@${plainLine(name ?? id)} ${state}${answer ? ` by ${plainLine(answer)}` : ''}${reason ? ` (${plainLine(reason)})` : ''}${words ? `: ${plainLine(words)}` : ''}`,
  )
  const text = `${clockTime(sent_at)} ${plainLine(msg_id)} ${plainLine(to)}: ${who.join(', ') || 'nobody yet'}`
  return { frame: { type: 'LADDER', ...ladder }, text }
}

interface Watch {
  readonly timeoutMs: number
  /** Only of this message. */
  readonly msg_id: string | undefined
}

/** Prints receipts as they come, until the time is over. */
async function watchReceipts(run: Run, chat: AgentChat, { timeoutMs, msg_id }: Watch) {
  const deadline = new Deadline({ timeoutMs, idleMs: undefined, signal: run.signal })
  const tally = { count: 0, next: chat.position }
  const off = chat.on('RECEIPT', (receipt) => {
    if (msg_id !== undefined && !receipt.messages.includes(msg_id)) return
    const { messages, agent_name, state, reason } = receipt
    const why = reason === undefined ? '' : ` (${plainLine(reason)})`
    const text = `${messages.map(plainLine).join(' ')}: @${plainLine(agent_name)} ${state}${why}`
    run.output.print(receipt, text)
    tally.count += 1
  })
  await new Promise<void>((resolve) => {
    if (deadline.signal.aborted) resolve()
    deadline.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  off()
  deadline.stop()
  endStream(run, tally, deadline.reason ?? 'timeout')
}
