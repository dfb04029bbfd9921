// What was said as tools tell it: its words in an envelope, and beside them only what others cannot word.

import type { AgentChat } from '../../client/chat.ts'
import type { Frame } from '../../client/options.ts'
import type { Heard } from '../../protocol/frames.ts'
import { envelopeOf, envelopeWithin, type Piece, quoted } from '../envelope.ts'
import { plainText } from '../plain.ts'

type Facts = Readonly<Record<string, unknown>>

/** Fields of messages and news that are ids, positions, times or words of the protocol. */
const factual = [
  'type',
  'msg_id',
  'proposal_id',
  'position',
  'from',
  'from_name',
  'to',
  'by',
  'thread',
  'in_reply_to',
  'expects',
  'depth',
  'auth',
  'role',
  'mentions',
  'claimed_by',
  'expires_at',
  'invite',
  'status',
  'awaiting',
  'until',
] as const

/** A piece of news without the words of whoever said it. */
export function factsOf(frame: Frame): Facts {
  const kept = factual.filter((field) => frame[field] !== undefined && frame[field] !== null)
  return Object.fromEntries(kept.map((field) => [field, frame[field]]))
}

/** A message, or news of a proposal, for a model. */
export function enveloped(chat: AgentChat, piece: Piece): string {
  return envelopeOf(piece, viewerOf(chat))
}

function viewerOf({ id, name, serverName }: AgentChat) {
  return { id, name, serverName }
}

/** A text that others have worded, such as a topic, in lines of its own. */
export function worded(label: string, text: string): string {
  return `${label}:\n${quoted(plainText(text))}`
}

/** Which of several messages there is room for, from the newest to older ones; they stay in their order. */
export interface Shown {
  readonly text: string
  readonly messages: readonly Heard<'MSG'>[]
  /** How many older ones there was no room for. */
  readonly left: number
}

/** The newest of some messages, as many as fit into so many characters, and of the newest as much as does. */
export function newestOf(
  chat: AgentChat,
  messages: readonly Heard<'MSG'>[],
  characters: number,
): Shown {
  const texts: string[] = []
  let room = characters
  for (const message of messages.toReversed()) {
    const whole = enveloped(chat, message)
    const isFirst = texts.length === 0
    const text = isFirst ? (envelopeWithin(message, viewerOf(chat), room) ?? whole) : whole
    if (text.length > room && !isFirst) break
    texts.unshift(text)
    room -= text.length + 1
  }
  const left = messages.length - texts.length
  return { text: texts.join('\n'), messages: messages.slice(left), left }
}
