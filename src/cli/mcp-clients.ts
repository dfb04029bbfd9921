// The clients of MCP that we know: where each keeps its servers, and how it spells one.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Settings } from './command.ts'
import { defaultServer } from './environment.ts'
import { identityPath } from './home.ts'

export type Scope = 'user' | 'project'

/** What a client starts. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** How one client is configured. */
export interface McpClient {
  readonly files: { readonly [S in Scope]?: string }
  readonly format: 'json' | 'toml'
  /** Where in the file our entry stands. */
  readonly path: readonly string[]
  readonly entry: (launch: Launch) => object
  /** The client's own command that does the same, if it has one. */
  readonly own?: (launch: Launch) => string
  readonly restart: string
}

const name = 'agentchat'

export const mcpClients: Readonly<Record<string, McpClient>> = {
  'claude-code': {
    files: { user: '~/.claude.json', project: '.mcp.json' },
    format: 'json',
    path: ['mcpServers', name],
    entry: (launch) => ({ type: 'stdio', ...plain(launch) }),
    own: (launch) => `claude mcp add ${name} ${environmentOf(launch, '-e')}-- ${lineOf(launch)}`,
    restart: 'Start Claude Code anew.',
  },
  codex: {
    files: { user: '~/.codex/config.toml', project: '.codex/config.toml' },
    format: 'toml',
    path: ['mcp_servers', name],
    entry: plain,
    own: (launch) => `codex mcp add ${name} ${environmentOf(launch, '--env')}-- ${lineOf(launch)}`,
    restart: 'Start Codex anew; a project has to be a trusted one.',
  },
  cursor: {
    files: { user: '~/.cursor/mcp.json', project: '.cursor/mcp.json' },
    format: 'json',
    path: ['mcpServers', name],
    entry: plain,
    restart: 'Start Cursor anew.',
  },
  vscode: {
    files: { project: '.vscode/mcp.json' },
    format: 'json',
    path: ['servers', name],
    entry: (launch) => ({ type: 'stdio', ...plain(launch) }),
    restart: 'Start the server from the command palette: MCP: List Servers.',
  },
  gemini: {
    files: { user: '~/.gemini/settings.json', project: '.gemini/settings.json' },
    format: 'json',
    path: ['mcpServers', name],
    entry: plain,
    restart: 'Start Gemini CLI anew.',
  },
  openclaw: {
    files: { user: '~/.openclaw/openclaw.json' },
    format: 'json',
    path: ['mcp', 'servers', name],
    entry: plain,
    own: ({ command, args }) => {
      const words = args.map((arg) => `--arg ${quoted(arg)}`).join(' ')
      return `openclaw mcp add ${name} --command ${command} ${words}`
    },
    restart: `Then: openclaw mcp doctor ${name} --probe`,
  },
  opencode: {
    files: { user: '~/.config/opencode/opencode.json', project: 'opencode.json' },
    format: 'json',
    path: ['mcp', name],
    entry: ({ command, args, env }) => ({
      type: 'local',
      command: [command, ...args],
      ...(Object.keys(env).length > 0 && { environment: env }),
    }),
    restart: 'Start OpenCode anew.',
  },
}

function plain({ command, args, env }: Launch): object {
  return { command, args, ...(Object.keys(env).length > 0 && { env }) }
}

/** What a client is to start, so that it speaks as these settings say. */
export function launchOf({ server, identity, home }: Settings): Launch {
  const asWhom = identity === undefined ? [] : ['--identity', placed(home, identity)]
  const where = server === defaultServer ? [] : ['--server', server]
  const isUsual = home === join(homedir(), '.agentchat')
  return {
    command: 'npx',
    args: ['-y', 'agentchat', 'mcp', ...where, ...asWhom],
    env: isUsual ? {} : { AGENTCHAT_HOME: home },
  }
}

/** A client starts us in a directory of its own: a path has to be whole. */
function placed(home: string, identity: string): string {
  const path = identityPath(home, identity)
  return path === resolve(identity) ? path : identity
}

/** The file of a client, as a path. */
export function configFile(file: string): string {
  return file.startsWith('~/') ? join(homedir(), file.slice(2)) : resolve(file)
}

/** What to type for a client that we do not know. */
export function generalLine(launch: Launch): string {
  return `npx add-mcp ${quoted(lineOf(launch))} --name ${name}`
}

function lineOf({ command, args }: Launch): string {
  return [command, ...args.map(quoted)].join(' ')
}

function environmentOf({ env }: Launch, flag: string): string {
  return Object.entries(env)
    .map(([key, value]) => `${flag} ${quoted(`${key}=${value}`)} `)
    .join('')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
