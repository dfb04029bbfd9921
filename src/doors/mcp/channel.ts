// Claude Code's channels: what concerns the agent goes into its session, once for each batch.

import type { AgentChat } from '../../client/chat.ts'
import { verifyMessage } from '../../client/verifying.ts'
import type { Heard } from '../../protocol/frames.ts'
import { Wakes, type Work } from '../waking.ts'
import { enveloped } from './said.ts'

/** `params` of `notifications/claude/channel`. Keys of `meta` are letters, digits and underscores: others are dropped. */
export interface Push {
  readonly content: string
  readonly meta: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const wakeOn = ['mention', 'dm', 'question'] as const
/** What one push may cost; the rest is in the inbox. */
const mostCharacters = 6_000

/**
 * Pushes from now on. It moves no cursor: that a push was sent does not mean that anybody saw it.
 *
 * @returns what ends it
 */
export function pushToClaude(chat: AgentChat, push: (params: Push) => void): () => void {
  const wakes = new Wakes(chat, wakeOn)
  const go = async () => {
    for (;;) {
      const { items, left } = await wakes.next()
      if (items.length > 0) push(pushOf(chat, items, left))
    }
  }
  go().catch(() => {}) // it ends with the connection, or when it is closed
  return () => wakes.close()
}

/** What is pushed of a batch. Only those who have proved a key are let speak; others are counted. */
function pushOf(chat: AgentChat, items: readonly Work[], leftBehind = 0): Push {
  const said = items.filter((item) => item.type === 'MSG').filter(({ auth }) => auth !== 'anon')
  const shown: Heard<'MSG'>[] = []
  const texts: string[] = []
  let room = mostCharacters
  for (const message of said) {
    const text = withoutTags(enveloped(chat, message))
    room -= text.length
    if (room < 0) break
    texts.push(text)
    shown.push(message)
  }
  const left = items.length - shown.length + leftBehind
  if (left > 0) texts.push(`${left} more: call the tool inbox.`)
  return { content: texts.join('\n'), meta: metaOf(chat, items, shown.at(-1)) }
}

/** The session shows a push as the body of a tag, which nothing in it may close or open. */
function withoutTags(text: string): string {
  return text.replace(/<(?=\s*\/?\s*channel)/gi, '&lt;')
}

function metaOf(
  chat: AgentChat,
  items: readonly Work[],
  newest: Heard<'MSG'> | undefined,
): Push['meta'] {
  const position = String(items.at(-1)?.position ?? 0)
  const count = String(items.length)
  if (newest === undefined) return { position, count }
  const { to, from, from_name: name, msg_id, expects, depth } = newest
  return {
    room: to.startsWith('#') ? to.slice(1) : 'dm',
    from,
    from_name: name,
    msg_id,
    position,
    verified: verifyMessage(newest, { serverName: chat.serverName }).status,
    ...(expects && { expects }),
    ...(depth !== undefined && { depth: String(depth) }),
    count,
  }
}
