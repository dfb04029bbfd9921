// What agents say, and reading it back.

import { Refusal, refuse } from '../protocol/errors.ts'
import type { AskFields, EdgeFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { type Audience, channelAudience, sessionsOf } from './audience.ts'
import { lastSeen, presenceOf } from './cards.ts'
import type { Context, HandlersOf } from './context.ts'
import { memberChannel } from './membership.ts'
import { mentionsIn } from './mentions.ts'
import { agentNamed } from './naming.ts'
import { findRepeat, messageDigest, rememberCid } from './repeats.ts'
import { endTurn } from './turns.ts'
import type { Agent, Channel, World } from './world.ts'

type Message = AskFields<'MSG'> & EdgeFields<'MSG'>

export const messages: HandlersOf<'messages'> = {
  MSG(context, message) {
    const digest = message.cid === undefined ? '' : messageDigest(message)
    const before = findRepeat(context, message.cid, digest)
    if (before !== undefined) return sentBefore(context, message, before)
    const place = placeOf(context.world, context.agent, message.to)
    checkSignature(context, message, place)

    const mentioned = place.channel ? mentionsIn(context.world, place.channel, message.content) : []
    const news = said(context, message, { place, mentioned })
    context.tellKept(place.audience, 'MSG', news, place.streams)
    moveOn(context, place)
    rememberCid(context, message.cid, digest)
    if (message.in_reply_to) endTurn(context, place.channel, message.in_reply_to)
    return sent(context, message, { place, mentioned, position: context.position })
  },

  HISTORY(context, { target, after, before, limit }) {
    const { world, agent } = context
    const streams = [{ stream: streamOf(world, agent, target), after: after ?? 0 }]
    context.read({
      shape: 'page',
      target,
      streams,
      from: after === undefined ? 'latest' : 'earliest',
      ...(before !== undefined && { before }),
      limit: limit ?? limits.page_messages,
    })
    return undefined
  },
}

/** What was said with an agent that is gone can be read all the same. */
function streamOf(world: World, agent: Agent, target: string): string {
  const conversation = conversationOf(agent.id, target)
  if (world.conversations.has(conversation)) return conversation
  return placeOf(world, agent, target).stream
}

function conversationOf(one: string, other: string): string {
  return [one, other].sort().join(' ')
}

/** Where a message goes: a channel, or the conversation with another agent. */
export interface Place {
  /** The target as it is called here: the channel's name or the agent's id. */
  readonly to: string
  /** Where it is read back. */
  readonly stream: string
  /** All streams that it belongs to: beside its own the inboxes of both agents. */
  readonly streams: readonly string[]
  readonly audience: Audience
  readonly channel?: Channel
  readonly peer?: Agent
}

/** As `placeOf`; undefined where the agent may not speak. */
export function findPlace(world: World, agent: Agent, to: string): Place | undefined {
  try {
    return placeOf(world, agent, to)
  } catch (failure) {
    if (failure instanceof Refusal) return undefined
    throw failure
  }
}

/** @throws Refusal CHANNEL_NOT_FOUND, NOT_INVITED, AGENT_NOT_FOUND */
export function placeOf(world: World, agent: Agent, to: string): Place {
  if (to.startsWith('#')) {
    const channel = memberChannel(world, agent, to)
    const { name, stream } = channel
    return {
      to: name,
      stream,
      streams: [stream],
      audience: channelAudience(world, channel),
      channel,
    }
  }
  const peer = agentNamed(world, to)
  const stream = conversationOf(agent.id, peer.id)
  const streams = [...new Set([stream, agent.id, peer.id])]
  return { to: peer.id, stream, streams, audience: sessionsOf(peer, agent), peer }
}

/** An agent that logged in with version 1 signs all it says, and names the target as it is called. */
function checkSignature(context: Context, message: Message, place: Place): void {
  const { agent, session } = context
  if (agent.key !== undefined && session.version === 'v1' && message.proof?.version !== 'v1') {
    refuse('SIGNATURE_REQUIRED', 'An agent with a key signs its messages.')
  }
  if (message.proof?.version === 'v1' && message.to !== place.to) {
    refuse('VERIFICATION_FAILED', `Sign with the target as it is called: ${place.to}.`)
  }
}

/** The place has a newest message now; of conversations the longest quiet is forgotten. */
function moveOn(context: Context, place: Place): void {
  if (place.channel) place.channel.last = context.position
  if (place.channel) return
  const { conversations } = context.world
  conversations.delete(place.stream)
  conversations.set(place.stream, context.position)
  if (conversations.size <= limits.conversations_remembered) return
  const [longestQuiet] = conversations.keys()
  if (longestQuiet !== undefined) conversations.delete(longestQuiet)
}

interface Addressed {
  readonly place: Place
  readonly mentioned: readonly Agent[]
}

function said(
  context: Context,
  message: Message,
  { place, mentioned }: Addressed,
): TellFields<'MSG'> {
  const { agent, auth, position, world } = context
  const { proof, parent, cid, in_reply_to, expects } = message
  const prev = place.channel ? place.channel.last : world.conversations.get(place.stream)
  return {
    from: agent.id,
    from_name: agent.name,
    to: proof ? message.to : place.to,
    content: message.content,
    msg_id: `m${position}`,
    position,
    ...(prev && { prev }),
    ...(cid && { cid }),
    auth,
    ...(in_reply_to && { in_reply_to }),
    thread: parent?.thread ?? `m${position}`,
    ...(mentioned.length > 0 && { mentions: mentioned.map(({ id }) => id) }),
    ...(expects && { expects }),
    depth: parent ? parent.depth + 1 : 0,
    ...(proof && {
      sig: message.sig,
      sig_ts: message.ts,
      sig_version: proof.version,
      key: proof.key,
    }),
  }
}

/** The first answer once more, with who is there now; nobody is told where the agent may speak no longer. */
function sentBefore(context: Context, message: Message, position: number): TellFields<'SENT'> {
  const { world, agent } = context
  const place = findPlace(world, agent, message.to)
  if (!place) {
    const { cid } = message
    return { position, msg_id: `m${position}`, cid, repeat: true, recipients: [], sessions: 0 }
  }
  const mentioned = place.channel ? mentionsIn(world, place.channel, message.content) : []
  return { ...sent(context, message, { place, mentioned, position }), repeat: true }
}

function sent(
  context: Context,
  { cid }: Message,
  { place, mentioned, position }: Addressed & { readonly position: number },
): TellFields<'SENT'> {
  const { world } = context
  const recipients = (place.peer ? [place.peer] : mentioned).map((agent) => ({
    id: agent.id,
    name: agent.name,
    presence: presenceOf(world, agent),
    ...lastSeen(world, agent),
  }))
  const sessions = place.audience.length
  return { position, msg_id: `m${position}`, ...(cid && { cid }), recipients, sessions }
}
