// Addressing: whom a message is for, whom it wakes, and to which talk it belongs.

import type { AskFields, EdgeFields } from '../protocol/frames.ts'
import { foldChannel, messageIdAt } from '../protocol/names.ts'
import type { Saying } from './charging.ts'
import type { Context } from './context.ts'
import { mentionsIn } from './mentions.ts'
import type { Place } from './places.ts'
import { roleHere } from './roles.ts'
import { type Spread, spreadOf } from './spreading.ts'
import { beginsAnew, threadStream } from './talks.ts'
import { addressedStream, questionStream } from './unread.ts'
import { type Awaking, type Unwoken, unwokenBy } from './usage.ts'
import type { Agent } from './world.ts'

export type Message = AskFields<'MSG'> & EdgeFields<'MSG'>

export interface Addressing {
  readonly thread: string
  /** The stream of the thread; of what begins none, that of all such in the place. */
  readonly talk: string
  readonly depth: number
  readonly mentioned: readonly Agent[]
  /** Everybody that it is for, without the sender. */
  readonly addressed: readonly Agent[]
  readonly woken: readonly Agent[]
  readonly unwoken: readonly { readonly agent: Agent; readonly why: Unwoken }[]
  readonly spread: Spread
}

/** Finds out whom a message is for. Changes nothing. @throws Refusal QUARANTINED */
export function addressingOf(context: Context, message: Message, place: Place): Addressing {
  const { world, position, now } = context
  const { parent, expects } = message
  const { channel } = place
  const isBounded = roleHere(context) === undefined
  const thread = parent?.thread ?? messageIdAt(position)
  const talk = threadStream(parent?.thread ?? '', place.stream)
  const { mentioned, addressed } = addressedBy(context, message, place)
  const isForSome = addressed.length > 0
  const spread = spreadOf(context, message.content, { channel, isForSome })
  const woken: Agent[] = []
  const unwoken: Addressing['unwoken'][number][] = []
  for (const one of expects === 'none' ? [] : addressed) {
    const awaking = { agent: one, channel, already: woken.length }
    const why = isBounded ? whyNot(context, awaking, spread) : undefined
    if (why) unwoken.push({ agent: one, why })
    else woken.push(one)
  }
  const follows = parent !== undefined && isBounded && !beginsAnew(world, { talk, parent }, now)
  return {
    thread,
    talk,
    depth: follows ? parent.depth + 1 : 0,
    mentioned,
    addressed,
    woken,
    unwoken,
    spread,
  }
}

/** The other in a conversation; in a channel the mentioned, and who wrote what is answered. Never the sender. */
export function addressedBy(
  { world, agent }: Context,
  { content, parent }: Message,
  { channel, peer }: Place,
): { readonly mentioned: readonly Agent[]; readonly addressed: readonly Agent[] } {
  const mentioned = channel ? mentionsIn(world, channel, content) : []
  const author = parent?.from === undefined ? undefined : world.agents.get(parent.from)
  const isHere = author !== undefined && channel?.members.has(author.id)
  const all = [...(peer ? [peer] : mentioned), ...(isHere ? [author] : [])]
  return { mentioned, addressed: [...new Set(all)].filter((one) => one !== agent) }
}

/** What keeps the message from waking an agent. */
function whyNot(
  { world, now }: Context,
  awaking: Awaking,
  { isSpreading }: Spread,
): Unwoken | undefined {
  return isSpreading ? 'SPREADING' : unwokenBy(world, awaking, now)
}

/** What the storm guard looks at. */
export function sayingOf(
  message: Message,
  place: Place,
  { talk, depth, woken }: Addressing,
): Saying {
  return {
    talk,
    channel: place.channel,
    answers: message.parent?.from,
    depth,
    wakes: message.expects !== 'none',
    woken,
  }
}

/** Every stream that the message is read from. */
export function streamsOf(
  { parent, expects }: Message,
  { channel, stream, streams }: Place,
  { addressed, talk }: Addressing,
): string[] {
  const all = parent ? [...streams, talk] : [...streams]
  if (!channel) return all
  const questions = expects === 'reply' ? [questionStream(stream)] : []
  return [...all, ...addressed.map(({ id }) => addressedStream(id)), ...questions]
}

/** Where who speaks in the thread will find what others say in it. */
export function threadIn({ channel, stream }: Place, { thread }: Addressing) {
  return channel && { stream: threadStream(thread, stream), channel: foldChannel(channel.name) }
}
