// The fields of a frame as rows of a table in the reference, their types in words.

import { z } from 'zod'
import type { Shape } from './declare.ts'
import * as declared from './fields.ts'
import { tells } from './frames.ts'

/** The part of JSON Schema that zod writes for our declarations. */
interface Schema {
  readonly $schema?: string
  readonly type?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
}

/** The types that several fields have, by name. They are told once, and named elsewhere. */
const shared = Object.entries(declared)
  .flatMap(([name, type]) => (type instanceof z.ZodType ? [{ name, schema: toSchema(type) }] : []))
  .sort((one, other) => (one.name < other.name ? -1 : 1))
const known: ReadonlyMap<string, { name: string; description: string | undefined }> = new Map([
  ...Object.entries(tells).map(([type, { fields }]) => {
    return [spell(toSchema(z.object(fields))), { name: type, description: undefined }] as const
  }),
  ...shared.map(({ name, schema }) => {
    return [spell(schema), { name, description: schema.description }] as const
  }),
])

/** Writes the table of a frame's fields; a field that may be absent has a question mark. */
export function fieldTable(fields: Shape): string {
  const rows = rowsOf(toSchema(z.object(fields)), '')
  if (rows.length === 0) return 'No fields.'
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n')
}

/** Writes the table of the types that the other tables name. */
export function typeTable(): string {
  const rows = shared.flatMap(({ name, schema }) => [
    `| \`${name}\` | ${typeInWords(schema)} | ${schema.description ?? ''} |`,
    ...rowsOf(schema, `${name}.`),
  ])
  return ['| type | what it is | meaning |', '|---|---|---|', ...rows].join('\n')
}

function toSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input' }) as Schema // what zod writes is JSON Schema
}

/** The same text for the same type, whatever it is used for. */
function spell({ $schema, description, ...type }: Schema): string {
  return JSON.stringify(type)
}

function rowsOf({ properties = {}, required = [] }: Schema, path: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const spelled = `\`${path}${name}${required.includes(name) ? '' : '?'}\``
    const same = known.get(spell(field))
    const meaning = field.description === same?.description ? undefined : field.description
    const row = `| ${spelled} | ${typeInField(field)} | ${meaning ?? ''} |`
    const inner =
      field.items && !known.has(spell(field.items)) ? rowsOf(field.items, `${name}[].`) : []
    return [row, ...inner]
  })
}

function typeInField(schema: Schema): string {
  const same = known.get(spell(schema))
  return same === undefined ? typeInWords(schema) : code(same.name)
}

function typeInWords(schema: Schema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const))
  if (schema.enum) return schema.enum.map((word) => code(JSON.stringify(word))).join(' or ')
  if (schema.anyOf) return schema.anyOf.map(typeInField).join(' or ')
  if (schema.type === 'string') return textInWords(schema)
  if (schema.type === 'integer') return `whole number${rangeInWords(schema)}`
  if (schema.type === 'number') return `number${rangeInWords(schema)}`
  if (schema.type === 'array') return `list of ${typeInField(schema.items ?? {})}`
  if (typeof schema.additionalProperties === 'object') {
    return `object of ${typeInField(schema.additionalProperties)}`
  }
  return schema.type ?? 'anything'
}

function textInWords({ pattern, minLength, maxLength }: Schema): string {
  const grammar = pattern === undefined ? 'text' : `text ${code(pattern)}`
  if (maxLength === undefined) return grammar
  if (minLength === maxLength) return `${grammar}, ${maxLength} characters`
  return `${grammar}, ${minLength === undefined ? 'up to' : `${minLength} to`} ${maxLength} characters`
}

/** The bounds, unless they are only those of what JSON numbers can hold, or of dates. */
function rangeInWords({ minimum = -Infinity, maximum = Infinity }: Schema): string {
  if (maximum < 8.64e15) return `, ${minimum} to ${maximum}`
  return minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : ''
}

/** In a table a bar would end the cell. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}
