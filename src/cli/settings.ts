// The one place of the command line that reads the environment, and the global flags with it.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Settings, type Typed, toggle, type Values, value } from './command.ts'
import { wrongUsage } from './failure.ts'
import type { OutputOptions } from './output.ts'
import { parseDuration, parseName, parseServer, parseText } from './values.ts'

const who = 'the identity to use: its name under ~/.agentchat/identities, or its file'

/** The flags that every command has. A command that declares one again gives it its own meaning. */
export const globals = {
  server: value('URL', 'the server (ws://localhost:6667)', parseServer, {
    short: 's',
    env: 'AGENTCHAT_SERVER',
  }),
  identity: value('NAME', who, parseText, { short: 'i', env: 'AGENTCHAT_IDENTITY' }),
  name: value('NAME', 'speak without a key, and be called this', parseName, {
    short: 'n',
    env: 'AGENTCHAT_NICK',
  }),
  timeout: value('DUR', 'how long to wait for each answer (10s)', parseDuration, {
    env: 'AGENTCHAT_TIMEOUT',
  }),
  ca: value('FILE', 'certificates to trust, for a server of your own', parseText, {
    env: 'AGENTCHAT_CA',
  }),
  json: toggle('one JSON object a line (AGENTCHAT_OUTPUT=json)'),
  text: toggle('text for people (AGENTCHAT_OUTPUT=text)'),
  quiet: toggle('nothing on stderr but errors', { short: 'q' }),
  verbose: toggle('tell on stderr what the connection does', { short: 'v' }),
}

/** The variables that are no flags, for `agentchat help environment`. */
export const otherVariables: Readonly<Record<string, string>> = {
  AGENTCHAT_HOME: 'where identities, known servers and server data are kept (~/.agentchat)',
  AGENTCHAT_OUTPUT: 'json or text; otherwise text in a terminal and json elsewhere',
  NO_COLOR: 'when set, text has no colours',
}

const defaultServer = 'ws://localhost:6667'
const defaultTimeoutMs = 10_000

/** What the environment says; empty is as good as absent. */
export function fromEnvironment(name: string): string | undefined {
  return process.env[name] || undefined
}

/** Where this user's state is kept. */
export function homeDirectory(): string {
  const home = fromEnvironment('AGENTCHAT_HOME')
  return home === undefined ? join(homedir(), '.agentchat') : resolve(home)
}

/**
 * Puts together what holds for the whole run.
 *
 * @param typed what was typed for the flags: it wins over the environment, whichever flag it is
 * @throws Failure when both a key and a name without one were asked for
 */
export function settingsFrom(values: Values<typeof globals>, typed: Typed): Settings {
  if (typed.identity !== undefined && typed.name !== undefined) {
    throw wrongUsage(
      '--name is for speaking without a key, and --identity names a key.',
      'Leave one of them out; `agentchat me nick NAME` changes what an identity is called.',
    )
  }
  const keyless = typed.name !== undefined || values.identity === undefined
  return {
    home: homeDirectory(),
    server: values.server ?? defaultServer,
    identity: keyless ? undefined : values.identity,
    name: keyless ? values.name : undefined,
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    ca: values.ca,
  }
}

/**
 * How to print. Looked up before the words are understood, so that a wrong command line too is
 * answered in the right form.
 */
export function outputOptions(argv: readonly string[], isTerminal: boolean): OutputOptions {
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined)
  const has = (...spellings: string[]) => spellings.some((spelling) => flags.includes(spelling))
  const said = fromEnvironment('AGENTCHAT_OUTPUT')
  const json = said === undefined ? !isTerminal : said === 'json'
  return {
    json: has('--json') || (json && !has('--text')),
    quiet: has('-q', '--quiet'),
    verbose: has('-v', '--verbose'),
  }
}
