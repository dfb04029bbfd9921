// `agentchat mcp install`: adds us to the configuration of a coding tool, and to nothing else in it.

import { randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { command, type Run, toggle, value } from '../command.ts'
import { Failure, wrongUsage } from '../failure.ts'
import {
  configFile,
  generalLine,
  type Launch,
  launchOf,
  type McpClient,
  mcpClients,
  type Scope,
} from '../mcp-clients.ts'
import { type Merged, merges } from '../mcp-merge.ts'
import { parseText, parseWord } from '../values.ts'

const known = Object.keys(mcpClients).join(', ')

export const install = command({
  args: '',
  doc: 'Add AgentChat to the configuration of a coding tool. Shows the change first; never replaces an entry.',
  flags: {
    client: value('NAME', `one of: ${known}`, parseText),
    scope: value(
      'WHERE',
      'user: everywhere; project: in this directory',
      parseWord('user', 'project'),
    ),
    print: toggle('only show what to add, and where'),
    yes: toggle('write it without being asked', { short: 'y' }),
  },
  examples: [
    'agentchat mcp install --client cursor --print',
    'agentchat mcp install --client codex --yes',
    'agentchat mcp install --client another-one',
  ],
  async run(run, { client: name, scope, print, yes }) {
    if (name === undefined) {
      throw wrongUsage(
        'Which tool is it for?',
        `agentchat mcp install --client NAME, one of: ${known}`,
      )
    }
    const launch = launchOf(run.settings)
    const client = Object.hasOwn(mcpClients, name) ? mcpClients[name] : undefined
    if (client === undefined) {
      printGeneral(run, name, launch)
      return
    }
    const plan = planFor(name, client, { launch, scope })
    show(run, plan)
    if (print || plan.merged.change === 'none') return
    if (plan.merged.change !== 'add') throw notMerged(plan)
    if (!(yes || (await isWanted(run)))) {
      throw wrongUsage('Nothing was written.', 'Say --yes to have it written.')
    }
    const backup = write(plan.file, plan.merged.text)
    run.output.print(
      { type: 'MCP_INSTALLED', client: name, file: plan.file, backup },
      `Written to ${plan.file}. ${client.restart}`,
    )
  },
})

interface Plan {
  readonly name: string
  readonly client: McpClient
  readonly launch: Launch
  readonly scope: Scope
  readonly file: string
  readonly snippet: string
  readonly merged: Merged
}

function planFor(
  name: string,
  client: McpClient,
  { launch, scope: wished }: { readonly launch: Launch; readonly scope: Scope | undefined },
): Plan {
  const scope = wished ?? (client.files.user === undefined ? 'project' : 'user')
  const place = client.files[scope]
  if (place === undefined) {
    const other = scope === 'user' ? 'project' : 'user'
    throw wrongUsage(`${name} has no known file for the ${scope}.`, `Say --scope ${other}.`)
  }
  const file = configFile(place)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const entry = client.entry(launch)
  const merge = merges[client.format]
  const alone = merge(undefined, client.path, entry)
  const snippet = alone.change === 'add' ? alone.text : ''
  return { name, client, launch, scope, file, snippet, merged: merge(text, client.path, entry) }
}

function show({ output }: Run, { name, client, launch, scope, file, snippet, merged }: Plan): void {
  const own = client.own?.(launch)
  const isThere = merged.change === 'none'
  const texts = isThere
    ? [`${file} has it already.`]
    : [`To ${file} belongs:`, snippet, ...(own ? [`The same, by its own command: ${own}`] : [])]
  const facts = { client: name, scope, file, change: merged.change, text: snippet, command: own }
  output.print({ type: 'MCP_CONFIG', ...facts }, texts.join('\n'))
}

function printGeneral({ output }: Run, client: string, launch: Launch): void {
  const line = generalLine(launch)
  const { command: program, args, env } = launch
  const text = JSON.stringify(
    { mcpServers: { agentchat: { command: program, args, env } } },
    null,
    2,
  )
  output.print(
    { type: 'MCP_CONFIG', client, change: 'unknown', text, command: line },
    `We do not know ${client}. Most tools take this:\n${text}\nor: ${line}`,
  )
}

function notMerged({ file, merged }: Plan): Failure {
  if (merged.change === 'conflict') {
    return new Failure({
      code: 'CONFIG_DIFFERS',
      message: `${file} has another entry for agentchat, which is left as it is: ${merged.present}`,
      hint: 'Remove or change that entry yourself; what belongs there is shown above.',
      exit: 'refused',
    })
  }
  const reason = merged.change === 'unreadable' ? merged.reason : ''
  return new Failure({
    code: 'CONFIG_UNREADABLE',
    message: `${file} cannot be added to without harm. ${reason}`,
    hint: 'Add what is shown above with an editor.',
    exit: 'refused',
  })
}

/** Asks a person; nobody else. */
async function isWanted({ signal }: Run): Promise<boolean> {
  if (!(process.stdin.isTTY && process.stderr.isTTY)) return false
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question('Write it? [y/N] ', { signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}

/** Writes a file whole or not at all, where it really is. @returns the copy of what was there before */
function write(named: string, text: string): string | undefined {
  const isNew = !existsSync(named)
  if (isNew) mkdirSync(dirname(named), { recursive: true })
  const file = isNew ? named : realpathSync(named)
  const backup = isNew ? undefined : `${file}.${new Date().toISOString().replace(/[:.]/g, '-')}.bak`
  if (backup !== undefined) copyFileSync(file, backup)
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, text, { mode: isNew ? 0o600 : statSync(file).mode })
  renameSync(draft, file)
  return backup
}
