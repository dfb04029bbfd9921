// `agentchat schema`: what frames look like, as JSON Schema, read from their declarations.

import type { Shape } from '../../protocol/declare.ts'
import { asks, tells } from '../../protocol/frames.ts'
import { frameSchema } from '../../protocol/schema.ts'
import { command } from '../command.ts'
import { wrongUsage } from '../failure.ts'
import type { Row } from '../output.ts'

interface Declared {
  readonly kind: string
  readonly doc: string
  readonly fields: Shape
  readonly answer?: string
  readonly refusals?: readonly string[]
  readonly example: object
}

export const schema = command({
  args: '[frame]',
  doc: 'Print the JSON Schema of a frame, or of all of them.',
  flags: {},
  examples: ['agentchat schema HISTORY', 'agentchat schema'],
  async run({ args, output }) {
    const wanted = args[0]?.toUpperCase()
    const all = [...rows('client', asks), ...rows('server', tells)]
    const rowsWanted = all.filter(({ frame }) => wanted === undefined || frame.frame === wanted)
    if (rowsWanted.length === 0) {
      throw wrongUsage(`There is no frame "${args[0]}".`, 'agentchat schema shows all of them.')
    }
    for (const { frame, text } of rowsWanted) output.print(frame, text)
    if (wanted !== undefined) return
    output.end({ count: rowsWanted.length, next: null, left: 0, truncated: false })
  },
})

function rows(sentBy: string, frames: Readonly<Record<string, Declared>>) {
  return Object.entries(frames).map(([name, declared]) => row(sentBy, name, declared))
}

function row(sentBy: string, name: string, declared: Declared) {
  const { kind, doc, fields, answer, refusals, example } = declared
  const schema = frameSchema(name, fields)
  const frame = {
    type: 'SCHEMA',
    frame: name,
    sent_by: sentBy,
    kind,
    doc,
    answer,
    refusals,
    schema,
    example: { type: name, ...example },
  }
  const text = `${name} (sent by a ${sentBy}): ${doc}\n${JSON.stringify(schema, null, 2)}`
  return { frame, text } satisfies Row
}
