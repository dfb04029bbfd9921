// Frames for the fuzzer: examples that were changed a little, a lot, or past recognition.

import { asks } from '../../src/protocol/frames.ts'
import type { Random } from './random.ts'

type Plain = Record<string, unknown>

/** Words that a world may know, so that some frames get far. */
export interface Dictionary {
  readonly channels: readonly string[]
  readonly agents: readonly string[]
}

const examples: readonly Plain[] = Object.entries(asks).map(([type, { example }]) => ({
  type,
  ...example,
}))
const types = [...Object.keys(asks), 'TICK', 'SESSION_OPENED', 'toString', 'WELCOME', '']

/** The text of one frame. */
export function mutatedFrame(random: Random, dictionary: Dictionary): string {
  const frame: Plain = { ...random.pick(examples) }
  if (random.oneIn(2)) frame.ref = `r${random.below(9)}`
  if (random.oneIn(20)) frame.ref = random.pick(['r'.repeat(64), 'r'.repeat(65), '', 7, null, ' '])
  fillIn(frame, random, dictionary)
  const changes = random.oneIn(2) ? 0 : 1 + random.below(3)
  for (let change = 0; change < changes; change++) changeField(frame, random)
  const text = JSON.stringify(frame)
  if (random.oneIn(8)) return changeText(text, random)
  if (random.oneIn(50)) return notAFrame(random)
  return text
}

/** Names and numbers that mean something here, in place of those of the example. */
function fillIn(frame: Plain, random: Random, { channels, agents }: Dictionary): void {
  for (const [field, value] of Object.entries(frame)) {
    if (field === 'type' || typeof value !== 'string') {
      if (typeof value === 'number' && random.oneIn(2)) frame[field] = random.below(60)
    } else if (value.startsWith('#')) frame[field] = random.pick(channels)
    else if (value.startsWith('@')) frame[field] = random.pick(agents)
    else if (/^[mv]\d+$/.test(value)) frame[field] = value.charAt(0) + random.below(200)
  }
  if ('content' in frame && random.oneIn(3)) {
    frame.content = `${random.pick(agents)} ${random.text('ab@#\n\u{1F600}', 20)}`
    frame.cid = random.text('ab', 22)
    frame.in_reply_to = `m${random.below(200)}`
  }
}

function changeField(frame: Plain, random: Random): void {
  const field = random.pick(['type', ...Object.keys(frame)])
  const how = random.below(5)
  if (how === 0) delete frame[field]
  else if (how === 1) frame[field] = oddValue(random)
  else if (how === 2)
    frame[random.pick(['extra', 'toString', '0', 'x'.repeat(300)])] = oddValue(random)
  else if (how === 3) Object.assign(frame, random.pick(examples))
  else frame.type = random.pick(types)
}

function oddValue(random: Random): unknown {
  const numbers = [0, -0, -1, 0.5, 1e308, 2 ** 53, -(2 ** 53), 8.64e15]
  const texts = ['', '#', '@', '#a', '@a', '\u0000', '\ud800', 'null', 'x'.repeat(200_001)]
  switch (random.below(8)) {
    case 0:
      return null
    case 1:
      return random.pick(numbers)
    case 2:
      return random.oneIn(20) ? random.pick(texts) : random.pick(texts.slice(0, -1))
    case 3:
      return random.oneIn(2)
    case 4:
      return [random.below(9), [], {}]
    case 5:
      return nested(random.below(40))
    case 6:
      return { $map: [[1, 2]], $set: [1], length: 5 }
    default:
      return random.text('#@abcAB019_- \u00e9', random.below(45))
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value }
  return value
}

/** Changes that a parser should meet. */
function changeText(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const noise = random.text(
    '{}[]":,\\u0123456789eE+-.\n\0 \ud800\udc00truefalsn',
    1 + random.below(4),
  )
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + noise + text.slice(at)
    case 2:
      return text.slice(0, at) + noise + text.slice(at + noise.length)
    case 3:
      return text.replace('{', '{"type":"PING",')
    case 4:
      return text.replace('{', '{"__proto__":{"ref":"r"},')
    default:
      return text.replace(/\d+/, random.pick(['1e400', '-0', '00', '12345678901234567890', '1.5']))
  }
}

function notAFrame(random: Random): string {
  if (random.oneIn(40)) {
    const huge = ['['.repeat(100_000), '{"a":'.repeat(50_000), `"${'x'.repeat(1_000_000)}"`]
    return random.pick(huge)
  }
  return random.pick([
    'null',
    '0',
    '-1',
    '1e999',
    'true',
    '""',
    '[]',
    '{}',
    '[null]',
    '',
    ' ',
    '"\\ud800"',
  ])
}
