// What a command is: its flags as a table, its examples, and what it does.

import type { AgentChat } from '../client/chat.ts'
import { BadValue, wrongUsage } from './failure.ts'
import type { Output } from './output.ts'
import { parseText } from './values.ts'

/** One flag. Its spelling is made of its key in the table: `replyTo` is `--reply-to`. */
export interface Flag<T> {
  readonly doc: string
  /** What the value is called in help; undefined for a flag that is there or is not. */
  readonly value: string | undefined
  readonly parse: (text: string) => T
  readonly short: string | undefined
  /** The variable that says the same; the flag wins. */
  readonly env: string | undefined
}

export type Flags = Readonly<Record<string, Flag<unknown>>>

/** What was said for each flag, read; undefined for what was not said. */
export type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T | undefined : never
}

interface FlagMore {
  readonly short?: string
  readonly env?: string
}

/** A flag with a value. */
export function value<T>(
  name: string,
  doc: string,
  parse: (text: string) => T,
  { short, env }: FlagMore = {},
): Flag<T> {
  return { doc, value: name, parse, short, env }
}

/** A flag that is there or is not. */
export function toggle(doc: string, { short, env }: FlagMore = {}): Flag<boolean> {
  return { doc, value: undefined, parse: Boolean, short, env }
}

/** What a command works with. */
export interface Run {
  /** The words that are no flags. */
  readonly args: readonly string[]
  readonly settings: Settings
  readonly output: Output
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** The id of what this run says, so that the same run begun again says nothing twice; random when absent. */
  readonly cid?: string | undefined
  /** All of standard input, where it is not that of this process. */
  readonly input?: (() => Promise<Buffer>) | undefined
  /** A connection that stands already; undefined when there is none to lend. */
  readonly lend?: (() => AgentChat | undefined) | undefined
}

/** A token, or the file that holds one. */
export type TokenSource = { readonly file: string } | { readonly text: string }

/** What the global flags and the environment say. */
export interface Settings {
  /** Where identities, known servers and the choice of an identity are kept. */
  readonly home: string
  readonly server: string
  /** The name of an identity, or the path of its file; undefined when none was named. */
  readonly identity: string | undefined
  /** What to be called without a key; undefined when nothing was said. */
  readonly name: string | undefined
  /** The token to act with instead of a key; undefined when none was named. */
  readonly token: TokenSource | undefined
  /** For each answer of the server. */
  readonly timeoutMs: number
  /** Say also what looks like a secret. */
  readonly allowSecrets: boolean
  /** A file with the certificates to trust. */
  readonly ca: string | undefined
}

/** A command, as its module declares it. */
export interface Command<F extends Flags = Flags> {
  /** What follows the command's name, in commander's spelling: `<to> [text...]`. */
  readonly args: string
  readonly doc: string
  readonly flags: F
  /** Lines to paste into a shell; a test runs each of them. */
  readonly examples: readonly string[]
  /** May set the exit code of its output for an end that is no failure. */
  run(run: Run, values: Values<F>): Promise<void>
}

/** A command that is a noun: its first verb is meant when none is named. */
export interface Noun {
  readonly doc: string
  readonly verbs: Readonly<Record<string, Command>>
}

/** Declares a command; its flags give the types of the values that it runs with. */
export function command<F extends Flags>(declared: Command<F>): Command {
  return declared as unknown as Command // it is only ever run with values read by its own flags
}

/** What was typed for the flags, before it is read: text, or true. */
export type Typed = Readonly<Record<string, unknown>>

/**
 * Reads flags: what was typed, else what the environment says.
 *
 * @throws Failure on a value that the flag does not take
 */
export function readFlags<F extends Flags>(
  flags: F,
  typed: Typed,
  environment: (name: string) => string | undefined,
): Values<F> {
  const entries = Object.entries(flags).map(([key, flag]) => {
    const said = typed[key]
    const text = said === undefined && flag.env ? environment(flag.env) : said
    const source = said === undefined ? flag.env : spelled(key)
    return [key, text === undefined ? undefined : readValue(flag, source ?? key, String(text))]
  })
  return Object.fromEntries(entries) as Values<F> // one entry for each key, read by its own parser
}

function readValue(flag: Flag<unknown>, source: string, text: string): unknown {
  try {
    return flag.parse(text)
  } catch (failure) {
    if (!(failure instanceof BadValue)) throw failure
    throw wrongUsage(`${source} "${text}" is not ${failure.expected}.`, 'agentchat help formatting')
  }
}

/**
 * Reads a word that is no flag.
 *
 * @throws Failure on a word that the parser does not take
 */
export function readWord<T>(parse: (text: string) => T, text: string): T {
  return readValue({ ...value('', '', parseText), parse }, 'The word', text) as T // what `parse` gave
}

/** How the flag of a key is typed. */
export function spelled(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
