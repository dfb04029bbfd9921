// What a command says of a deal: texts from words, flags, files or standard input, and terms from any of them.

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { limits } from '../protocol/limits.ts'
import { scanFrame } from '../protocol/scan.ts'
import { type Run, value } from './command.ts'
import { contentOf, readInput, textOf } from './content.ts'
import { type Failure, wrongUsage } from './failure.ts'
import { chunksOf, readFileUpTo } from './files.ts'
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

/** Spaces between their parts do not count; more bytes than these are not looked at. */
const mostTermsBytes = 4 * limits.document_bytes

/** Terms: `@FILE`, `-` for standard input, or as they stand; JSON when they are an object or array, otherwise text. */
export async function readTerms(run: Pick<Run, 'signal'>, said: string): Promise<unknown> {
  const text = said === '-' ? await readInput(run) : readSaid(said)
  const terms = jsonOrText((await text).trim())
  if (terms === '') throw wrongUsage('The terms are empty.', 'Leave --terms out.')
  return terms
}

async function readSaid(said: string): Promise<string> {
  if (!said.startsWith('@')) return said
  const file = said.slice(1)
  const bytes = await readFileUpTo(file, mostTermsBytes)
  if (bytes.length > mostTermsBytes) throw wrongUsage(`${file} is too long.`, 'Make it shorter.')
  const text = textOf(bytes)
  if (text !== undefined) return text
  throw wrongUsage(`${file} is no UTF-8 text.`, 'Name another file: --terms @FILE')
}

/** What begins like JSON has to be JSON: nobody should sign it as something else by a slip of the hand. */
function jsonOrText(text: string): unknown {
  if (!/^[[{]/.test(text)) return text
  const fault = scanFrame(text)
  if (fault !== undefined) throw notJson(fault)
  try {
    return JSON.parse(text)
  } catch (failure) {
    throw notJson(String(failure))
  }
}

function notJson(why: string): Failure {
  return wrongUsage(
    `The terms begin like JSON and are none: ${why.replace(/\.$/, '')}.`,
    'Mend them, or begin with a word if they are text.',
  )
}

/** What shows which file it was: its SHA-256 and its name. @throws Failure when it cannot be read */
export async function proofOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunksOf(file)) hash.update(chunk)
  return `sha256:${hash.digest('hex')} ${basename(file)}`
}
