// The option that sets the storm guard: from text to sizes.

import type { NoteFields } from '../protocol/frames.ts'
import { StartError } from './start-error.ts'

type Sizes = NonNullable<NoteFields<'CONFIGURED'>['budgets']>

const names = ['agent', 'pair', 'thread'] as const

/**
 * Reads `agent=60+180,pair=20+60,thread=40+120,depth=50`, all four in any order.
 *
 * @returns undefined for `off`
 * @throws StartError on another text
 */
export function readBudgets(text: string): Sizes | undefined {
  if (text === 'off') return undefined
  const parts = new Map(text.split(',').map((part) => split(part.trim(), '=', text)))
  const depth = parts.get('depth')
  if (parts.size !== names.length + 1 || depth === undefined) throw wrong(text)
  const [agent, pair, thread] = names.map((name) => readBucket(parts.get(name), text))
  if (!agent || !pair || !thread) throw wrong(text)
  return { agent, pair, thread, depth: readCount(depth, text) }
}

function readBucket(part: string | undefined, text: string): Sizes['agent'] {
  const [burst, perHour] = split(part ?? '', '+', text)
  return { burst: readCount(burst, text), per_hour: readCount(perHour, text) }
}

function split(part: string, by: string, text: string): [string, string] {
  const at = part.indexOf(by)
  if (at < 1) throw wrong(text)
  return [part.slice(0, at), part.slice(at + 1)]
}

function readCount(part: string, text: string): number {
  const count = Number(part)
  if (!/^\d{1,9}$/.test(part) || count < 1) throw wrong(text)
  return count
}

function wrong(text: string): StartError {
  return new StartError(
    `--budgets "${text}" cannot be read.`,
    'Write it as agent=60+180,pair=20+60,thread=40+120,depth=50 (at once + an hour), or off.',
    'options',
  )
}
