// What a command says of a deal: texts from words, flags, files or standard input, and terms from any of them.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { limits } from '../protocol/limits.ts'
import { type Run, value } from './command.ts'
import { contentOf, readInput, textOf } from './content.ts'
import { wrongUsage } from './failure.ts'
import { parseText } from './values.ts'

const payDoc =
  'where to pay what is agreed: scheme:address, or a bare BIP47 code or Solana address; no money moves'

/** Where to pay, in the newer and the older spelling. */
export const payFlags = {
  pay: value('SCHEME:ADDR', payDoc, parseText),
  paymentCode: value('CODE', 'the same as --pay', parseText),
}

/** One of several ways to say the same. @throws Failure when it is said twice */
export function oneOf<T>(what: string, ...ways: readonly (T | undefined)[]): T | undefined {
  const said = ways.filter((way) => way !== undefined)
  if (said.length > 1) throw wrongUsage(`${what} is there more than once.`, 'Say it in one way.')
  return said[0]
}

interface Spoken {
  readonly words: readonly string[]
  readonly flag: string | undefined
  readonly what: string
  readonly mostCharacters: number
}

/**
 * A text that may be words (`-` is standard input) or the value of a flag; undefined when it is neither.
 *
 * @throws Failure when it is both, or too long
 */
export async function spokenText(
  run: Pick<Run, 'signal'>,
  { words, flag, what, mostCharacters }: Spoken,
): Promise<string | undefined> {
  const asWords = words.length === 0 ? undefined : words
  const asFlag = flag === undefined ? undefined : [flag]
  const said = oneOf(`The ${what}`, asWords, asFlag)
  if (said === undefined) return undefined
  return contentOf(said, run, { what, mostCharacters })
}

/** The same where there has to be one. */
export async function neededText(run: Pick<Run, 'signal'>, spoken: Spoken): Promise<string> {
  const text = await spokenText(run, spoken)
  return text ?? contentOf([], run, spoken)
}

/** Terms: `@FILE`, `-` for standard input, or as they stand; JSON when they are an object or array, otherwise text. */
export async function readTerms(run: Pick<Run, 'signal'>, said: string): Promise<unknown> {
  const text = said === '-' ? await readInput(run.signal) : readSaid(said)
  const terms = jsonOrText((await text).trim())
  if (terms === '') throw wrongUsage('The terms are empty.', 'Leave --terms out.')
  return terms
}

async function readSaid(said: string): Promise<string> {
  if (!said.startsWith('@')) return said
  const file = said.slice(1)
  const text = textOf(await readFileUpTo(file, limits.document_bytes))
  if (text !== undefined) return text
  throw wrongUsage(`${file} is no UTF-8 text.`, 'Name another file: --terms @FILE')
}

function jsonOrText(text: string): unknown {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What shows which file it was: its SHA-256 and its name. @throws Failure when it cannot be read */
export async function proofOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunksOf(file)) hash.update(chunk)
  return `sha256:${hash.digest('hex')} ${basename(file)}`
}

/** A file, or as much of it as tells that it is too long: one byte more than `mostBytes`. @throws as proofOfFile */
export async function readFileUpTo(file: string, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of chunksOf(file, mostBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* chunksOf(file: string, end?: number): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, end === undefined ? {} : { end })
  } catch (failure) {
    const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
    throw wrongUsage(`${file} cannot be read (${code}).`, 'Name a file that is there.')
  }
}
