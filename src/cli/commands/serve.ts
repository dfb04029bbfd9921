// `agentchat serve`: runs a server until a signal ends it.

import { join } from 'node:path'
import {
  type Option,
  type OptionName,
  resolveOptions,
  serveOptions,
  variableOf,
} from '../../server/config.ts'
import { logLines } from '../../server/log-lines.ts'
import { startServer } from '../../server/serve.ts'
import { command, type Flag } from '../command.ts'
import { homeDirectory } from '../environment.ts'

/** The options of a server as flags. Their values stay text: the server reads and checks them itself. */
const flags = Object.fromEntries(
  Object.entries(serveOptions).map(([name, option]) => [name, toFlag(option)]),
) as Readonly<Record<OptionName, Flag<string>>> // one flag for each option

export const serve = command({
  args: '',
  doc: 'Run a server until SIGTERM or SIGINT ends it in good order; a second one ends it at once.',
  flags,
  examples: ['agentchat serve', 'agentchat serve --data ./chat --log-level warn'],
  async run({ output, signal }, given) {
    const data = given.data ?? join(homeDirectory(), 'server')
    const options = resolveOptions(said({ ...given, data }))
    const server = await startServer(options, { report: logLines(options.logLevel), signal })
    const { url, name, key } = server
    const frame = { type: 'LISTENING', url, server: name, key, data: options.data }
    output.print(frame, `listening on ${url}`)
    await server.stopped
  },
})

function toFlag(option: Option<unknown>): Flag<string> {
  const { doc, value, fallback } = option
  const shown = value !== undefined && fallback ? `${doc} (${fallback})` : doc
  return { doc: shown, value, parse: String, short: undefined, env: variableOf(option) }
}

function said(given: { readonly [K in OptionName]: string | undefined }) {
  const entries = Object.entries(given).filter(([, text]) => text !== undefined)
  return Object.fromEntries(entries) as Partial<Record<OptionName, string>> // those that are texts
}
