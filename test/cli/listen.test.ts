// Listening with the real binary: where it begins, what it lets through, and how it ends.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home, type Result, type Running, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home)
  for (const channel of ['#a', '#b']) await run(['create', channel, '-n', 'maker'])
  for (const name of ['bob', 'carol']) await run(['identity', 'new', name])
  for (const channel of ['#a', '#b']) await run(['join', channel, '-i', 'bob'])
})
afterAll(() => home.close())

function run(args: readonly string[]): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
}

/** Starts listening, and waits until what is said now will be heard. */
async function listening(args: readonly string[]): Promise<Running> {
  const running = home.start(['listen', ...args, '-v'], { env: { AGENTCHAT_SERVER: server.url } })
  await running.says(/Listening as/)
  return running
}

async function say(to: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await run(['send', to, text, '-n', 'alice'])
}

function contents({ lines }: Result): unknown[] {
  return lines.filter(({ type }) => type === 'MSG').map(({ content }) => content)
}

describe('the end of listening', () => {
  it('is exit code 4 when nothing came', async () => {
    for (const bound of [
      ['--timeout', '300ms'],
      ['--idle', '300ms'],
      ['--once', '--timeout', '0'],
    ]) {
      const { code, lines } = await run(['listen', '#a', '-n', 'eve', ...bound])
      expect(code).toBe(4)
      const reason = bound[0] === '--idle' ? 'idle' : 'timeout'
      expect(lines).toMatchObject([{ type: 'END', count: 0, left: 0, truncated: false, reason }])
    }
  })

  it('comes after some messages, with the place to go on from', async () => {
    const heard = await listening(['#a', '--count', '2', '-n', 'eve'])
    await say('#a', 'one', 'two', 'three')
    const result = await heard.ended
    expect(result.code).toBe(0)
    expect(contents(result)).toEqual(['one', 'two'])
    expect(result.last).toMatchObject({ type: 'END', count: 2, reason: 'count' })
    const more = await run([
      'listen',
      '#a',
      '--since',
      String(result.last.next),
      '--once',
      '-n',
      'eve',
    ])
    expect(contents(more)).toEqual(['three'])
  })

  it('comes some time after the last message', async () => {
    const heard = await listening(['#a', '--idle', '1s', '-n', 'eve'])
    await say('#a', 'still', 'here')
    const result = await heard.ended
    expect(contents(result)).toEqual(['still', 'here'])
    expect(result).toMatchObject({ code: 0, last: { reason: 'idle' } })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('comes in good order with %s', async (signal, code) => {
    const heard = await listening(['#a', '--follow', '-n', 'eve'])
    await say('#a', 'before')
    await heard.line(({ content }) => content === 'before')
    heard.kill(signal)
    const result = await heard.ended
    expect(result.code).toBe(code)
    expect(result.last).toMatchObject({ type: 'END', count: 1, reason: 'interrupted' })
  })

  it('comes without a word when nobody reads any more', async () => {
    const heard = await listening(['#a', '--follow', '-n', 'eve'])
    heard.process.stdout?.destroy()
    await say('#a', 'to nobody')
    expect((await heard.ended).stderr).not.toMatch(/fault|EPIPE/)
  })
})

describe('what is heard', () => {
  it('begins in the past, in one order over all places, and goes on with the present', async () => {
    const from = await run(['send', '#a', 'start', '-n', 'alice'])
    await say('#b', 'b1')
    await say('#a', 'a2')
    await say('#b', 'b3')
    const since = ['--since', String(from.last.position)]
    const heard = await listening(['#b', '#a', ...since, '--count', '4', '-n', 'eve'])
    await say('#a', 'now')
    const result = await heard.ended
    expect(contents(result)).toEqual(['b1', 'a2', 'b3', 'now'])
    const positions = result.lines.slice(0, -1).map(({ position }) => Number(position))
    expect(positions).toEqual([...positions].sort((one, other) => one - other))
  })

  it('is everything for an agent with a key, from a position or a time on', async () => {
    const from = await run(['send', '#a', 'start', '-n', 'alice'])
    await say('#b', 'in a room')
    await say('@bob', 'in private')
    const starts = [String(from.last.position), new Date(Number(from.last.ts) + 1).toISOString()]
    for (const since of starts) {
      const result = await run(['listen', '-i', 'bob', '--since', since, '--count', '2'])
      expect(contents(result)).toEqual(['in a room', 'in private'])
    }
  })

  it('is not what one says oneself, unless asked for', async () => {
    const others = await listening(['#a', '--count', '1', '-i', 'bob'])
    const own = await listening(['#a', '--count', '2', '--own', '-i', 'bob'])
    await run(['send', '#a', 'mine', '-i', 'bob'])
    await say('#a', 'theirs')
    expect(contents(await others.ended)).toEqual(['theirs'])
    expect(contents(await own.ended)).toEqual(['mine', 'theirs'])
    const position = (await own.ended).lines[0]?.position
    const since = ['--since', String(Number(position) - 1)]
    expect(contents(await run(['listen', '#a', ...since, '--once', '-i', 'bob']))).toEqual([
      'theirs',
    ])
  })

  it('is narrowed by mentions, direct messages and authors', async () => {
    const mentions = await listening(['--mentions', '--once', '-i', 'bob'])
    const direct = await listening(['--dms', '--once', '-i', 'bob'])
    const woken = await listening(['--mentions', '--dms', '--count', '2', '-i', 'bob'])
    const byCarol = await listening(['--from', '@carol', '--once', '-i', 'bob'])
    await say('#a', 'for all', 'for @bob')
    await say('@bob', 'psst')
    await run(['send', '@bob', 'it is me', '-i', 'carol'])
    expect(contents(await mentions.ended)).toEqual(['for @bob'])
    expect(contents(await direct.ended)).toEqual(['psst'])
    expect(contents(await woken.ended)).toEqual(['for @bob', 'psst'])
    expect(contents(await byCarol.ended)).toEqual(['it is me'])
  })

  it('is private where one is not a member', async () => {
    const { code, last } = await run(['listen', '#a', '--once', '-i', 'carol'])
    expect(code).toBe(1)
    expect(last).toMatchObject({
      code: 'NOT_INVITED',
      hint: expect.stringMatching(/channels join/),
    })
  })

  it('is told to people on stderr in words', async () => {
    const { stdout, stderr, code } = await run([
      'listen',
      '#a',
      '--idle',
      '100ms',
      '--text',
      '-n',
      'e',
    ])
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: 'Nothing came in time.\n',
      code: 4,
    })
  })
})

describe('a lost connection', () => {
  it('is made again, says so, and misses nothing', async () => {
    const other = new Home()
    const data = ['--data', `${other.path}/data`]
    const first = await startServer(other, data)
    const env = { AGENTCHAT_SERVER: first.url }
    await other.run(['identity', 'new', 'dave'], { env })
    await other.run(['join', '#general'], { env })
    const heard = other.start(['listen', '--count', '2', '--follow', '-v'], { env })
    await heard.says(/Listening/)
    await other.run(['send', '#general', 'one', '-n', 'alice'], { env })
    await heard.line(({ content }) => content === 'one')

    first.running.kill('SIGKILL')
    await first.running.ended
    await heard.says(/The connection was lost.*\n.*Connecting again in/)
    await startServer(other, [...data, '--port', new URL(first.url).port])
    await other.run(['send', '#general', 'two', '-n', 'alice'], { env })
    const result = await heard.ended
    expect(contents(result)).toEqual(['one', 'two'])
    expect(result.stderr).toMatch(/Connected again/)
    await other.close()
  })
})
