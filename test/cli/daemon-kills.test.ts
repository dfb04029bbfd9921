// What becomes of a command whose daemon dies, and of a daemon whose server does: nothing is said twice, nothing is kept quiet.

import { once } from 'node:events'
import { createConnection, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Note } from '../../src/cli/daemon/lines.ts'
import { Caller, standIn } from './daemon-kit.ts'
import { Home, startServer } from './kit.ts'

const home = new Home()
let url: string
let bot: Caller
let peer: Caller
let stand: Server | undefined

beforeAll(async () => {
  url = (await startServer(home)).url
  bot = await Caller.made(home, 'bot', url)
  peer = await Caller.made(home, 'peer', url)
  await bot.run(['channels', 'create', '#work'])
  await peer.run(['channels', 'join', '#work'])
})
afterEach(async () => {
  if (stand === undefined) return
  stand.close()
  await once(stand, 'close')
  stand = undefined
})
afterAll(() => home.close())

/** Stands where the daemon would, and does this with each call. */
async function stands(hear: (socket: Socket, note: Note) => void): Promise<Note[]> {
  const calls: Note[] = []
  stand = await standIn(bot.place, (socket, note) => {
    calls.push(note)
    hear(socket, note)
  })
  return calls
}

describe('a daemon that dies', () => {
  it('before it has read what it is to do: it is done without it', async () => {
    await stands((socket) => socket.destroy())
    const { stderr, last } = await bot.run(['send', '#work', 'hello', '-v'])
    expect(stderr).toMatch(/^Not through a daemon: The daemon has ended in the middle\.\n/)
    expect(last.type).toBe('SENT')
  })

  it('in the middle of sending: it is sent again under the same id', async () => {
    const calls = await stands((socket) => socket.destroy())
    const { last } = await bot.run(['send', '#work', 'hello'])
    expect(last.cid).toBe(calls[0]?.cid)
  })

  it('after it has read what was piped: nothing of that is lost', async () => {
    await stands((socket, note) => {
      if (note.end === true) socket.destroy()
      else if (note.chunk === undefined) socket.write('{"input":true}\n')
    })
    const { last } = await bot.run(['send', '#work', '-'], 'from a pipe\n')
    expect(last.type).toBe('SENT')
    const { lines } = await bot.run(['history', '#work', '--limit', '1', '--daemon', 'off'])
    expect(lines[0]?.content).toBe('from a pipe')
  })

  it('while it makes a channel: nobody knows, and that is said', async () => {
    await stands((socket) => socket.destroy())
    const { code, last } = await bot.run(['channels', 'create', '#once'])
    expect(code).toBe(3)
    expect(last).toMatchObject({ type: 'ERROR', code: 'DAEMON_LOST', exit: 3 })
  })

  it('after it has printed something: it is not printed again, and that it is not all is said', async () => {
    await stands((socket) => socket.end('{"out":"{\\"type\\":\\"MSG\\"}\\n"}\n'))
    const { code, lines } = await bot.run(['history', '#work'])
    expect(code).toBe(3)
    expect(lines.map(({ type }) => type)).toEqual(['MSG', 'ERROR'])
  })

  it('killed while a question waits for its answer: it is asked once, and the answer comes', async () => {
    const { running } = await bot.daemon()
    const asking = bot.start(['ask', '@peer', 'which port?', '--timeout', '30s'])
    await asking.says(/position \d+/)
    running.kill('SIGKILL')
    await running.ended
    await asking.says(/said before, not said again/)
    const { lines } = await peer.run(['unread'])
    const questions = lines.filter(({ content }) => content === 'which port?')
    expect(questions).toHaveLength(1)
    await peer.run(['reply', String(questions[0]?.msg_id), '6667'])
    const { code, last } = await asking.ended
    expect(code).toBe(0)
    expect(last.content).toBe('6667')
  })
})

describe('a command', () => {
  it('of another version is told to go its own way', async () => {
    const { running } = await bot.daemon()
    const socket = createConnection(bot.place.socket)
    socket.write('{"version":"0.0.1","argv":["me"]}\n')
    const [answer] = await once(socket, 'data')
    expect(JSON.parse(String(answer)).direct).toMatch(/version/)
    running.kill('SIGTERM')
    await running.ended
  })

  it('that is interrupted ends in the daemon too, and the daemon goes on', async () => {
    const { running } = await bot.daemon()
    const waiting = bot.start(['ask', '@peer', 'anybody?', '--timeout', '5m'])
    await waiting.says(/position \d+/)
    waiting.kill('SIGINT')
    expect((await waiting.ended).code).toBe(130)
    const killed = bot.start(['ask', '@peer', 'still nobody?', '--timeout', '5m'])
    await killed.says(/position \d+/)
    killed.kill('SIGKILL')
    await killed.ended
    expect(await bot.usesDaemon(['me'])).toBe(true)
    // It ends at once only if nothing runs in it any more.
    await bot.run(['daemon', 'stop'])
    expect((await running.ended).code).toBe(0)
  })
})

describe('a server that ends', () => {
  it('leaves the daemon waiting for it: commands say so, and go through it again later', async () => {
    const data = ['--data', `${home.path}/restarted`]
    const first = await startServer(home, data)
    const one = await Caller.made(home, 'one', first.url)
    const { running } = await one.daemon()
    first.running.kill('SIGKILL')
    await first.running.ended
    await running.line(({ text }) => /^The connection is over/.test(String(text)))
    const { code, last } = await one.run(['send', '#general', 'hello'])
    expect([code, last.code]).toEqual([3, 'UNREACHABLE'])

    const port = new URL(first.url).port
    const again = home.start(['serve', '--port', port, '--log-level', 'warn', ...data])
    await again.line(({ type }) => type === 'LISTENING')
    await running.line(({ text }) => text === 'Connected again.')
    expect(await one.usesDaemon(['me'])).toBe(true)
    expect((await one.run(['agents', 'show', '@one', '--daemon', 'off'])).last.presence).toBe(
      'online',
    )
    running.kill('SIGTERM')
    await running.ended
  })
})

describe('what comes to the socket of a daemon', () => {
  it('cannot end it, whatever it is', async () => {
    const { running } = await bot.daemon()
    const { socket: path } = bot.place
    const texts = [
      'garbage\n',
      '[]\n',
      '{"version":"',
      '{"argv":7}\n',
      '{"control":"nonsense"}\n',
      `${'x'.repeat(2_000_000)}`,
      '{"control":"status"}\n{"control":"status"}\nnonsense\n',
    ]
    const sockets = texts.map((text) => {
      const socket = createConnection(path)
      socket.on('error', () => {})
      socket.write(text)
      return socket
    })
    const many = Array.from({ length: 1_000 }, () => createConnection(path).on('error', () => {}))
    // Some never get in: the system takes only so many at once, which is an error of theirs alone.
    const closed = many.slice(-500).map(
      (socket) =>
        new Promise<void>((resolve) => {
          if (socket.closed) resolve()
          else socket.once('close', () => resolve())
        }),
    )
    await Promise.all(closed)
    for (const socket of [...sockets, ...many]) socket.destroy()
    expect((await bot.run(['daemon'])).last).toMatchObject({ running: true, connected: true })
    expect(await bot.usesDaemon(['me'])).toBe(true)
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(0)
  })

  it('is no way to commands that are not for it', async () => {
    const { running, state } = await bot.daemon()
    for (const argv of [['serve'], ['identity', 'new', 'x'], ['-v', 'token', 'create']]) {
      const socket = createConnection(bot.place.socket)
      const request = { version: state.version, argv, cid: 'c', directory: '/', variables: {} }
      socket.write(`${JSON.stringify(request)}\n`)
      const [answer] = await once(socket, 'data')
      expect(JSON.parse(String(answer)).direct).toMatch(/does not run/)
    }
    running.kill('SIGTERM')
    await running.ended
  })
})
