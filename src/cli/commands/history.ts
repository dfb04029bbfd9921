// `agentchat history`: reads back what was said in one place.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, readWord, value } from '../command.ts'
import { enterAsGuest, withChat } from '../connect.ts'
import { wrongUsage } from '../failure.ts'
import { messageRows } from '../messages.ts'
import { fitting } from '../output.ts'
import { positionOf, probeOf } from '../pages.ts'
import { parseCount, parsePosition, parseSince, parseTarget } from '../values.ts'

const defaultLimit = 50
const mostAtOnce = 200

export const history = command({
  args: '<where>',
  doc: 'Read back what was said in a channel or with an agent: the newest, or from a place on.',
  flags: {
    since: value('WHEN', 'after a position, or from a time or a duration back', parseSince),
    before: value('POSITION', 'before a position', parsePosition),
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(mostAtOnce)),
  },
  examples: ["agentchat history '#general'", "agentchat history '#general' --since 10m --limit 20"],
  async run(run, { since, before, limit = defaultLimit }) {
    if (since !== undefined && before !== undefined) {
      throw wrongUsage('--since reads forwards, --before backwards.', 'Give one of them.')
    }
    const target = readWord(parseTarget, run.args[0] ?? '')
    // Where a time is cannot be found without the newest position, which a login tells.
    const shared = since === undefined || 'position' in since
    await withChat(run, { shared }, async (chat, link) => {
      await enterAsGuest(link, target)
      const probe = probeOf(chat, target, run.signal)
      const after = since && (await positionOf(since, chat.position, probe))
      await printPage(run, chat, { target, after, before, limit })
    })
  },
})

interface Part {
  readonly target: string
  readonly after: number | undefined
  readonly before: number | undefined
  readonly limit: number
}

async function printPage({ output, signal }: Run, chat: AgentChat, part: Part): Promise<void> {
  const { target, limit, after, before } = part
  const page = await chat.history(target, { after, before, limit, signal })
  const rows = page.messages.map(messageRows(chat, output))
  const forwards = after !== undefined
  const wanted = fitting(output.room(limit), forwards ? rows : rows.toReversed())
  const shown = forwards ? wanted : wanted.toReversed()
  for (const { frame, text } of shown) output.print(frame, text)

  const edge = (forwards ? shown.at(-1) : shown[0])?.frame.position ?? null
  const next = shown.length < rows.length ? edge : page.next
  const flag = forwards ? '--since' : '--before'
  // Read from the newest back, the beginning is not missed before it is reached.
  const forgotten = forwards || next === null ? page.forgotten : undefined
  if (forgotten !== undefined)
    output.note(`The server has removed what was said up to position ${forgotten}.`)
  output.end(
    {
      count: shown.length,
      next,
      left: next === null ? 0 : null,
      truncated: next !== null,
      forgotten,
    },
    next === null ? undefined : `agentchat history '${target}' ${flag} ${next}`,
  )
}
