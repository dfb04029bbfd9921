// A daemon: who may use it, when it is used, and that nothing but its speed tells it from none.

import { lstatSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { passing } from '../../src/cli/daemon/passing.ts'
import { tree } from '../../src/cli/tree.ts'
import { Caller } from './daemon-kit.ts'
import { Home, type Result, type Running, startServer } from './kit.ts'

const home = new Home()
let url: string
let bot: Caller
let daemon: Running | undefined

beforeAll(async () => {
  url = (await startServer(home)).url
  bot = await Caller.made(home, 'bot', url)
  await Caller.made(home, 'peer', url)
  await bot.run(['channels', 'create', '#work'])
  await bot.run(['send', '#work', 'the first'])
})
afterEach(async () => {
  daemon?.kill('SIGTERM')
  await daemon?.ended
  daemon = undefined
})
afterAll(() => home.close())

async function start(flags: readonly string[] = []): Promise<void> {
  daemon = (await bot.daemon(flags)).running
}

describe('a daemon', () => {
  it('is for agents with a key only', async () => {
    const { code, last } = await home.run(['daemon', 'start', '--server', url, '--name', 'guest'])
    expect(code).toBe(5)
    expect(last.code).toBe('IDENTITY_NEEDED')
  })

  it('tells who starts it in the background why it cannot start', async () => {
    const nowhere = new Caller(home, 'bot', 'ws://127.0.0.1:1')
    const direct = await nowhere.run(['me'])
    const { code, last } = await nowhere.run(['daemon', 'start'])
    expect(code).toBe(direct.code)
    expect(last).toEqual(direct.last)
    expect((await nowhere.run(['daemon'])).last).toEqual({ type: 'DAEMON', running: false })
  })

  it('lies where only its owner can reach it', async () => {
    await start()
    const { directory, socket, log } = bot.place
    expect(lstatSync(directory).mode & 0o777).toBe(0o700)
    expect(lstatSync(socket).mode & 0o777).toBe(0o600)
    daemon?.kill('SIGTERM')
    await daemon?.ended
    expect(lstatSync(socket, { throwIfNoEntry: false })).toBeUndefined()
    expect((await bot.run(['daemon', 'start'])).last.running).toBe(true)
    expect(lstatSync(log).mode & 0o777).toBe(0o600)
    expect((await bot.run(['daemon', 'stop'])).last.running).toBe(false)
  })

  it('is not asked where others could have put something', async () => {
    const open = new Home()
    const { place } = new Caller(open, 'bot', url)
    const owner = await Caller.made(open, 'bot', url)
    await owner.run(['daemon', 'start'])
    expect(await owner.usesDaemon(['me'])).toBe(true)
    await owner.run(['daemon', 'stop'])
    rmSync(place.directory, { recursive: true })
    symlinkSync(bot.place.directory, place.directory)
    const { last } = await owner.run(['daemon', 'start'])
    expect(last.code).toBe('UNUSABLE')
    await open.close()
  })

  it('lies elsewhere where the way is too long for a socket', async () => {
    const deep = join(home.path, 'deep'.repeat(30))
    const env = { AGENTCHAT_HOME: deep, TMPDIR: home.path, AGENTCHAT_SERVER: url }
    await home.run(['identity', 'new', 'deepbot'], { env })
    await home.run(['identity', 'use', 'deepbot'], { env })
    const { last } = await home.run(['send', '@deepbot', 'hello', '--daemon', 'auto'], { env })
    expect(last.type).toBe('SENT')
    expect((await home.run(['daemon'], { env })).last.calls).toBe(1)
    const directory = join(home.path, `agentchat-${process.getuid?.()}`)
    expect(lstatSync(directory).mode & 0o777).toBe(0o700)
    await home.run(['daemon', 'stop'], { env })
  })

  it('makes the agent present, and ends in good order', async () => {
    await start()
    const peer = new Caller(home, 'peer', url)
    expect((await peer.run(['agents', 'show', '@bot'])).last.presence).toBe('online')
    expect((await bot.run(['daemon', 'stop'])).last).toMatchObject({ running: false })
    expect((await peer.run(['agents', 'show', '@bot'])).last.presence).toBe('offline')
    expect((await daemon?.ended)?.code).toBe(0)
  })

  it('is one, however many start it at once', async () => {
    const starts = await Promise.all([1, 2, 3, 4].map(() => bot.run(['daemon', 'start'])))
    expect(new Set(starts.map(({ last }) => last.pid)).size).toBe(1)
    expect(starts.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    await bot.run(['daemon', 'stop'])
  })

  it('takes the place of one that was killed', async () => {
    await start()
    daemon?.kill('SIGKILL')
    await daemon?.ended
    expect(lstatSync(bot.place.socket).isSocket()).toBe(true)
    expect(await bot.usesDaemon(['me'])).toBe(false)
    writeFileSync(`${bot.place.socket}.lock`, '999999999') // it was killed while it started
    await start()
    expect(await bot.usesDaemon(['me'])).toBe(true)
  })

  it('ends when nobody calls', async () => {
    await start(['--idle', '1ms'])
    expect((await daemon?.ended)?.code).toBe(0)
  })

  it('is started when it is wanted, by all that want it at once, and left out when it is not', async () => {
    const sent = ['send', '#work', 'hi', '--daemon', 'auto']
    const many = await Promise.all([1, 2, 3].map(() => bot.run(sent)))
    expect(many.map(({ code }) => code)).toEqual([0, 0, 0])
    expect((await bot.run(['daemon'])).last.running).toBe(true)
    expect(await bot.usesDaemon(['me'])).toBe(true)
    const { stderr } = await bot.run(['me', '-v', '--daemon', 'off'])
    expect(stderr).toMatch(/^Connected/)
    await bot.run(['daemon', 'stop'])
  })

  it('is not used for another agent, another server or other certificates', async () => {
    await start()
    const other = await home.run(['me', '-v', '--server', url, '--identity', 'peer'])
    expect(other.last.name).toBe('peer')
    const guest = await home.run(['me', '-v', '--server', url, '--name', 'somebody'])
    expect(guest.last.name).toBe('somebody')
    expect(await bot.usesDaemon(['me', '--ca', bot.place.log])).toBe(false)
  })

  it('speaks with the key and name that the identity has now', async () => {
    await start()
    await bot.run(['me', 'nick', 'bot2'])
    expect((await bot.run(['me'])).last.name).toBe('bot2')
    await bot.run(['me', 'nick', 'bot'])
    expect((await bot.run(['me'])).last.name).toBe('bot')
  })
})

/** What differs from one run to the next, or tells which connection it was. */
const passingFields = ['ts', 'ref', 'position', 'msg_id', 'cid', 'last_seen', 'presence']

function lasting({ code, stdout, stderr }: Result) {
  const lines = masked(stdout)
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{')) return line
      const frame = JSON.parse(line)
      for (const field of passingFields) delete frame[field]
      // A login has a place in the log too.
      return typeof frame.next === 'number' ? { ...frame, next: 'a position' } : frame
    })
  return { code, lines, stderr: masked(stderr) }
}

function masked(text: string): string {
  return text.replace(/position \d+|\bm\d+\b|\d\d:\d\d:\d\d/g, '-')
}

describe('a command is answered as without a daemon:', () => {
  beforeAll(async () => {
    await bot.run(['channels', 'create', '#room', '--topic', 'as before'])
    await new Caller(home, 'peer', url).run(['send', '@bot', 'one\ntwo \u001b[31mred'])
  })

  it.each([
    ['send', '#work', 'hello'],
    ['send', '#work', 'hello', '--text'],
    ['send', '#work', '-'],
    ['send', '#work'],
    ['send', '#nope', 'hello'],
    ['send', '@nobody', 'hello'],
    ['send', '#work', 'hello', '--cid', 'short'],
    ['send', '#work', 'hello', '--expects', 'much'],
    ['send', '#work', 'hello', '--nope'],
    ['send', '#work', 'hello', '--timeout', 'x'],
    ['send', '--help'],
    ['unread'],
    ['unread', '--text'],
    ['unread', '--limit', '1'],
    ['unread', '--budget', '600'],
    ['history', '#work', '--limit', '1'],
    ['history', '@peer', '--text'],
    ['history', '#work', '--since', '1h', '--limit', '1'],
    ['history', '#work', '--since', '0', '--before', '3'],
    ['channels'],
    ['channels', 'show', '#room'],
    ['channels', 'create', '#room'],
    ['channels', 'members', '#work'],
    ['channels', 'nonsense'],
    ['agents', 'list', '--channel', '#work'],
    ['agents', 'show', '@peer'],
    ['agents', 'wait', '@nobody', '--timeout', '10ms'],
    ['ask', '@peer', 'anybody?', '--timeout', '10ms'],
    ['me'],
    ['me', 'status', 'busy', 'thinking'],
    ['call', 'PING'],
    ['call', 'NONSENSE'],
    ['call', 'PING', '-'],
    ['claim', 'm999999'],
    ['reply', 'm999999', 'hello'],
    ['reply', 'm1', 'hello', '--to', '#work'],
  ])('%s %s %s %s %s', async (...args) => {
    const words = args.filter((word) => word !== undefined)
    const input = '{"x": "ünï"}\n'
    const direct = await bot.run([...words, '--daemon', 'off'], input)
    await start()
    const through = await bot.run(words, input)
    expect(lasting(through)).toEqual(lasting(direct))
  })

  it('two that claim one message are two, though one daemon serves them', async () => {
    await start()
    const peer = new Caller(home, 'peer', url)
    const { msg_id } = (await peer.run(['send', '@bot', 'who?', '--expects', 'reply'])).last
    const claims = [
      await bot.run(['claim', String(msg_id)]),
      await bot.run(['claim', String(msg_id)]),
    ]
    expect(claims.map(({ last }) => last.code ?? last.type)).toEqual(['CLAIMED', 'CLAIM_HELD'])
  })
})

it.each(Object.keys(passing))('%s is in the tree, and is run by the daemon', async (name) => {
  expect(Object.hasOwn(tree, name)).toBe(true)
  await start()
  expect(await bot.usesDaemon([name])).toBe(true)
})
