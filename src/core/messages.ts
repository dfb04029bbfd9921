// What agents say, and reading it back.

import { refuse } from '../protocol/errors.ts'
import type { TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { messageIdAt } from '../protocol/names.ts'
import {
  type Addressing,
  addressedBy,
  addressingOf,
  type Message,
  sayingOf,
  streamsOf,
  threadIn,
} from './addressing.ts'
import { keepNewest } from './bounded.ts'
import { isPresent, lastSeen, presenceOf } from './cards.ts'
import { chargeFor } from './charging.ts'
import { answerClaim, checkFence, claimOfOther } from './claims.ts'
import type { Context, HandlersOf } from './context.ts'
import { climbToAnswer, openLadder, type Said } from './ladders.ts'
import { findPlace, type Place, placeOf, streamOf } from './places.ts'
import { findRepeat, messageDigest, rememberCid } from './repeats.ts'
import { roleHere } from './roles.ts'
import { noteSpread } from './spreading.ts'
import { checkView, continueTalk, threadStream } from './talks.ts'
import { followThread } from './trails.ts'
import { countReported, countWake } from './usage.ts'

export const messages: HandlersOf<'messages'> = {
  MSG(context, message) {
    const digest = message.cid === undefined ? '' : messageDigest(message)
    const before = findRepeat(context, message.cid, digest)
    if (before !== undefined) return sentBefore(context, message, before)
    const place = placeOf(context.world, context.agent, message.to)
    checkSignature(context, message, place)
    const addressing = addressingOf(context, message, place)
    checkView(context, message.parent ? addressing.talk : place.stream, message.if_unseen_after)
    checkFence(context, repliedTo(message, place), message.fence)
    const pay = chargeFor(context, sayingOf(message, place, addressing))

    const news = said(context, message, { place, addressing })
    const streams = streamsOf(message, place, addressing)
    context.tellKept(place.audience, 'MSG', news, streams, context.agent.id)
    pay()
    moveOn(context, place, addressing)
    rememberCid(context, message.cid, digest)
    follow(context, message, { place, addressing })
    if (message.in_reply_to) answered(context, message, place)
    return sent(context, message, { place, ...addressing, position: context.position })
  },

  HISTORY(context, { target, thread, after, before, limit }) {
    const { world, agent } = context
    const place = streamOf(world, agent, target)
    const stream = thread === undefined ? place : threadStream(thread, place)
    context.read({
      shape: 'page',
      target,
      streams: [{ stream, after: after ?? 0 }],
      from: after === undefined ? 'latest' : 'earliest',
      ...(before !== undefined && { before }),
      limit: limit ?? limits.page_messages,
    })
    return undefined
  },
}

/** An agent that logged in with version 1 signs all it says, and names the target as it is called. */
function checkSignature(context: Context, message: Message, place: Place): void {
  if (context.auth === 'v1' && message.proof?.version !== 'v1') {
    refuse('SIGNATURE_REQUIRED', 'An agent with a key signs its messages.')
  }
  if (message.proof?.version === 'v1' && message.to !== place.to) {
    refuse('VERIFICATION_FAILED', `Sign with the target as it is called: ${place.to}.`)
  }
}

/** The place and the talk have a newest message now; of conversations the longest quiet is forgotten. */
function moveOn(context: Context, place: Place, { talk }: Addressing): void {
  continueTalk(context, place.stream)
  continueTalk(context, talk)
  if (place.channel) place.channel.last = context.position
  if (place.channel) return
  const { conversations } = context.world
  keepNewest(conversations, [place.stream, context.position], limits.conversations_remembered)
}

interface Addressed {
  readonly place: Place
  readonly addressing: Addressing
}

/** What becomes of the message with those that it is for, and what it has cost, is kept in mind. */
function follow(context: Context, message: Message, { place, addressing }: Addressed): void {
  const { world, agent, now } = context
  const { channel, stream } = place
  const { addressed, woken, unwoken, spread } = addressing
  noteSpread(context, spread, channel)
  for (const one of woken) countWake(world, { agent: one, channel }, now)
  countReported(world, { agent, channel }, { usage: message.usage, now })
  const thread = threadIn(place, addressing)
  if (thread) followThread(world, agent.id, thread)
  if (addressed.length === 0 && message.expects !== 'reply') return
  const why = new Map(unwoken.map((one) => [one.agent, one.why]))
  openLadder(
    context,
    {
      to: place.to,
      stream,
      expects: message.expects ?? null,
      expiresAt: message.ttl_ms === undefined ? null : now + message.ttl_ms,
    },
    addressed.map((one) => ({ agent: one, reason: why.get(one) ?? null })),
  )
}

/** What the message answers, if it stands where the answer goes. */
function repliedTo({ in_reply_to: messageId = '' }: Message, { stream }: Place): Said {
  return { messageId, stream }
}

function answered(context: Context, message: Message, place: Place): void {
  const said = repliedTo(message, place)
  const isRemark = message.expects === 'none' || claimOfOther(context, said) !== undefined
  climbToAnswer(context, said, isRemark)
  answerClaim(context, said)
}

function said(
  context: Context,
  message: Message,
  { place, addressing }: Addressed,
): TellFields<'MSG'> {
  const { agent, auth, position, world, now } = context
  const { proof, cid, in_reply_to, expects, ttl_ms, usage } = message
  const { thread, depth, mentioned, woken, unwoken } = addressing
  const prev = place.channel ? place.channel.last : world.conversations.get(place.stream)
  const role = roleHere(context)
  const claim = claimOfOther(context, repliedTo(message, place))
  return {
    from: agent.id,
    from_name: agent.name,
    to: proof ? message.to : place.to,
    content: message.content,
    msg_id: messageIdAt(position),
    position,
    ...(prev && { prev }),
    ...(cid && { cid }),
    auth,
    ...(role && { role }),
    ...(in_reply_to && { in_reply_to }),
    thread,
    ...(mentioned.length > 0 && { mentions: mentioned.map(({ id }) => id) }),
    ...(expects && { expects }),
    depth,
    ...(woken.length > 0 && { wakes: woken.map(({ id }) => id) }),
    ...(unwoken.length > 0 && {
      unwoken: unwoken.map((one) => ({ agent: one.agent.id, why: one.why })),
    }),
    ...(claim && { claimed_by: claim.holder }),
    ...(ttl_ms !== undefined && { expires_at: now + ttl_ms }),
    ...(usage && { reported: usage }),
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
    return {
      position,
      msg_id: messageIdAt(position),
      cid,
      repeat: true,
      recipients: [],
      sessions: 0,
    }
  }
  const { addressed } = addressedBy(context, message, place)
  const told = { place, addressed, unwoken: [], position }
  return { ...sent(context, message, told), repeat: true }
}

interface Sent extends Pick<Addressing, 'addressed' | 'unwoken'> {
  readonly place: Place
  readonly position: number
}

function sent(
  context: Context,
  { cid }: Message,
  { place, addressed, unwoken: kept, position }: Sent,
): TellFields<'SENT'> {
  const { world } = context
  const why = new Map(kept.map((one) => [one.agent, one.why]))
  const recipients = addressed.map((agent) => {
    const unwoken = why.get(agent)
    return {
      id: agent.id,
      name: agent.name,
      presence: presenceOf(world, agent),
      ...lastSeen(world, agent),
      delivered: isPresent(world, agent),
      ...(unwoken && { unwoken }),
    }
  })
  const sessions = place.audience.length
  return { position, msg_id: messageIdAt(position), ...(cid && { cid }), recipients, sessions }
}
