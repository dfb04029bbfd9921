// Random life in a town: agents that come, go, ask for anything, while time passes and the server restarts.

import fc from 'fast-check'
import type { AskType, Heard } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import type { Actor } from './actor.ts'
import { keyPairOf } from './identity.ts'
import type { Standing } from './proposals.ts'
import { playTalk, type Talked, type TalkStep, talkSteps } from './talk-antics.ts'
import { playToken, type TokenStep, type Tokens, tokenSteps } from './token-antics.ts'
import { type Login, type LoginOptions, Refused, type Town } from './town.ts'

/** One thing that happens. Small numbers pick from small lists, so that things meet. */
export type Step =
  | { readonly what: 'come'; readonly who: number; readonly options: LoginOptions }
  | { readonly what: 'go'; readonly who: number }
  | { readonly what: 'ask'; readonly who: number; readonly type: AskType; readonly fields: object }
  | { readonly what: 'propose'; readonly who: number; readonly to: string; readonly task: string }
  | { readonly what: 'deal'; readonly who: number; readonly type: Deed; readonly nth: number }
  | TokenStep
  | TalkStep
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'restart' }

/** What is done with a proposal that was made. */
type Deed = StepType | 'GET_PROPOSAL'

const names = ['alice', 'a1ice', 'bob', 'carol', 'dave', 'erin']
const withKey = new Set(['alice', 'bob', 'carol'])

const channel = fc.constantFrom('#general', '#GENERAL', '#work', '#den', '#nowhere')
const agent = fc.constantFrom(
  ...names.map((name) => `@${name}`),
  '@nobody',
  keyPairOf('bob').public.id,
)
const place = fc.oneof(channel, agent)
const nonce = fc.constantFrom('0f'.repeat(16), 'aa'.repeat(16))
const messageId = fc.integer({ min: 1, max: 40 }).map((position) => `m${position}`)
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined })

const fieldsOf: Readonly<Partial<Record<AskType, fc.Arbitrary<object>>>> = {
  LIST_CHANNELS: fc.constant({}),
  CREATE_CHANNEL: fc.record({ channel, invite_only: maybe(fc.boolean()) }),
  JOIN: fc.record({ channel, replay: maybe(fc.nat(5)) }),
  LEAVE: fc.record({ channel }),
  INVITE: fc.record({ channel, agent }),
  UNINVITE: fc.record({ channel, agent }),
  LIST_AGENTS: fc.record({ channel }),
  MSG: fc.record({
    to: place,
    content: fc.constantFrom('hi', '@bob', '@alice @a1ice @carol', 'x'.repeat(300)),
    cid: maybe(fc.integer({ min: 1, max: 3 }).map((nth) => `${nth}`.padStart(22, 'c'))),
    in_reply_to: maybe(messageId),
    expects: maybe(fc.constantFrom('reply', 'none')),
    ttl_ms: maybe(fc.constantFrom(1_000, 61_000)),
    fence: fc.option(fc.nat(60), { nil: undefined, freq: 9 }),
    if_unseen_after: fc.option(fc.nat(60), { nil: undefined, freq: 5 }),
    usage: maybe(fc.record({ tokens: fc.nat(9), usd_micros: fc.nat(9) })),
  }),
  HISTORY: fc.record({ target: place, after: maybe(fc.nat(40)), limit: maybe(fc.constant(2)) }),
  RESUME: fc.record({ after: maybe(fc.nat(40)), limit: maybe(fc.constant(2)) }),
  ACK: fc.record({ position: fc.nat(60) }),
  CLAIM: fc.record({ msg_id: messageId, lease_ms: maybe(fc.constantFrom(1_000, 61_000)) }),
  DECLINE: fc.record({ msg_id: messageId, reason: maybe(fc.constant('busy')) }),
  RESPONDING_TO: fc.record({ channel, msg_id: messageId }),
  LADDER: fc.record({ msg_id: maybe(messageId), pending: maybe(fc.boolean()) }),
  UNREAD: fc.record({ after: maybe(fc.nat(40)), before: maybe(fc.nat(60)) }),
  GET_MESSAGE: fc.record({ msg_id: messageId }),
  SET_ROLE: fc.record({ agent, role: fc.constantFrom('human', 'operator', 'none') }),
  RESET_BUDGET: fc.oneof(fc.record({ agent }), fc.record({ channel, thread: maybe(messageId) })),
  SET_LIMITS: fc.oneof(
    fc.record({ agent, wakes_per_day: maybe(fc.nat(3)) }),
    fc.record({ channel, usd_micros_per_day: maybe(fc.nat(3)) }),
  ),
  GET_USAGE: fc.oneof(fc.record({ agent }), fc.record({ channel }), fc.constant({})),
  WHOIS: fc.record({ agent }),
  SET_NICK: fc.record({ nick: fc.constantFrom(...names, 'admin', 'alice-2', 'B0B') }),
  LIST_TOKENS: fc.constant({}),
  ALLOW_LEGACY: fc.record({ allow: fc.boolean() }),
  SET_PRESENCE: fc.record({ status: fc.constantFrom('online', 'busy', 'offline') }),
  TYPING: fc.record({ channel }),
  LIST_PROPOSALS: fc.record({
    channel: maybe(channel),
    status: maybe(fc.constantFrom('pending', 'accepted', 'withdrawn')),
    limit: maybe(fc.constant(2)),
  }),
  VERIFY_REQUEST: fc.record({ target: agent, nonce }),
  VERIFY_RESPONSE: fc.record({
    request_id: fc.integer({ min: 1, max: 60 }).map((position) => `v${position}`),
    nonce,
    sig: fc.constant('x'),
  }),
}

const often = ['MSG', 'MSG', 'MSG', 'MSG', 'CLAIM', 'CLAIM', 'JOIN', 'JOIN', 'INVITE'] as const
const who = fc.nat(names.length - 1)
const asking = fc
  .constantFrom(...(Object.keys(fieldsOf) as AskType[]), ...often) // the keys of the table above
  .chain((type) => (fieldsOf[type] ?? fc.constant({})).map((fields) => ({ type, fields })))
const askStep = fc.record({ who, asked: asking }).map(({ who, asked }): Step => {
  return { what: 'ask', who, ...asked }
})
/** Alice, bob and carol have keys. */
const dealer = fc.constantFrom(0, 2, 3)
const proposeStep = fc.record({
  what: fc.constant('propose'),
  who: dealer,
  to: fc.constantFrom(keyPairOf('alice').public.id, keyPairOf('bob').public.id, '#general', '#den'),
  task: fc.constantFrom('translate', 'explain'),
})
const dealStep = fc.record({
  what: fc.constant('deal'),
  who: dealer,
  type: fc.constantFrom<Deed>(
    'GET_PROPOSAL',
    'ACCEPT',
    'ACCEPT',
    ...(Object.keys(steps) as Deed[]), // the keys of the table
  ),
  nth: fc.nat(2),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: askStep },
  { weight: 30, arbitrary: talkSteps(who) },
  { weight: 8, arbitrary: proposeStep },
  { weight: 30, arbitrary: dealStep },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('come'),
      who,
      options: fc.record({ version: fc.constantFrom('v0', 'v1'), brief: fc.boolean() }),
    }),
  },
  { weight: 10, arbitrary: tokenSteps(dealer) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('go'), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('wait'),
      ms: fc.constantFrom(
        1,
        61_000,
        limits.verification_ms + 1,
        limits.turn_lease_ms + 1,
        limits.talk_pause_ms + 1,
        limits.empty_channel_ms + 1,
        limits.unseen_agent_ms + 1,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart') }) },
)

/** A life of some length. It begins with everybody coming and meeting. */
export const life: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { maxLength: 120, size: 'max' })
  .map((steps) => [...beginning, ...steps])

const beginning: readonly Step[] = names.flatMap((_name, who): Step[] => [
  { what: 'come', who, options: {} },
  { what: 'ask', who, type: 'JOIN', fields: { channel: '#general' } },
  { what: 'ask', who, type: 'CREATE_CHANNEL', fields: { channel: who % 2 ? '#den' : '#work' } },
])

/** Plays a life in a town; refusals are part of it. @returns everybody who was ever there */
export async function play(town: Town, steps: readonly Step[]): Promise<readonly Actor[]> {
  const everybody: Actor[] = []
  const present: Actor[][] = names.map(() => [])
  const deals = new Map<string, Standing>()
  const tokens: Tokens = []
  const talked: Talked = { said: [] }
  for (const one of steps) {
    if (one.what === 'wait') await town.clock.advance(one.ms)
    else if (one.what === 'restart') {
      await town.restart()
      for (const actors of present) actors.length = 0
    } else if (one.what === 'come') {
      const actor = await come(town, loginOf(one.who, one.options))
      if (actor) present[one.who]?.push(actor)
      if (actor) everybody.push(actor)
    } else if (isTokenStep(one)) {
      const owner = 'who' in one ? present[one.who]?.at(-1) : undefined
      const held = await playToken({ town, owner, tokens }, one)
      if (held) everybody.push(held)
    } else if (one.what === 'go') await present[one.who]?.pop()?.leaves()
    else if (one.what === 'ask') await ask(present[one.who]?.at(-1), one)
    else if (one.what === 'talk') await playTalk(present[one.who]?.at(-1), one, talked)
    else await deal(present[one.who]?.at(-1), one, deals)
  }
  await town.settle()
  return everybody
}

function isTokenStep(step: Step): step is TokenStep {
  return step.what.endsWith(' token')
}

async function ask(
  actor: Actor | undefined,
  { type, fields }: Step & { what: 'ask' },
): Promise<void> {
  if (!actor || actor.isGone) return
  await actor.tries(type, fields as never) // the table above pairs type and fields
}

/** Proposes, or goes on with one of the proposals that were made; the newest state of each is kept in mind. */
async function deal(
  actor: Actor | undefined,
  one: Step & { what: 'propose' | 'deal' },
  deals: Map<string, Standing>,
): Promise<void> {
  if (!actor || actor.isGone || !withKey.has(names[one.who] ?? '')) return
  const { type, fields } =
    one.what === 'propose' ? proposing(actor, one) : dealing(actor, one, deals)
  if (!fields) return
  const answer = await actor.tries(type, fields as never) // signed for just this type
  if (answer.type !== 'PROPOSAL_STATE') return
  const state = answer as Heard<'PROPOSAL_STATE'> // its type was just looked at
  deals.set(state.proposal_id, state)
}

function proposing(actor: Actor, { to, task }: Step & { what: 'propose' }) {
  const times = task === 'explain' ? { expires: 60, confirm_seconds: 30 } : {}
  return { type: 'PROPOSAL' as const, fields: actor.signedProposal(to, task, times) }
}

function dealing(
  actor: Actor,
  { type, nth }: Step & { what: 'deal' },
  deals: ReadonlyMap<string, Standing>,
) {
  const standing = [...deals.values()].at(-1 - nth)
  if (!standing) return { type, fields: undefined }
  const { proposal_id } = standing
  if (type === 'GET_PROPOSAL') return { type, fields: { proposal_id } }
  const own = { DISPUTE: { reason: 'late' }, SETTLE: { outcome: 'half is paid' } }
  return { type, fields: actor.signedStep(type, standing, Reflect.get(own, type) ?? {}) }
}

function loginOf(index: number, options: LoginOptions): Login {
  const name = names[index] ?? 'nobody'
  return { name, keys: withKey.has(name) ? keyPairOf(name) : undefined, ...options }
}

async function come(town: Town, login: Login): Promise<Actor | undefined> {
  try {
    return await town.open(login)
  } catch (failure) {
    if (failure instanceof Refused) return undefined
    throw failure
  }
}
