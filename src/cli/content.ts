// What is to be said: from the words of the command line, or from standard input.

import { limits } from '../protocol/limits.ts'
import type { Run } from './command.ts'
import { wrongUsage } from './failure.ts'

/**
 * The text of a message: the words with spaces between them, or standard input for `-`.
 *
 * @throws Failure when there is none, or more than a message holds
 */
export async function contentOf(words: readonly string[], { signal }: Run): Promise<string> {
  const isPiped = words[0] === '-'
  if (isPiped && words.length > 1) {
    throw wrongUsage(
      '- stands for all of the text.',
      'Put the rest into what is piped, or leave - out.',
    )
  }
  const text = isPiped ? (await readInput(signal)).replace(/\r?\n$/, '') : words.join(' ')
  if (text.trim() === '') {
    throw wrongUsage(
      'There is no text to send.',
      "Put it in quotes behind the rest, or - to read it from standard input: 'hello'.",
    )
  }
  if (text.length > limits.content_characters) {
    throw wrongUsage(
      `The text has ${text.length} characters; a message has at most ${limits.content_characters}.`,
      'Send it in parts.',
    )
  }
  return text
}

/** Reads standard input to its end. @throws Failure when it is no text @throws the signal's reason */
export async function readInput(signal: AbortSignal): Promise<string> {
  const stop = () => process.stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  signal.throwIfAborted()
  signal.removeEventListener('abort', stop)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    throw wrongUsage(
      'What was piped is no UTF-8 text.',
      'Encode it first, for instance with base64.',
    )
  }
}
