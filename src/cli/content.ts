// What is to be said: from the words of the command line, or from standard input.

import { limits } from '../protocol/limits.ts'
import type { Run } from './command.ts'
import { wrongUsage } from './failure.ts'

/** What a text is for, and how much of it there may be. */
interface Kind {
  /** As it stands behind "There is no". */
  readonly what: string
  readonly mostCharacters: number
}

const message: Kind = { what: 'text to send', mostCharacters: limits.content_characters }

/**
 * A text, that of a message unless said otherwise: the words with spaces between them, or standard input for `-`.
 *
 * @throws Failure when there is none, or more than is taken
 */
export async function contentOf(
  words: readonly string[],
  run: Pick<Run, 'signal' | 'input'>,
  { what, mostCharacters }: Kind = message,
): Promise<string> {
  const isPiped = words[0] === '-'
  if (isPiped && words.length > 1) {
    throw wrongUsage(
      '- stands for all of the text.',
      'Put the rest into what is piped, or leave - out.',
    )
  }
  const text = isPiped ? (await readInput(run)).replace(/\r?\n$/, '') : words.join(' ')
  if (text.trim() === '') {
    throw wrongUsage(
      `There is no ${what}.`,
      "Put it in quotes behind the rest, or - to read it from standard input: 'hello'.",
    )
  }
  if (text.length > mostCharacters) {
    throw wrongUsage(
      `The ${what} has ${text.length} characters; it may have ${mostCharacters}.`,
      'Make it shorter, or send it in parts.',
    )
  }
  return text
}

/** Reads standard input to its end, as it is, or until it has given more than `mostBytes`. @throws the signal's reason */
export async function readInputBytes(signal: AbortSignal, mostBytes = Infinity): Promise<Buffer> {
  const stop = () => process.stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    length += bytes.length
    if (length > mostBytes) break
  }
  signal.throwIfAborted()
  signal.removeEventListener('abort', stop)
  return Buffer.concat(chunks)
}

/** Reads standard input to its end. @throws Failure when it is no text @throws the signal's reason */
export async function readInput({ signal, input }: Pick<Run, 'signal' | 'input'>): Promise<string> {
  const text = textOf(input === undefined ? await readInputBytes(signal) : await input())
  if (text === undefined) {
    throw wrongUsage(
      'What was piped is no UTF-8 text.',
      'Encode it first, for instance with base64.',
    )
  }
  return text
}

/** The text that bytes spell, nothing left out; undefined when they are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
