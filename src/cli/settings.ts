// The global flags, and what holds for a whole run by them and the environment.

import {
  type Settings,
  type TokenSource,
  type Typed,
  toggle,
  type Values,
  value,
} from './command.ts'
import { defaultServer, type Environment, fromEnvironment, homeDirectory } from './environment.ts'
import { wrongUsage } from './failure.ts'
import type { OutputOptions } from './output.ts'
import { parseDuration, parseName, parseServer, parseText, parseWord } from './values.ts'

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
  tokenFile: value('FILE', 'act by the token in this file, without a key', parseText, {
    env: 'AGENTCHAT_TOKEN_FILE',
  }),
  timeout: value('DUR', 'how long to wait for each answer (10s)', parseDuration, {
    env: 'AGENTCHAT_TIMEOUT',
  }),
  ca: value('FILE', 'certificates to trust, for a server of your own', parseText, {
    env: 'AGENTCHAT_CA',
  }),
  daemon: value('WHEN', 'auto: start one when none runs; off: use none', parseWord('auto', 'off'), {
    env: 'AGENTCHAT_DAEMON',
  }),
  allowSecrets: toggle('say also what looks like a key or a password'),
  json: toggle('one JSON object a line (AGENTCHAT_OUTPUT=json)'),
  text: toggle('text for people (AGENTCHAT_OUTPUT=text)'),
  quiet: toggle('nothing on stderr but errors', { short: 'q' }),
  verbose: toggle('tell on stderr what the connection does', { short: 'v' }),
}

/** The variables that are no flags, for `agentchat help environment`. */
export const otherVariables: Readonly<Record<string, string>> = {
  AGENTCHAT_HOME: 'where identities, known servers and server data are kept (~/.agentchat)',
  AGENTCHAT_TOKEN:
    'a token itself; a file is safer, for a variable is passed on to every program that is started',
  AGENTCHAT_OUTPUT: 'json or text; otherwise text in a terminal and json elsewhere',
  NO_COLOR: 'when set, text has no colours',
}

const defaultTimeoutMs = 10_000

/**
 * Puts together what holds for the whole run.
 *
 * @param typed what was typed for the flags: it wins over the environment, whichever flag it is
 * @throws Failure when more than one of a key, a name without one, and a token were asked for
 */
export function settingsFrom(
  values: Values<typeof globals>,
  typed: Typed,
  environment: Environment = fromEnvironment,
): Settings {
  return {
    home: homeDirectory(environment),
    server: values.server ?? defaultServer,
    ...speakerOf(values, typed, environment),
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    ca: values.ca,
    allowSecrets: values.allowSecrets ?? false,
  }
}

/** As whom: what was typed comes first, then a token, for it permits the least. */
function speakerOf(
  values: Values<typeof globals>,
  typed: Typed,
  environment: Environment,
): Pick<Settings, 'identity' | 'name' | 'token'> {
  checkOneSpeaker(typed)
  const token = tokenIn(values, environment)
  if (token !== undefined && typed.identity === undefined && typed.name === undefined) {
    return { identity: undefined, name: undefined, token }
  }
  const keyless = typed.name !== undefined || values.identity === undefined
  return {
    identity: keyless ? undefined : values.identity,
    name: keyless ? values.name : undefined,
    token: undefined,
  }
}

function checkOneSpeaker({ identity, name, tokenFile }: Typed): void {
  if (identity !== undefined && name !== undefined) {
    throw wrongUsage(
      '--name is for speaking without a key, and --identity names a key.',
      'Leave one of them out; `agentchat me nick NAME` changes what an identity is called.',
    )
  }
  if (tokenFile !== undefined && (identity !== undefined || name !== undefined)) {
    throw wrongUsage(
      '--token-file is for acting without a key, as whoever made the token.',
      'Leave --identity and --name out.',
    )
  }
}

function tokenIn(
  { tokenFile: file }: Values<typeof globals>,
  environment: Environment,
): TokenSource | undefined {
  if (file !== undefined) return { file }
  const text = environment('AGENTCHAT_TOKEN')
  return text === undefined ? undefined : { text }
}

/**
 * How to print. Looked up before the words are understood, so that a wrong command line too is
 * answered in the right form.
 */
export function outputOptions(
  argv: readonly string[],
  isTerminal: boolean,
  environment: Environment = fromEnvironment,
): OutputOptions {
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined)
  const has = (...spellings: string[]) => spellings.some((spelling) => flags.includes(spelling))
  const said = environment('AGENTCHAT_OUTPUT')
  const json = said === undefined ? !isTerminal : said === 'json'
  return {
    json: has('--json') || (json && !has('--text')),
    quiet: has('-q', '--quiet'),
    verbose: has('-v', '--verbose'),
  }
}
