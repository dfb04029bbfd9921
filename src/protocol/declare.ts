// What a declaration of a frame says, and the words to make one with.

import type { z } from 'zod'
import type { CloseName, RefusalCode } from './errors.ts'

/** Fields of a frame, each with its schema. */
export type Shape = Readonly<Record<string, z.ZodType>>

/** Who may send a frame: anyone connected, an identified agent, an agent with a key. */
export type Access = 'anyone' | 'agent' | 'key'

/** What a token may permit. */
export type Scope = 'read' | 'send'

/** What a token must permit for a frame; `key`: none does, it needs the key itself. */
export type ScopeNeeded = Scope | 'key'

/** Which token bucket a frame is paid from. */
export type Bucket = 'messages' | 'requests'

export interface Price {
  readonly bucket: Bucket
  readonly tokens: number
}

/** A frame that clients send. */
export interface Ask<F extends Shape, A extends string, E extends Shape> {
  /** Commands are logged; queries are answered from the world or the log; signals may be lost. */
  readonly kind: 'command' | 'query' | 'signal'
  readonly doc: string
  readonly from: Access
  readonly scope: ScopeNeeded
  readonly fields: F
  /** What the edge finds out (verified signatures, the message replied to) and the log stores beside the fields. */
  readonly edge: E
  /** The type of the one answer. DONE says nothing more than that it was done. */
  readonly answer: A
  /** True when the answer comes only if the frame has a `ref`. */
  readonly quiet: boolean
  /** True when a refusal too comes only if the frame has a `ref`. */
  readonly silent: boolean
  readonly refusals: readonly RefusalCode[]
  readonly price: Price
  readonly example: Readonly<Record<string, unknown>>
}

/** A frame that servers send. */
export interface Tell<F extends Shape> {
  /** Events are news for an audience; a reply is the one answer to a frame with `ref`. */
  readonly kind: 'event' | 'reply'
  readonly doc: string
  readonly fields: F
  /** The connection is closed after it. */
  readonly closes: CloseName | undefined
  readonly example: Readonly<Record<string, unknown>>
}

/** An entry that nodes append themselves; never accepted from a client. */
export interface Note<F extends Shape> {
  readonly kind: 'note'
  readonly doc: string
  readonly fields: F
}

/** What a feature declares: what clients ask, what servers tell, what nodes note in the log. */
export interface Feature {
  readonly asks: Readonly<Record<string, Ask<Shape, string, Shape>>>
  readonly tells: Readonly<Record<string, Tell<Shape>>>
  readonly notes: Readonly<Record<string, Note<Shape>>>
}

interface AskSpec<F extends Shape, A extends string, E extends Shape> {
  readonly doc: string
  readonly from: Access
  /** Only where it is another than `scopeOf` says. */
  readonly scope?: ScopeNeeded
  readonly fields: F
  readonly edge?: E
  readonly answer: A
  readonly quiet?: boolean
  readonly silent?: boolean
  readonly refusals?: readonly RefusalCode[]
  readonly price: Price
  readonly example: Readonly<Record<string, unknown>>
}

/** Looking needs `read` and doing needs `send`; what only a key may do, no token may. */
function scopeOf(kind: Ask<Shape, string, Shape>['kind'], from: Access): ScopeNeeded {
  if (kind !== 'command') return 'read'
  return from === 'key' ? 'key' : 'send'
}

type NoFields = Readonly<Record<never, never>>

function ask(kind: Ask<Shape, string, Shape>['kind']) {
  return <F extends Shape, const A extends string, E extends Shape = NoFields>(
    spec: AskSpec<F, A, E>,
  ): Ask<F, A, E> => ({
    quiet: false,
    silent: false,
    refusals: [],
    scope: scopeOf(kind, spec.from),
    ...spec,
    edge: spec.edge ?? ({} as E), // absent means: the edge adds nothing, and E is then the empty shape
    kind,
  })
}

export const command = ask('command')
export const query = ask('query')
export const signal = ask('signal')

interface TellSpec<F extends Shape> {
  readonly doc: string
  readonly fields: F
  readonly closes?: CloseName
  readonly example: Readonly<Record<string, unknown>>
}

function tell(kind: Tell<Shape>['kind']) {
  return <F extends Shape>(spec: TellSpec<F>): Tell<F> => ({ closes: undefined, ...spec, kind })
}

export const event = tell('event')
export const reply = tell('reply')

export function note<F extends Shape>(spec: { doc: string; fields: F }): Note<F> {
  return { ...spec, kind: 'note' }
}
