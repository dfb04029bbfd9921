// Talk in a random life: messages, answers, claims and receipts, about what was said a moment ago.

import fc from 'fast-check'
import type { AskType, Heard } from '../../src/protocol/frames.ts'
import type { Actor } from './actor.ts'

export interface TalkStep {
  readonly what: 'talk'
  readonly who: number
  readonly type: (typeof types)[number]
  /** Which of the newest messages it is about. */
  readonly nth: number
  readonly fields: object
}

/** What was said, and which claim was given last. */
export interface Talked {
  readonly said: string[]
  claim?: Heard<'CLAIMED'>
}

const types = [
  'MSG',
  'MSG',
  'MSG',
  'MSG',
  'CLAIM',
  'CLAIM',
  'RENEW',
  'RELEASE',
  'DECLINE',
  'ACK',
  'LADDER',
  'UNREAD',
  'GET_MESSAGE',
] as const

const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined })

/** Talk in a channel where everybody is, and between two. */
export function talkSteps(who: fc.Arbitrary<number>): fc.Arbitrary<TalkStep> {
  return fc.record({
    what: fc.constant('talk'),
    who,
    type: fc.constantFrom(...types),
    nth: fc.nat(3),
    fields: fc.record({
      to: fc.constantFrom('#general', '#general', '@bob'),
      content: fc.constantFrom('hi', '@bob', '@alice @carol'),
      expects: maybe(fc.constantFrom('reply', 'none')),
      ttl_ms: maybe(fc.constantFrom(1_000, 61_000)),
      usage: maybe(fc.record({ tokens: fc.nat(9), usd_micros: fc.nat(9) })),
    }),
  })
}

/** Plays one step; refusals are part of it. */
export async function playTalk(
  actor: Actor | undefined,
  { type, nth, fields }: TalkStep,
  talked: Talked,
): Promise<void> {
  if (!actor || actor.isGone) return
  const msg_id = talked.said.at(-1 - nth)
  const claim = talked.claim ?? { msg_id: 'm1', fence: 1 }
  const own: Partial<Record<AskType, object>> = {
    // Every fourth begins a thread, and some are said under the claim.
    MSG: { ...fields, ...(nth > 0 && { in_reply_to: msg_id }), ...(nth > 2 && claimed(claim)) },
    RENEW: claimed(claim),
    RELEASE: claimed(claim),
    ACK: { position: Number(msg_id?.slice(1) ?? 0) },
    UNREAD: {},
  }
  const answer = await actor.tries(type, (own[type] ?? { msg_id: msg_id ?? 'm1' }) as never) // as declared
  if (answer.type === 'SENT') talked.said.push((answer as Heard<'SENT'>).msg_id) // its type was just looked at
  if (answer.type === 'CLAIMED') talked.claim = answer as Heard<'CLAIMED'> // so was this one's
}

function claimed({ msg_id, fence }: Pick<Heard<'CLAIMED'>, 'msg_id' | 'fence'>) {
  return { msg_id, in_reply_to: msg_id, fence }
}
