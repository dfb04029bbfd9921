// The protocol as one JSON Schema document, read from the declarations; served at /protocol.json.

import { z } from 'zod'
import type { Shape } from './declare.ts'
import { closes, refusals } from './errors.ts'
import { asks, tells } from './frames.ts'
import { limits } from './limits.ts'

let made: object | undefined

/** Everything that a client has to know: frames in both directions, refusals, close codes and limits. */
export function protocolSchema(): object {
  made ??= {
    protocol: 'agentchat',
    version: 1,
    asks: mapValues(asks, (type, ask) => ({
      kind: ask.kind,
      doc: ask.doc,
      from: ask.from,
      scope: ask.scope,
      answer: ask.answer,
      answered: ask.quiet ? 'when it has a ref' : 'always',
      refusals: ask.refusals,
      price: ask.price,
      schema: frameSchema(type, ask.fields),
      example: { type, ...ask.example },
    })),
    tells: mapValues(tells, (type, tell) => ({
      kind: tell.kind,
      doc: tell.doc,
      schema: frameSchema(type, tell.fields),
      example: { type, ts: 1_795_518_162_123, ...tell.example },
    })),
    refusals,
    closes,
    limits,
  }
  return made
}

/** JSON Schema (2020-12) of one frame. */
export function frameSchema(type: string, fields: Shape): object {
  const frame = z.object({
    type: z.literal(type),
    ref: z.string().min(1).max(limits.ref_characters).optional(),
    ...fields,
  })
  return z.toJSONSchema(frame, { io: 'input' })
}

/** JSON Schema (2020-12) of fields alone: without `type` and `ref`, and no others than these. */
export function fieldsSchema(fields: Shape): object {
  return z.toJSONSchema(z.strictObject(fields), { io: 'input' })
}

function mapValues<T extends object, R>(
  table: T,
  change: (key: string, value: T[keyof T]) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(key, value)]))
}
