// People and rooms with the real binary: channels, agents, and how one shows oneself.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home, type Result, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home)
  for (const name of ['alice', 'bob']) await run(['identity', 'new', name])
})
afterAll(() => home.close())

function run(args: readonly string[]): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
}

describe('channels', () => {
  it('are refused where one may not go', async () => {
    expect((await run(['channels', 'show', '#nope', '-n', 'eve'])).last.code).toBe(
      'CHANNEL_NOT_FOUND',
    )
    expect((await run(['channels', 'create', '#general', '-i', 'alice'])).last).toMatchObject({
      code: 'CHANNEL_EXISTS',
      exit: 1,
    })
    const guest = await run(['channels', 'create', '#den', '--private', '-n', 'eve'])
    expect(guest).toMatchObject({ code: 5, last: { code: 'IDENTITY_NEEDED' } })
  })

  it('are listed, shown, made, entered and left', async () => {
    const made = await run(['channels', 'create', 'plans', '--topic', 'what next', '-i', 'alice'])
    expect(made.last).toMatchObject({ type: 'JOINED', channel: '#plans', total: 1 })
    const shown = await run(['channels', 'show', '#PLANS', '-i', 'alice'])
    expect(shown.lines).toMatchObject([
      { type: 'CHANNEL', name: '#plans', topic: 'what next', invite_only: false, joined: true },
    ])
    const listed = await run(['channels', '--joined', '-i', 'alice'])
    expect(listed.lines.map(({ type, name }) => [type, name])).toEqual([
      ['CHANNEL', '#plans'],
      ['END', undefined],
    ])

    await run(['channels', 'join', '#plans', '-i', 'bob'])
    const members = await run(['channels', 'members', '#plans', '-i', 'bob'])
    expect(members.lines.map(({ name }) => name)).toEqual(['alice', 'bob', undefined])
    expect((await run(['channels', 'leave', '#plans', '-i', 'bob'])).last.type).toBe('LEFT')
    const { last } = await run(['channels', 'members', '#plans', '-i', 'alice'])
    expect(last).toMatchObject({ type: 'END', count: 1, left: 0 })
  })

  it('are private to those who are invited', async () => {
    await run(['channels', 'create', '#den', '--private', '-i', 'alice'])
    const before = await run(['channels', 'join', '#den', '-i', 'bob'])
    expect(before.last).toMatchObject({ code: 'NOT_INVITED', exit: 1 })
    const invited = await run(['channels', 'invite', '#den', '@bob', '-i', 'alice'])
    expect(invited.last.type).toBe('DONE')
    expect((await run(['channels', 'join', '#den', '-i', 'bob'])).code).toBe(0)
    expect((await run(['channels', 'show', '#den', '-n', 'eve'])).code).toBe(1)
  })

  it('are bounded in what a list prints', async () => {
    const { lines, last } = await run(['channels', 'list', '--limit', '1', '-n', 'eve'])
    expect(lines).toHaveLength(2)
    expect(last).toMatchObject({ count: 1, truncated: true, left: expect.any(Number) })
    expect(last.left).toBeGreaterThan(2)
  })

  it('go by their older names too', async () => {
    expect((await run(['create', server.url, '#older', '-i', 'alice'])).last.channel).toBe('#older')
    expect((await run(['invite', '#older', '@bob', '-i', 'alice'])).last.type).toBe('DONE')
    expect((await run(['join', '#older', '-i', 'bob'])).last.type).toBe('JOINED')
    expect((await run(['leave', '#older', '-i', 'bob'])).last.type).toBe('LEFT')
    expect((await run(['whois', '@bob', '-n', 'eve'])).last.name).toBe('bob')
    const help = await home.run(['--help'])
    expect(help.stdout).not.toMatch(/^ +(create|invite|whois|connect) /m)
  })

  it('are a table for people', async () => {
    const { stdout } = await run(['channels', 'show', '#plans', '-i', 'alice', '--text'])
    expect(stdout).toBe('#plans  1  joined  what next\n')
  })
})

describe('agents', () => {
  it('are not waited for longer than asked', async () => {
    const { code, last } = await run([
      'agents',
      'wait',
      '@ghost',
      '--timeout',
      '200ms',
      '-n',
      'eve',
    ])
    expect(code).toBe(4)
    expect(last).toMatchObject({ type: 'ERROR', code: 'NOT_ONLINE', exit: 4 })
  })

  it('are waited for until they come', async () => {
    const waiting = run(['agents', 'wait', '@late', '--online', '--timeout', '15s', '-n', 'eve'])
    const late = home.start(['listen', '--follow', '-n', 'late'], {
      env: { AGENTCHAT_SERVER: server.url },
    })
    expect((await waiting).last).toMatchObject({ type: 'AGENT', name: 'late', presence: 'online' })
    late.kill('SIGTERM')
    await late.ended
  })

  it('are listed once each, from all channels or one', async () => {
    await run(['join', '#general', '-i', 'alice'])
    const all = await run(['agents', '-i', 'alice'])
    const names = all.lines.slice(0, -1).map(({ name }) => name)
    expect(names.filter((name) => name === 'alice')).toEqual(['alice'])
    const online = await run(['agents', 'list', '--channel', 'general', '--online', '-n', 'eve'])
    expect(online.lines).toMatchObject([{ type: 'END', count: 0 }])
  })

  it('are shown with their key, or in words', async () => {
    const { last } = await run(['agents', 'show', '@bob', '-n', 'eve'])
    expect(last).toMatchObject({ type: 'AGENT', name: 'bob', auth: 'v1' })
    expect(last.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    const { stdout } = await run(['agents', 'show', 'bob', '-n', 'eve', '--text'])
    expect(stdout).toMatch(new RegExp(`^fingerprint +${last.fingerprint}$`, 'm'))
  })
})

describe('me', () => {
  it('is refused what needs a key, or has too many words', async () => {
    expect((await run(['me', 'status', 'busy', '-n', 'eve'])).code).toBe(5)
    expect((await run(['me', 'nick', 'eva', '-n', 'eve'])).code).toBe(5)
    expect((await run(['me', 'status', 'asleep', '-i', 'bob'])).code).toBe(2)
    expect((await run(['me', 'status', 'busy', 'x'.repeat(201), '-i', 'bob'])).code).toBe(2)
    expect((await run(['me', 'nick', 'admin', '-i', 'bob'])).last.code).toBe('INVALID_NAME')
  })

  it('says how it is', async () => {
    await run(['me', 'status', 'busy', 'compiling', '-i', 'bob'])
    const { last } = await run(['me', '-i', 'bob'])
    expect(last).toMatchObject({ type: 'AGENT', name: 'bob', status_text: 'compiling' })
  })

  it('is called otherwise, also at the next login', async () => {
    expect((await run(['me', 'nick', 'robert', '-i', 'bob'])).code).toBe(0)
    expect((await run(['me', '-i', 'bob'])).last.name).toBe('robert')
    const file = readFileSync(join(home.state, 'identities', 'bob.json'), 'utf8')
    expect(JSON.parse(file).name).toBe('robert')
  })
})
