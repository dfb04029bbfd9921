// What the command line tells of itself: help, examples, schemas, completion.

import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tree } from '../../src/cli/tree.ts'
import { asks, tells } from '../../src/protocol/frames.ts'
import { Home, type Result, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home)
})
afterAll(() => home.close())

function run(args: readonly string[], input?: string): Promise<Result> {
  const env = { AGENTCHAT_SERVER: server.url }
  return home.run(args, input === undefined ? { env } : { env, input })
}

describe('help', () => {
  it('shows every command under its heading, and every variable beside its flag', async () => {
    const { stdout, code } = await run(['--help'])
    expect(code).toBe(0)
    for (const [name, { group, summary }] of Object.entries(tree)) {
      expect(stdout).toMatch(new RegExp(`^${group}:$.*^  ${name} +${summary.slice(0, 20)}`, 'ms'))
    }
    for (const name of ['SERVER', 'IDENTITY', 'NICK', 'TIMEOUT', 'CA']) {
      expect(stdout).toMatch(`AGENTCHAT_${name}]`)
    }
    expect((await run([])).stdout).toBe(stdout)
  })

  it('shows a command with its flags and an example, however it is asked', async () => {
    for (const name of Object.keys(tree)) {
      const { stdout, code } = await run([name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^Usage: agentchat /)
    }
    const verb = await run(['channels', 'create', '-h'])
    expect(verb.stdout).toMatch(/--private.*Examples:\n {2}agentchat channels create/s)
    expect((await run(['help', 'channels', 'create'])).stdout).toBe(verb.stdout)
  })

  it('has topics', async () => {
    for (const topic of ['exit-codes', 'environment', 'formatting', 'agents']) {
      const { code, stdout } = await run(['help', topic])
      expect(code).toBe(0)
      expect(stdout.split('\n').length).toBeGreaterThan(5)
    }
    const codes = await run(['help', 'exit-codes'])
    expect(codes.stdout).toMatch(/^4 +Nothing came in time\.$/m)
    expect(codes.stdout).toMatch(/^143 /m)
  })

  it('gives the version also behind other flags', async () => {
    const { stdout } = await run(['--version'])
    expect((await run(['--json', '--version'])).stdout).toBe(stdout)
    expect((await run(['send', '-V'])).stdout).toBe(stdout)
  })
})

describe('call', () => {
  it('is refused what the server refuses', async () => {
    const { code, last } = await run(['call', 'JOIN', '{"channel":"general"}', '-n', 'eve'])
    expect(code).toBe(1)
    expect(last).toMatchObject({ type: 'ERROR', code: 'INVALID_MSG', hint: expect.any(String) })
  })

  it('sends any frame, with fields from the command line or standard input', async () => {
    expect((await run(['call', 'ping', '-n', 'eve'])).lines).toMatchObject([{ type: 'PONG' }])
    const fields = '{"channel":"#general","replay":0}'
    const { last } = await run(['call', 'JOIN', '-', '-n', 'eve'], fields)
    expect(last).toMatchObject({ type: 'JOINED', channel: '#general', total: 1 })
  })
})

describe('schema', () => {
  it('describes one frame in each direction, or all of them', async () => {
    const { lines } = await run(['schema', 'msg'])
    expect(lines).toMatchObject([
      { type: 'SCHEMA', frame: 'MSG', sent_by: 'client', answer: 'SENT' },
      { type: 'SCHEMA', frame: 'MSG', sent_by: 'server', kind: 'event' },
    ])
    expect(lines[0]?.schema).toMatchObject({ type: 'object', required: ['type', 'to', 'content'] })
    const all = await run(['schema'])
    const count = Object.keys(asks).length + Object.keys(tells).length
    expect(all.last).toMatchObject({ type: 'END', count })
  })
})

describe('completion', () => {
  it('knows commands, verbs and flags in bash', async () => {
    const { stdout } = await run(['completion', 'bash'])
    const completed = (...words: string[]) => {
      const line = words.map((word) => `'${word}'`).join(' ')
      const ask = `COMP_WORDS=(agentchat ${line}); COMP_CWORD=${words.length}; _agentchat; echo "\${COMPREPLY[@]}"`
      return spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' }).stdout.trim()
    }
    expect(completed('li')).toBe('listen')
    expect(completed('channels', 'cr')).toBe('create')
    expect(completed('channels', 'create', '--pr')).toBe('--private')
    expect(completed('send', '#general', '--exp')).toBe('--expects')
    expect(completed('send', '--serv')).toBe('--server')
  })

  it('is a script for each shell', async () => {
    expect((await run(['completion', 'zsh'])).stdout).toMatch(/bashcompinit/)
    expect((await run(['completion', 'fish'])).stdout).toMatch(/^complete -c agentchat /m)
    expect((await run(['completion', 'pwsh'])).stdout).toMatch(/Register-ArgumentCompleter/)
    expect((await run(['completion', 'cmd'])).code).toBe(2)
  })
})
