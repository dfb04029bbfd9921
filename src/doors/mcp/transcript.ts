// What was said in one place, the newest that there is room for, with what has become of the reader's own.

import type { AgentChat } from '../../client/chat.ts'
import type { Frame } from '../../client/options.ts'
import type { AskFields } from '../../protocol/frames.ts'
import { ladderFacts, laddersOf, ladderText } from './ladders.ts'
import { factsOf, newestOf } from './said.ts'
import type { Outcome } from './tool.ts'

const mostCharacters = 8_000

/**
 * Reads a page of history. One message, asked for alone, comes whole.
 *
 * @throws as `AgentChat.request` does
 */
export async function transcript(
  chat: AgentChat,
  fields: AskFields<'HISTORY'>,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { target, messages, forgotten } = await chat.request('HISTORY', fields, { signal })
  const room = fields.limit === 1 ? Number.MAX_SAFE_INTEGER : mostCharacters
  const shown = newestOf(chat, messages, room)
  const own = shown.messages.flatMap(({ from, msg_id: id }) => (from === chat.id ? id : []))
  const ladders = own.length === 0 ? [] : await laddersOf(chat, { ids: own, signal })
  const isMore = shown.left > 0 || messages.length === fields.limit
  const before = isMore ? shown.messages[0]?.position : undefined
  const facts = {
    where: target,
    frames: shown.messages.map((message) => factsOf(message as Frame & typeof message)),
    ladders: ladders.map(ladderFacts),
    before,
    forgotten,
  }
  if (shown.messages.length === 0) return { text: `Nothing was said in ${target}.`, facts }
  const older = before === undefined ? [] : [`Older: before ${before}.`]
  return { text: [shown.text, ...ladders.map(ladderText), ...older].join('\n'), facts }
}
