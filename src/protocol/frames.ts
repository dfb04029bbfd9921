// All declarations in one place, and the types that are read from them.

import type { z } from 'zod'
import { agents } from './agents.ts'
import { budgets } from './budgets.ts'
import { channels } from './channels.ts'
import { claims } from './claims.ts'
import type { Ask, Feature, Note, Shape, Tell } from './declare.ts'
import { messages } from './messages.ts'
import { presence } from './presence.ts'
import { proposals } from './proposals.ts'
import { receipts } from './receipts.ts'
import { session } from './session.ts'
import { spreading } from './spreading.ts'
import { tick } from './tick.ts'
import { tokens } from './tokens.ts'
import { unread } from './unread.ts'
import { verification } from './verification.ts'

/** The features, in the order of the reference. */
export const features = {
  session,
  channels,
  messages,
  claims,
  receipts,
  unread,
  agents,
  presence,
  verification,
  proposals,
  budgets,
  spreading,
  tokens,
  tick,
} as const satisfies Record<string, Feature>

/** What clients send. */
export const asks = {
  ...session.asks,
  ...channels.asks,
  ...messages.asks,
  ...claims.asks,
  ...receipts.asks,
  ...unread.asks,
  ...agents.asks,
  ...presence.asks,
  ...verification.asks,
  ...proposals.asks,
  ...budgets.asks,
  ...spreading.asks,
  ...tokens.asks,
}
/** What servers send. */
export const tells = {
  ...session.tells,
  ...channels.tells,
  ...messages.tells,
  ...claims.tells,
  ...receipts.tells,
  ...unread.tells,
  ...agents.tells,
  ...presence.tells,
  ...verification.tells,
  ...proposals.tells,
  ...budgets.tells,
  ...spreading.tells,
  ...tokens.tells,
}
/** What nodes note in the log for themselves. */
export const notes = {
  ...session.notes,
  ...channels.notes,
  ...messages.notes,
  ...claims.notes,
  ...receipts.notes,
  ...unread.notes,
  ...agents.notes,
  ...presence.notes,
  ...verification.notes,
  ...proposals.notes,
  ...budgets.notes,
  ...spreading.notes,
  ...tokens.notes,
  ...tick.notes,
}

type FieldsOf<S extends Shape> = z.output<z.ZodObject<{ -readonly [K in keyof S]: S[K] }>>

export type AskType = keyof typeof asks
export type TellType = keyof typeof tells
export type NoteType = keyof typeof notes

/** The fields of a frame from a client, as they come off the wire. */
export type AskFields<T extends AskType> =
  (typeof asks)[T] extends Ask<infer F, string, Shape> ? FieldsOf<F> : never
/** What the edge adds to them before the log. */
export type EdgeFields<T extends AskType> =
  (typeof asks)[T] extends Ask<Shape, string, infer E> ? FieldsOf<E> : never
/** The type of the one answer to a frame. */
export type AnswerType<T extends AskType> =
  (typeof asks)[T] extends Ask<Shape, infer A, Shape> ? Extract<A, TellType> : never
/** The fields of a frame from a server. */
export type TellFields<T extends TellType> =
  (typeof tells)[T] extends Tell<infer F> ? FieldsOf<F> : never
/** The fields of an entry that a node appends itself. */
export type NoteFields<T extends NoteType> =
  (typeof notes)[T] extends Note<infer F> ? FieldsOf<F> : never

/** A frame from a server as a client hears it. */
export type Heard<T extends TellType = TellType> = {
  [K in T]: { type: K; ts: number; ref?: string } & TellFields<K>
}[T]
