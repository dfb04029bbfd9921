// `agentchat mcp doctor`: starts what a coding tool would start, asks it in both eras of MCP, and tells what it found.

import { existsSync, readFileSync } from 'node:fs'
import { command, type Run, value } from '../command.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { configFile, type Launch, mcpClients } from '../mcp-clients.ts'
import { launchIn } from '../mcp-configured.ts'
import { type Found, probe } from '../mcp-probe.ts'
import { parseText } from '../values.ts'

const eras = ['legacy', 'modern'] as const

export const doctor = command({
  args: '',
  doc: 'Prove that the MCP server answers: start it as a coding tool would, and ask it.',
  flags: {
    client: value(
      'NAME',
      'start what is configured for this tool, not this very program',
      parseText,
    ),
  },
  examples: ['agentchat mcp doctor'],
  async run(run, { client }) {
    const launch = client === undefined ? itself(run) : configured(client)
    for (const era of eras) {
      const found = await probe(launch, era, run)
      run.output.print({ type: 'MCP_CHECK', era, ...found }, textOf(era, found))
      if (found.fault !== undefined) throw broken(found)
    }
    run.output.end({ count: eras.length, next: null, left: 0, truncated: false })
  },
})

/** This program, with the settings of this run. */
function itself({ settings: { server, identity } }: Run): Launch {
  const asWhom = identity === undefined ? [] : ['--identity', identity]
  const program = process.argv[1] ?? ''
  return {
    command: process.execPath,
    args: [program, 'mcp', '--server', server, ...asWhom],
    env: {},
  }
}

/** @throws Failure when the tool is unknown, or has no entry that we can read */
function configured(name: string): Launch {
  const client = Object.hasOwn(mcpClients, name) ? mcpClients[name] : undefined
  if (client === undefined) {
    throw wrongUsage(`We do not know ${name}.`, `One of: ${Object.keys(mcpClients).join(', ')}`)
  }
  const files = Object.values(client.files).map(configFile).filter(existsSync)
  for (const file of files.toReversed()) {
    const launch = launchIn(client, readFileSync(file, 'utf8'))
    if (launch !== undefined) return launch
  }
  throw new Failure({
    code: 'NOT_CONFIGURED',
    message: `${name} has no entry for agentchat that can be read.`,
    hint: `agentchat mcp install --client ${name}`,
    exit: 'refused',
  })
}

function textOf(era: string, { version, tools, answers, fault }: Found): string {
  if (fault !== undefined) return `${era}: ${fault.message}`
  const told = answers.map((answer) => `  ${answer.split('\n')[0]}`)
  return [`${era}: MCP ${version}, ${tools} tools.`, ...told].join('\n')
}

function broken({ fault }: Found): Failure {
  const { code = 'FAULT', message = '', hint = '' } = fault ?? {}
  const exit = code.startsWith('IDENTITY') ? 'identity' : 'unreachable'
  return new Failure({ code, message, hint, exit })
}
