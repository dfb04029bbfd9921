// From the text of one frame to a checked ask: nothing unchecked gets past here.

import { z } from 'zod'
import type { Ask, Shape } from './declare.ts'
import { Refusal } from './errors.ts'
import { type AskFields, type AskType, asks } from './frames.ts'
import { limits } from './limits.ts'
import { scanFrame } from './scan.ts'

/** A frame from a client that is well formed: its fields are those declared, and no others. */
export type Decoded<T extends AskType = AskType> = {
  [K in T]: {
    readonly type: K
    readonly declaration: Ask<Shape, string, Shape>
    readonly ref: string | undefined
    readonly fields: AskFields<K>
  }
}[T]

interface Reader {
  readonly declaration: Ask<Shape, string, Shape>
  readonly schema: z.ZodType
}

const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries(asks).map(([type, declaration]) => [
    type,
    { declaration, schema: z.object(declaration.fields) },
  ]),
)
const refPattern = /^[\x21-\x7e]+$/

/**
 * Reads one text frame.
 * @returns the decoded frame, or the refusal to answer with; `ref` is kept when it could be read
 */
export function decode(text: string): Decoded | { readonly refusal: Refusal; ref?: string } {
  const fault = scanFrame(text)
  if (fault !== undefined) return bad(fault)
  const value = parse(text)
  if (!isObject(value)) return bad('A frame is one JSON object with a "type".')
  const ref = value.ref ?? undefined
  if (ref !== undefined && !isRef(ref)) {
    return bad(`"ref" is 1 to ${limits.ref_characters} printable characters without spaces.`)
  }
  const reader = typeof value.type === 'string' ? readers.get(value.type) : undefined
  if (!reader) return bad('Unknown "type"; the server serves its list at /protocol.json.', ref)
  const parsed = reader.schema.safeParse(withoutNulls(value))
  if (!parsed.success) return bad(explain(value.type as string, parsed.error), ref)
  const { declaration } = reader
  // `readers` was made from `asks`: the type is one of its keys, and the schema that of its fields.
  return { type: value.type, declaration, ref, fields: parsed.data } as Decoded
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRef(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= limits.ref_characters && refPattern.test(value)
  )
}

/** Older clients write null for what they leave out. */
function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  for (const key in value) if (value[key] === null) delete value[key]
  return value
}

function explain(type: string, error: z.ZodError): string {
  const issue = error.issues[0]
  const field = issue?.path.length ? `"${issue.path.join('.')}"` : 'the frame'
  return `${type}: ${field} is not as declared (${issue?.message ?? 'unknown'}).`.slice(0, 300)
}

function bad(message: string, ref?: string): { refusal: Refusal; ref?: string } {
  const refusal = new Refusal('INVALID_MSG', message, {})
  return ref === undefined ? { refusal } : { refusal, ref }
}
