// The words of a command line in the order that the tree expects.

import { globals } from './settings.ts'
import { aliases, nouns, tree } from './tree.ts'
import { isServer } from './values.ts'

/** The topics of `agentchat help`, which are no commands there. */
export const topics = ['exit-codes', 'environment', 'formatting', 'agents'] as const

/**
 * Brings older and looser spellings into one form: the server's address in first place becomes
 * `--server`, and `help send` becomes `send --help`.
 */
export function rearrange(argv: readonly string[]): string[] {
  const words = serverAsFlag(argv)
  const [first, second] = words
  const isTopic = topics.some((topic) => topic === second)
  if (first !== 'help' || second === undefined || isTopic || !isCommand(second)) return words
  return [...words.slice(1), '--help']
}

/** The address may stand before the command, after it, or after its verb; what follows is content. */
function serverAsFlag(argv: readonly string[]): string[] {
  const path: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (isServer(word)) return ['--server', word, ...argv.toSpliced(index, 1)]
    if (word === '--') break
    if (takesValue(word)) index += 1
    if (word.startsWith('-')) continue
    const [noun] = path
    const isNext = noun === undefined ? isCommand(word) : path.length === 1 && isVerb(noun, word)
    if (!isNext) break
    path.push(word)
  }
  return [...argv]
}

function isVerb(noun: string, word: string): boolean {
  return nouns.has(noun) && /^[a-z]+$/.test(word)
}

function takesValue(word: string): boolean {
  return Object.entries(globals).some(
    ([key, { value, short }]) =>
      value !== undefined && (word === `--${key}` || word === `-${short}`),
  )
}

function isCommand(word: string): boolean {
  return Object.hasOwn(tree, word) || Object.hasOwn(aliases, word)
}
