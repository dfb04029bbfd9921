// Adding AgentChat to the configuration of coding tools: shown first, merged, and never written over anything.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Home } from '../cli/kit.ts'
import { hasty, serve } from '../wire/kit.ts'

let home: Home
beforeEach(() => {
  home = new Home()
})
afterEach(() => home.close())

const install = (client: string, ...args: readonly string[]) =>
  home.run(['mcp', 'install', '--client', client, ...args])
const at = (file: string) => join(home.path, file)
const read = (file: string) => readFileSync(at(file), 'utf8')
const write = (file: string, text: string) => {
  mkdirSync(dirname(at(file)), { recursive: true })
  writeFileSync(at(file), text)
}

const args = ['-y', 'agentchat', 'mcp']
const plain = { command: 'npx', args }
const stdio = { type: 'stdio', ...plain }

const places: readonly [string, string, string, Record<string, object>][] = [
  ['claude-code', 'user', '.claude.json', { mcpServers: { agentchat: stdio } }],
  ['claude-code', 'project', '.mcp.json', { mcpServers: { agentchat: stdio } }],
  ['cursor', 'user', '.cursor/mcp.json', { mcpServers: { agentchat: plain } }],
  ['cursor', 'project', '.cursor/mcp.json', { mcpServers: { agentchat: plain } }],
  ['vscode', 'project', '.vscode/mcp.json', { servers: { agentchat: stdio } }],
  ['gemini', 'user', '.gemini/settings.json', { mcpServers: { agentchat: plain } }],
  ['openclaw', 'user', '.openclaw/openclaw.json', { mcp: { servers: { agentchat: plain } } }],
  [
    'opencode',
    'project',
    'opencode.json',
    { mcp: { agentchat: { type: 'local', command: ['npx', ...args] } } },
  ],
]

it.each(places)('%s, %s: merges into %s', async (client, scope, file, wanted) => {
  const before = { theme: 'dark', mcpServers: { other: { command: 'x' } } }
  write(file, JSON.stringify(before, undefined, 4))
  const { code, lines } = await install(client, '--scope', scope, '--yes')
  expect(code).toBe(0)
  expect(lines.map(({ type }) => type)).toEqual(['MCP_CONFIG', 'MCP_INSTALLED'])
  expect(JSON.parse(read(file))).toEqual({
    ...before,
    ...wanted,
    ...('mcpServers' in wanted && { mcpServers: { ...before.mcpServers, ...wanted.mcpServers } }),
  })
  expect(read(file)).toContain('\n    "theme"')
  expect(readFileSync(String(lines[1]?.backup), 'utf8')).toBe(JSON.stringify(before, undefined, 4))

  const written = read(file)
  const again = await install(client, '--scope', scope, '--yes')
  expect(again.lines).toMatchObject([{ change: 'none' }])
  expect(read(file)).toBe(written)
})

it('writes nothing that nobody has agreed to', async () => {
  const { code, lines } = await install('cursor')
  expect(code).toBe(2)
  expect(lines).toMatchObject([{ change: 'add' }, { type: 'ERROR' }])
  expect((await install('cursor', '--print')).code).toBe(0)
  expect(existsSync(at('.cursor'))).toBe(false)
})

it.each([
  [
    'cursor',
    '.cursor/mcp.json',
    '{"mcpServers":{"agentchat":{"command":"mine"}}}',
    'CONFIG_DIFFERS',
  ],
  ['cursor', '.cursor/mcp.json', '{"mcpServers":{} /* mine */}', 'CONFIG_UNREADABLE'],
  ['cursor', '.cursor/mcp.json', '{"mcpServers":[]}', 'CONFIG_UNREADABLE'],
  ['codex', '.codex/config.toml', '[mcp_servers.agentchat]\ncommand = "mine"\n', 'CONFIG_DIFFERS'],
  [
    'codex',
    '.codex/config.toml',
    '[ mcp_servers . "agentchat" ]\ncommand = "npx"\n',
    'CONFIG_DIFFERS',
  ],
  ['codex', '.codex/config.toml', 'mcp_servers.agentchat.command = "npx"\n', 'CONFIG_DIFFERS'],
  [
    'codex',
    '.codex/config.toml',
    '[mcp_servers]\nagentchat = { command = "x" }\n',
    'CONFIG_DIFFERS',
  ],
  ['codex', '.codex/config.toml', 'mcp_servers = {}\n', 'CONFIG_UNREADABLE'],
])('leaves what it would harm in %s: %s %s', async (client, file, text, code) => {
  write(file, text)
  const result = await install(client, '--yes')
  expect(result.code).toBe(1)
  expect(result.last.code).toBe(code)
  expect(read(file)).toBe(text)
  expect(readdirSync(dirname(at(file)))).toHaveLength(1)
})

it('adds a table to what Codex has, and touches nothing before it', async () => {
  const before = '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "y"'
  write('.codex/config.toml', before)
  const settings = ['--server', 'wss://chat.example', '--identity', 'bot', '--yes']
  expect((await install('codex', ...settings)).code).toBe(0)
  const words = [...args, '--server', 'wss://chat.example', '--identity', 'bot']
  const list = words.map((word) => JSON.stringify(word)).join(', ')
  const table = `[mcp_servers.agentchat]\ncommand = "npx"\nargs = [${list}]\n`
  expect(read('.codex/config.toml')).toBe(`${before}\n\n${table}`)
  write('.codex/config.toml', `${before}\n\n${table}\n[later]\nx = 1\n`)
  expect((await install('codex', ...settings)).lines).toMatchObject([{ change: 'none' }])
})

it('prints what most tools take for one that it does not know', async () => {
  const { code, last } = await install('another-one')
  expect(code).toBe(0)
  expect(last.command).toBe("npx add-mcp 'npx -y agentchat mcp' --name agentchat")
  expect((await install('vscode', '--scope', 'user')).code).toBe(2)
})

it('the doctor proves that it answers in both eras, or names what to do', async () => {
  const server = await serve(hasty)
  const env = { AGENTCHAT_SERVER: server.url }
  const first = await home.run(['mcp', 'doctor'], { env })
  expect(first.code).toBe(5)
  expect(first.last).toMatchObject({ code: 'IDENTITY_NEEDED', hint: 'agentchat identity new NAME' })
  await home.run(['identity', 'new', 'bot'])
  const nowhere = { AGENTCHAT_SERVER: 'ws://127.0.0.1:1' }
  expect((await home.run(['mcp', 'doctor'], { env: nowhere })).last).toMatchObject({
    code: 'UNREACHABLE',
    exit: 3,
  })
  const { code, lines } = await home.run(['mcp', 'doctor'], { env })
  expect(code).toBe(0)
  expect(lines).toMatchObject([
    { type: 'MCP_CHECK', era: 'legacy', version: '2025-11-25', tools: 10 },
    { type: 'MCP_CHECK', era: 'modern', version: '2026-07-28', tools: 10 },
    { type: 'END', count: 2 },
  ])
})

it('the doctor starts what is configured for a tool', async () => {
  const missing = await home.run(['mcp', 'doctor', '--client', 'codex'])
  expect(missing.last).toMatchObject({ code: 'NOT_CONFIGURED' })
  write(
    '.codex/config.toml',
    '[mcp_servers.agentchat]\ncommand = "no-such-program"\nargs = ["x"]\n',
  )
  const broken = await home.run(['mcp', 'doctor', '--client', 'codex'])
  expect(broken.last).toMatchObject({ code: 'NO_ANSWER', exit: 3 })
  expect(String(broken.last.hint)).toContain('no-such-program x')
})
