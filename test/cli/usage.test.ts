// Wrong use: each time one sentence, one hint and the right exit code, as text and as JSON.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home, type Result, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home)
  mkdirSync(join(home.state, 'identities'), { recursive: true })
  writeFileSync(join(home.state, 'identities', 'torn.json'), '{"name":"torn"', { mode: 0o600 })
})
afterAll(() => home.close())

const down = 'ws://127.0.0.1:1'
const wrong: readonly (readonly [string, string[], number, string, RegExp])[] = [
  ['an unknown command', ['sned', 'x'], 2, 'USAGE', /Did you mean send/],
  ['an unknown verb', ['channels', 'crate', '#x'], 2, 'USAGE', /create, join/],
  ['an unknown flag', ['send', '--repyl-to', 'm1', '#x', 'hi'], 2, 'USAGE', /--reply-to/],
  ['a flag without its value', ['listen', '--count'], 2, 'USAGE', /listen --help/],
  ['no text', ['send', '#general'], 2, 'USAGE', /standard input/],
  ['blank text', ['send', '#general', ' '], 2, 'USAGE', /standard input/],
  ['no place', ['history'], 2, 'USAGE', /history --help/],
  ['too many words', ['history', '#a', '#b'], 2, 'USAGE', /history --help/],
  ['a bad channel', ['send', '#no good', 'hi'], 2, 'USAGE', /help formatting/],
  ['a bad duration', ['listen', '--timeout', 'soon'], 2, 'USAGE', /help formatting/],
  ['a bad server', ['send', '-s', 'example', '#x', 'hi'], 2, 'USAGE', /help formatting/],
  ['a key and a name', ['me', '-i', 'bot', '-n', 'bot'], 2, 'USAGE', /Leave one of them out/],
  ['a bad cid', ['send', '#general', 'hi', '--cid', 'x'], 2, 'USAGE', /help formatting/],
  [
    'both directions',
    ['history', '#x', '--since', '1', '--before', '2'],
    2,
    'USAGE',
    /one of them/,
  ],
  ['fields that are no object', ['call', 'PING', '[]'], 2, 'USAGE', /Write them like/],
  ['a frame nobody sends', ['call', 'WELCOME'], 2, 'USAGE', /agentchat schema/],
  ['an unknown frame', ['schema', 'NOPE'], 2, 'USAGE', /agentchat schema/],
  ['an unknown topic', ['help', 'nonsense'], 2, 'USAGE', /exit-codes/],
  ['a server that is down', ['send', '-s', down, '#x', 'hi'], 3, 'UNREACHABLE', /agentchat serve/],
  ['an unknown channel', ['send', '#nope', 'hi'], 1, 'CHANNEL_NOT_FOUND', /agentchat channels/],
  ['an unknown agent', ['send', '@nobody', 'hi'], 1, 'AGENT_NOT_FOUND', /agentchat agents/],
  ['a missing identity', ['unread', '-i', 'none'], 5, 'IDENTITY_MISSING', /identity new NAME/],
  ['a torn identity', ['unread', '-i', 'torn'], 5, 'BAD_FILE', /identity list/],
  ['unread without a key', ['unread'], 5, 'IDENTITY_NEEDED', /identity new NAME/],
  ['joining without a key', ['join', '#general'], 5, 'IDENTITY_NEEDED', /identity new NAME/],
  ['an unknown verb of deals', ['proposals', 'offer', '@x'], 2, 'USAGE', /list, show, new/],
  ['no receipt', ['verify', '/nowhere/receipt.json'], 2, 'USAGE', /file that is there/],
  ['dealing without a key', ['propose', '@bob', 'x'], 5, 'IDENTITY_NEEDED', /identity new NAME/],
  ['no log to export', ['export', '--data', '/nowhere'], 3, 'LOG_MISSING', /data directory/],
]

function run(args: readonly string[]): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
}

describe('wrong use', () => {
  it.each(wrong)('%s', async (_what, args, exit, code, hint) => {
    const json = await run(args)
    expect(json.code).toBe(exit)
    expect(json.last).toMatchObject({ type: 'ERROR', code, exit, retry_after_ms: 0 })
    expect(json.last.hint).toMatch(hint)
    expect(json.last.message).toMatch(/^\S.*[^\s]$/)

    const text = await run(['--text', ...args])
    expect(text.code).toBe(exit)
    expect(text.stdout).toBe('')
    expect(text.stderr).toBe(`${json.last.message}\n  ${json.last.hint}\n`)
  })

  it('chooses the form of the error before it understands the words', async () => {
    const env = { AGENTCHAT_OUTPUT: 'text' }
    expect((await home.run(['sned'], { env })).stdout).toBe('')
    expect((await home.run(['sned', '--json'], { env })).last.type).toBe('ERROR')
    expect((await home.run(['sned', '--text'])).stdout).toBe('')
  })
})
