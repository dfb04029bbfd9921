// Which command lines a daemon may run for the command line, told from the words alone and without loading any command.

interface Passing {
  /** Begun again after nobody knows whether it was done, it does no more than once. */
  readonly repeatable: boolean
}

const once = { repeatable: false }
const repeatable = { repeatable: true }

/** By their names in the tree. All others live long, touch files of the caller, or change what a daemon stands on. */
export const passing: Readonly<Record<string, Passing>> = {
  send: repeatable,
  reply: repeatable,
  ask: repeatable,
  unread: repeatable,
  history: repeatable,
  sent: repeatable,
  agents: repeatable,
  channels: once,
  me: once,
  claim: once,
  call: once,
}

/** What a command line says as far as it matters for finding a daemon. Only a guess: a daemon reads it all. */
export interface Glance {
  /** Undefined for one that a daemon is not for. */
  readonly passing: Passing | undefined
  readonly server: string | undefined
  readonly identity: string | undefined
  readonly daemon: string | undefined
  /** It names somebody without a key, or a token. */
  readonly isKeyless: boolean
  /** A file with certificates. */
  readonly ca: string | undefined
}

/** The flags with a value that may stand before the command, and the short forms of some. */
const valued = ['server', 'identity', 'name', 'timeout', 'ca', 'daemon', 'token-file']
const shorts: Readonly<Record<string, string>> = { s: 'server', i: 'identity', n: 'name' }
const helps = new Set(['-h', '--help', '-V', '--version'])

/** Looks a command line over. */
export function glance(argv: readonly string[]): Glance {
  const said = new Map<string, string>()
  let command: string | undefined
  let isHelp = false
  for (let index = 0; index < argv.length && argv[index] !== '--'; index++) {
    const word = argv[index] ?? ''
    const flag = flagIn(word)
    isHelp ||= helps.has(word)
    if (flag !== undefined) said.set(flag.name, flag.value ?? argv[++index] ?? '')
    else if (/^wss?:\/\//.test(word) && !said.has('server')) said.set('server', word)
    else if (!word.startsWith('-')) command ??= word
  }
  const isPassing = command !== undefined && !isHelp && Object.hasOwn(passing, command)
  return {
    passing: isPassing ? passing[command ?? ''] : undefined,
    server: said.get('server'),
    identity: said.get('identity'),
    daemon: said.get('daemon'),
    isKeyless: ['name', 'token-file'].some((flag) => said.has(flag)),
    ca: said.get('ca'),
  }
}

function flagIn(word: string): { readonly name: string; readonly value?: string } | undefined {
  const [spelled = '', value] = word.split(/=(.*)/s)
  const long = spelled.startsWith('--') ? spelled.slice(2) : undefined
  if (long !== undefined && valued.includes(long))
    return { name: long, ...(value !== undefined && { value }) }
  const short = /^-[^-]/.test(word) ? shorts[word.charAt(1)] : undefined
  if (short === undefined) return undefined
  return { name: short, ...(word.length > 2 && { value: word.slice(2) }) }
}
