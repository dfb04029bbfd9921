// The only way into the core: executes entries in their order, and answers queries and signals between them.

import type { Ask, Shape } from '../protocol/declare.ts'
import { encode } from '../protocol/encode.ts'
import { Refusal, refuse } from '../protocol/errors.ts'
import {
  type AnswerType,
  type AskType,
  asks,
  type NoteType,
  type TellFields,
} from '../protocol/frames.ts'
import { agents } from './agents.ts'
import { budgets } from './budgets.ts'
import { channels } from './channels.ts'
import { claims } from './claims.ts'
import {
  type AskHandler,
  Context,
  type HandshakeType,
  type NoteHandler,
  type Outcome,
} from './context.ts'
import type { Draft, Entry } from './entry.ts'
import { messages } from './messages.ts'
import { presence } from './presence.ts'
import { proposals } from './proposals.ts'
import { receipts } from './receipts.ts'
import { session } from './session.ts'
import { spreading } from './spreading.ts'
import { tick } from './tick.ts'
import { holderOf, permits } from './token-store.ts'
import { tokens } from './tokens.ts'
import { unread } from './unread.ts'
import { verification } from './verification.ts'
import type { World } from './world.ts'

type CoreType = Exclude<AskType, HandshakeType> | NoteType

const handlers: {
  readonly [T in CoreType]: T extends AskType
    ? AskHandler<T>
    : T extends NoteType
      ? NoteHandler<T>
      : never
} = {
  ...session,
  ...tick,
  ...channels,
  ...messages,
  ...claims,
  ...receipts,
  ...unread,
  ...agents,
  ...presence,
  ...verification,
  ...proposals,
  ...budgets,
  ...spreading,
  ...tokens,
}

type AnyHandler = (
  context: Context,
  fields: Draft['fields'],
) => TellFields<AnswerType<AskType>> | undefined
// Each handler takes the fields of its own type; `decode` has checked them, or a node of ours wrote them.
const table = new Map(Object.entries(handlers)) as unknown as ReadonlyMap<string, AnyHandler>
const declarations: ReadonlyMap<string, Ask<Shape, string, Shape>> = new Map(Object.entries(asks))

/**
 * Executes one entry. The same world and the same entry always come to the same outcome.
 * A refused entry leaves the world as it was.
 * @throws only when a handler has a fault; the entry must then not be stored
 */
export function execute(world: World, entry: Entry): Outcome {
  const outcome = perform(new Context(world, entry), entry)
  if (outcome.accepted) {
    world.position = entry.position
    world.now = entry.now
  }
  return outcome
}

/** Answers a query, or passes on a signal. Changes nothing. */
export function consult(world: World, draft: Draft): Outcome {
  const context = new Context(world, draft)
  context.stored = false
  return perform(context, draft)
}

function perform(context: Context, draft: Draft): Outcome {
  const declaration = declarations.get(draft.type)
  try {
    if (declaration) admit(context, declaration)
    const handler = table.get(draft.type)
    if (!handler) throw new Error(`no handler for ${draft.type}`)
    const answer = handler(context, draft.fields)
    if (declaration && answer) giveAnswer(context, declaration, answer)
    return outcomeOf(context)
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure
    return refusalOutcome(draft, failure)
  }
}

function admit(context: Context, declaration: Ask<Shape, string, Shape>): void {
  if (declaration.from === 'anyone') return
  const { agent } = context
  if (declaration.from === 'key' && agent.key === undefined) refuse('SIGNATURE_REQUIRED')
  checkToken(context, declaration)
}

/** A frame that the token of its session does not permit is refused, and says what it lacks. */
function checkToken(context: Context, declaration: Ask<Shape, string, Shape>): void {
  const { world, session, now } = context
  if (!session.token) return
  if (!holderOf(world, session.token, now)) refuse('SCOPE_MISSING', 'The token is good no longer.')
  if (permits(world, session, declaration)) return
  const { scope } = declaration
  refuse(
    'SCOPE_MISSING',
    scope === 'key'
      ? 'No token permits this: it needs the key of the agent.'
      : `The token does not permit this: it needs the scope "${scope}".`,
  )
}

function giveAnswer(
  context: Context,
  declaration: Ask<Shape, string, Shape>,
  answer: TellFields<AnswerType<AskType>>,
): void {
  if (declaration.quiet && context.ref === undefined) return
  context.answer(declaration.answer as AnswerType<AskType>, answer) // a test holds that each is declared
}

function outcomeOf(context: Context): Outcome {
  return {
    accepted: context.stored,
    told: context.told,
    ...(context.kept && { kept: context.kept }),
    ...(context.reading && { reading: context.reading }),
  }
}

/** The ERROR that answers a frame, or nothing where the frame is one that may be ignored. */
export function refusalOutcome(draft: Draft, refusal: Refusal): Outcome {
  const silent = draft.ref === undefined && declarations.get(draft.type)?.silent === true
  if (draft.session === null || silent) return { accepted: false, told: [] }
  const { code, message, more } = refusal
  const text = encode('ERROR', draft.now, { code, message, ...more }, draft.ref)
  return { accepted: false, told: [{ audience: [draft.session], text }] }
}
