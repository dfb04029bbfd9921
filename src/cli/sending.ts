// What the commands that say something share: their flags, and what to do when others have spoken first.

import type { AgentChat } from '../client/chat.ts'
import { RefusedError } from '../client/errors.ts'
import type { SendOptions } from '../client/options.ts'
import { type Run, type Values, value } from './command.ts'
import { messageRows } from './messages.ts'
import { sentText } from './render.ts'
import {
  parseCid,
  parseCount,
  parseDuration,
  parsePosition,
  parseUsd,
  parseWord,
} from './values.ts'

const mostTokens = 999_999_999

/** Flags of every command that says something. */
export const sendingFlags = {
  expects: value(
    'WHAT',
    'reply: somebody should answer; none: wakes nobody',
    parseWord('reply', 'none'),
  ),
  ifUnseenAfter: value(
    'POSITION',
    'say nothing if others have spoken since, and print what they said',
    parsePosition,
  ),
  fence: value('NUMBER', 'say nothing unless this claim of yours still holds', parsePosition),
  ttl: value('DUR', 'an answer comes too late after this', parseDuration),
  tokens: value(
    'N',
    'model tokens that this has cost you, for the accounts',
    parseCount(mostTokens),
  ),
  cost: value('USD', 'what this has cost you, for the accounts', parseUsd),
  cid: value('ID', 'your own id for it: sending it again says nothing twice', parseCid),
}

type SendingValues = Values<typeof sendingFlags>

/** What is said, where, and under which conditions. */
export interface Letter {
  readonly target: string
  readonly content: string
  readonly inReplyTo: string | undefined
  /** The thread that it goes to, if that is known. */
  readonly thread?: string | undefined
  readonly values: SendingValues
}

/** Says it, and prints the word of the server that it is stored. */
export async function sendLetter(run: Run, chat: AgentChat, letter: Letter): Promise<void> {
  const { target, content, values } = letter
  try {
    const sent = await chat.send(target, content, optionsOf(run, letter))
    run.output.print(sent, sentText(sent))
  } catch (failure) {
    const { ifUnseenAfter } = values
    const isStale = failure instanceof RefusedError && failure.code === 'STALE_VIEW'
    if (isStale && ifUnseenAfter !== undefined) await printMissed(run, chat, letter)
    throw failure
  }
}

function optionsOf({ signal, cid: ownCid }: Run, { inReplyTo, values }: Letter): SendOptions {
  const { expects, ifUnseenAfter, fence, ttl: ttlMs, tokens, cost, cid = ownCid } = values
  const isReported = tokens !== undefined || cost !== undefined
  const usage = isReported ? { tokens, usd_micros: cost } : undefined
  return { inReplyTo, expects, ifUnseenAfter, fence, ttlMs, usage, cid, signal }
}

/** What others have said meanwhile, as much as a page holds. */
async function printMissed(run: Run, chat: AgentChat, letter: Letter): Promise<void> {
  const { target, thread, values } = letter
  const { messages } = await chat.request(
    'HISTORY',
    { target, thread, after: values.ifUnseenAfter },
    { signal: run.signal },
  )
  const toRow = messageRows(chat, run.output)
  for (const message of messages) {
    if (message.from === chat.id) continue
    const { frame, text } = toRow(message)
    run.output.print(frame, text)
  }
}
