// Schemas of tools as clients list them: without what every reader of them knows anyway.

import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What costs tokens and tells a model little; what does not fit is refused in words all the same. */
const idle = new Set([
  '$schema',
  'additionalProperties',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
])

/** A schema that checks as it did, and whose JSON Schema is as short as it can be. */
export function slim<S extends z.ZodObject>(schema: S): StandardSchemaWithJSON {
  const { validate } = schema['~standard']
  const json = () => withoutIdle(z.toJSONSchema(schema, { io: 'input' }))
  return {
    '~standard': {
      version: 1,
      vendor: 'agentchat',
      validate: (value) => validate(value),
      jsonSchema: { input: json, output: json },
    },
  }
}

function withoutIdle(schema: object): Record<string, unknown> {
  const kept = Object.entries(schema).filter(([key]) => !idle.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, shortened(value)]))
}

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortened)
  return typeof value === 'object' && value !== null ? withoutIdle(value) : value
}
