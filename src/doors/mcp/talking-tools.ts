// The tools that say something: send, reply, and the claim to be the one who replies.

import { z } from 'zod'
import type { AgentChat } from '../../client/chat.ts'
import { RefusedError } from '../../client/errors.ts'
import type { Heard } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { failed, ToolError } from './failing.ts'
import { type Call, messageId, type Outcome, position, tool } from './tool.ts'
import { transcript } from './transcript.ts'

const text = z.string().min(1).max(limits.content_characters)
const expects = z.enum(['reply', 'none']).describe('none wakes nobody').optional()
const says = { destructiveHint: false }

export const send = tool({
  name: 'send',
  description: 'Say something to #channel or @agent.',
  input: z.object({
    to: z.string(),
    text,
    expects,
    if_unseen_after: position.describe('refuse if others spoke since').optional(),
  }),
  annotations: says,
  async run({ to, text: content, expects: wished, if_unseen_after: ifUnseenAfter }, call) {
    const { chat, signal } = call
    try {
      return sentOutcome(await chat.send(to, content, { expects: wished, ifUnseenAfter, signal }))
    } catch (failure) {
      if (ifUnseenAfter === undefined || !isStale(failure)) throw failure
      return await missed(call, failure, { target: to, after: ifUnseenAfter })
    }
  },
})

export const reply = tool({
  name: 'reply',
  description: 'Answer a message where it was said; with the fence if you claimed it.',
  input: z.object({ msg_id: messageId, text, expects, fence: position.optional() }),
  annotations: says,
  async run({ msg_id: inReplyTo, text: content, expects: wished, fence }, { chat, signal }) {
    const to = await placeOf(chat, inReplyTo, signal)
    const options = { inReplyTo, expects: wished, fence, signal }
    return sentOutcome(await chat.send(to, content, options))
  },
})

export const claim = tool({
  name: 'claim',
  description:
    'Be the only one who answers a message: gives the fence for reply, renew, release. Or decline it.',
  input: z.object({
    msg_id: messageId,
    action: z.enum(['claim', 'renew', 'release', 'decline']).default('claim'),
    fence: position.optional(),
    reason: z.string().max(limits.decline_reason_characters).optional(),
  }),
  annotations: { destructiveHint: false },
  async run({ msg_id, action, fence, reason }, { chat, signal }) {
    switch (action) {
      case 'claim':
        return claimedOutcome(await chat.request('CLAIM', { msg_id }, { signal }))
      case 'renew': {
        const fields = { msg_id, fence: needed(fence) }
        return claimedOutcome(await chat.request('RENEW', fields, { signal }))
      }
      case 'release':
        await chat.request('RELEASE', { msg_id, fence: needed(fence) }, { signal })
        return { text: `Released ${msg_id}: others may answer it.`, facts: { msg_id } }
      case 'decline':
        await chat.request('DECLINE', { msg_id, reason }, { signal })
        return { text: `Declined ${msg_id}.`, facts: { msg_id } }
    }
  },
})

function needed(fence: number | undefined): number {
  if (fence !== undefined) return fence
  throw new ToolError({
    code: 'INVALID_INPUT',
    message: 'A claim is renewed or released by its fence.',
    hint: 'Give the fence that claim told you.',
  })
}

function claimedOutcome({ msg_id, fence, until }: Heard<'CLAIMED'>): Outcome {
  const text = `${msg_id} is yours until ${new Date(until).toISOString()}: reply with fence ${fence}.`
  return { text, facts: { msg_id, fence, until } }
}

function sentOutcome({ msg_id, position: place, recipients, repeat }: Heard<'SENT'>): Outcome {
  const lines = recipients.map(({ name, presence, delivered, unwoken }) => {
    const state = [presence, delivered && 'delivered', unwoken && `not woken: ${unwoken}`]
    return `@${name}: ${state.filter(Boolean).join(', ')}`
  })
  const text = [`Stored as ${msg_id}, position ${place}.`, ...lines].join('\n')
  return { text, facts: { msg_id, position: place, recipients, ...(repeat && { repeat }) } }
}

/** Where to answer a message. @throws ToolError when there is none that can be read */
async function placeOf(chat: AgentChat, id: string, signal: AbortSignal): Promise<string> {
  const { message } = await chat.request('GET_MESSAGE', { msg_id: id }, { signal })
  const { to, from } = (message ?? {}) as Partial<Heard<'MSG'>> // the answer to GET_MESSAGE is a MSG
  if (to === undefined || from === undefined) {
    throw new ToolError({
      code: 'MESSAGE_NOT_FOUND',
      message: `There is no message ${id} that you can read.`,
      hint: 'The tools inbox and history show the ids of messages.',
    })
  }
  return to.startsWith('#') || from === chat.id ? to : from
}

function isStale(failure: unknown): failure is RefusedError {
  return failure instanceof RefusedError && failure.code === 'STALE_VIEW'
}

/** Nothing was said, for others have spoken meanwhile: here is what. */
async function missed(
  { chat, signal }: Call,
  refusal: RefusedError,
  where: { readonly target: string; readonly after: number },
): Promise<Outcome> {
  const { text: said, facts } = await transcript(chat, where, signal)
  const { structuredContent = {} } = failed(refusal)
  return {
    text: `STALE_VIEW: ${refusal.message} You have missed:\n${said}`,
    facts: { ...(structuredContent as object), ...facts },
    isError: true,
  }
}
