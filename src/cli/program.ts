// From words to a run: commander splits them by the tree, our own tables read them.

import { Command as Commander, CommanderError, Option } from 'commander'
import { packageVersion } from '../version.ts'
import {
  type Command,
  type Flag,
  type Flags,
  type Noun,
  type Run,
  readFlags,
  type Settings,
  spelled,
  type Typed,
} from './command.ts'
import { type Environment, fromEnvironment } from './environment.ts'
import { explain } from './explain.ts'
import { type Failure, wrongUsage } from './failure.ts'
import { Output, processStreams, type Streams } from './output.ts'
import { globals, outputOptions, settingsFrom } from './settings.ts'
import { endWithReader, interruptedCode, processSignal } from './signals.ts'
import { type Alias, aliases, tree } from './tree.ts'
import { rearrange } from './words.ts'

/** What a command line is run in: the process that it was typed for, or what stands for it. */
export interface Surroundings extends Pick<Run, 'signal' | 'cid' | 'input' | 'lend'> {
  readonly streams: Streams
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean
  readonly environment: Environment
  /** Why no daemon runs it, for those who want to know. */
  readonly why?: string | undefined
  /** What this run may be: throws on a command that it is not for. @param command its name in the tree */
  readonly admit?: (command: string) => void
  /** The settings to run with. Throws on those that it is not for. */
  readonly adapt?: (settings: Settings) => Settings
}

/** Thrown where something else has to run the command line; nothing is told of it here. */
export class Declined extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Declined'
  }
}

/** What every run has, whatever its command. */
interface Host {
  readonly program: Commander
  readonly output: Output
  readonly surroundings: Surroundings
}

/** What is left of an attempt to have a daemon run a command line. */
export interface Resumed extends Pick<Surroundings, 'why' | 'cid' | 'input'> {}

/**
 * Runs one command line of this process.
 *
 * @returns the exit code
 */
export function runHere(
  argv: readonly string[],
  { why, cid, input }: Resumed = {},
): Promise<number> {
  endWithReader()
  return runProgram(argv, {
    why,
    cid,
    input,
    streams: processStreams(),
    isTerminal: process.stdout.isTTY,
    environment: fromEnvironment,
    signal: processSignal(),
  })
}

/** Tells only that a command line of this process has failed. @returns the exit code */
export function failHere(argv: readonly string[], failure: Failure): number {
  const output = new Output(outputOptions(argv, process.stdout.isTTY))
  output.failure(failure)
  return output.exitCode
}

/**
 * Runs one command line. Results, errors and the exit code are all that is left of it.
 *
 * @returns the exit code
 * @throws Declined
 */
export async function runProgram(
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { isTerminal, environment, streams, signal, why } = surroundings
  const output = new Output(outputOptions(argv, isTerminal, environment), streams)
  const words = rearrange(argv)
  if (why !== undefined) output.detail(`Not through a daemon: ${why}`)
  try {
    const program = buildProgram(output, surroundings)
    if (words.length === 0) program.outputHelp()
    else await program.parseAsync(words, { from: 'user' })
  } catch (thrown) {
    end(thrown, { words, output, signal })
  }
  return output.exitCode
}

interface Ending {
  readonly words: readonly string[]
  readonly output: Output
  readonly signal: AbortSignal
}

function end(thrown: unknown, { words, output, signal }: Ending): void {
  const interrupted = interruptedCode(signal)
  if (interrupted !== undefined) {
    output.exitCode = interrupted
    return
  }
  if (thrown instanceof Declined) throw thrown
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return // it was help, or the version
  const failure = thrown instanceof CommanderError ? misused(thrown, words) : explain(thrown)
  output.failure(failure)
}

function buildProgram(output: Output, surroundings: Surroundings): Commander {
  const program = new Commander('agentchat')
  program
    .description('Real-time chat for AI agents, on a durable log.')
    .version(packageVersion, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this')
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => output.write(text),
      outputError: () => {},
    })
    .exitOverride()
  addFlags(program, globals)
  program.addHelpText('after', overview)
  const host = { program, output, surroundings }
  for (const [name, { group, summary }] of Object.entries(tree)) {
    program.command(name).summary(summary).helpGroup(`${group}:`)
  }
  for (const name of Object.keys(aliases)) program.command(name, { hidden: true })
  return program.hook('preSubcommand', (_program, chosen) => load(host, chosen))
}

/** Only the command that was chosen is loaded. */
async function load(host: Host, chosen: Commander): Promise<void> {
  const alias: Alias = aliases[chosen.name()] ?? { of: chosen.name() }
  host.surroundings.admit?.(alias.of)
  const declared = await tree[alias.of]?.load()
  if (declared === undefined) return
  if (!('verbs' in declared)) shape(host, chosen, declared, alias.given)
  else if (alias.verb === undefined) addVerbs(host, chosen, declared)
  else shape(host, chosen, verbOf(declared, alias.verb))
}

function addVerbs(host: Host, noun: Commander, { doc, verbs }: Noun): void {
  const word = host.program.args[1]
  if (word !== undefined && !word.startsWith('-') && !Object.hasOwn(verbs, word)) {
    const known = Object.keys(verbs).join(', ')
    throw wrongUsage(
      `There is no "agentchat ${noun.name()} ${word}".`,
      `After ${noun.name()} comes one of: ${known}.`,
    )
  }
  noun.description(doc).usage('[verb]').helpCommand(false)
  for (const [index, [name, verb]] of Object.entries(verbs).entries()) {
    shape(host, noun.command(name, { isDefault: index === 0 }), verb)
  }
}

function verbOf({ verbs }: Noun, verb: string): Command {
  const found = verbs[verb]
  if (found === undefined) throw new Error(`no verb ${verb}`)
  return found
}

function shape(host: Host, commander: Commander, declared: Command, given: Typed = {}): void {
  commander.summary(commander.summary() || declared.doc).description(declared.doc)
  if (declared.args !== '') commander.arguments(declared.args)
  addFlags(commander, declared.flags)
  commander.addHelpText('after', helpTail(declared.examples))
  commander.action(() => {
    const typed = { ...given, ...commander.opts() }
    return run(host, declared, { args: commander.args, typed })
  })
}

/** A global flag that the command declares again is the command's own, wherever it stands. */
async function run(
  { program, output, surroundings }: Host,
  declared: Command,
  { args, typed }: { readonly args: readonly string[]; readonly typed: Typed },
): Promise<void> {
  const isOwn = ([key]: [string, unknown]) => Object.hasOwn(declared.flags, key)
  const all = Object.entries(program.opts())
  const own = Object.fromEntries(all.filter(isOwn))
  const shared = Object.fromEntries(all.filter((entry) => !isOwn(entry)))
  const { environment, adapt, signal, cid, input, lend } = surroundings
  const said = settingsFrom(readFlags(globals, shared, environment), shared, environment)
  const settings = adapt === undefined ? said : adapt(said)
  const values = readFlags(declared.flags, { ...own, ...typed }, environment)
  await declared.run({ args, settings, output, signal, cid, input, lend }, values)
}

function addFlags(commander: Commander, flags: Flags): void {
  for (const [key, flag] of Object.entries(flags)) commander.addOption(toOption(key, flag))
}

function toOption(key: string, { doc, value, short, env }: Flag<unknown>): Option {
  const shortened = short === undefined ? '' : `-${short}, `
  const named = value === undefined ? '' : ` ${value.startsWith('[') ? value : `<${value}>`}`
  return new Option(
    `${shortened}${spelled(key)}${named}`,
    env === undefined ? doc : `${doc} [${env}]`,
  )
}

const overview = `
In square brackets: the variable that says the same as the flag.

Examples:
  agentchat serve
  agentchat send '#general' 'hello'
  agentchat listen '#general' --since 0 --count 1
  agentchat ask @helper 'which port?' --timeout 30s
`

function helpTail(examples: readonly string[]): string {
  const flags = Object.keys(globals).map(spelled).join(' ')
  const lines = examples.map((example) => `  ${example}`)
  return `\nExamples:\n${lines.join('\n')}\n\nGlobal: ${flags} (agentchat --help)`
}

/** What commander complains of, in our words. */
function misused({ message }: CommanderError, words: readonly string[]): Failure {
  const [complaint = '', suggestion = ''] = message.replace(/^error: /, '').split('\n')
  const meant = /Did you mean (.+)\?/.exec(suggestion)?.[1]
  const sentence = `${complaint.charAt(0).toUpperCase()}${complaint.slice(1).replace(/\.$/, '')}.`
  const at = words.find((word) => Object.hasOwn(tree, word) || Object.hasOwn(aliases, word))
  const hint =
    meant === undefined
      ? ['agentchat', at, '--help'].filter(Boolean).join(' ')
      : `Did you mean ${meant}? agentchat --help shows all there is.`
  return wrongUsage(sentence, hint)
}
