// The files of a daemon: what is heard stands in one, what stands in the other is said, once, whatever dies in between.

import {
  appendFileSync,
  existsSync,
  readFileSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { Caller } from './daemon-kit.ts'
import { Home, type Line, type Running, startServer } from './kit.ts'

const home = new Home()
let url: string
let bot: Caller
let peer: Caller
let files: string
let count = 0
let daemon: Running | undefined

beforeAll(async () => {
  url = (await startServer(home)).url
  peer = await Caller.made(home, 'peer', url)
  await peer.run(['channels', 'create', '#work'])
})
beforeEach(async () => {
  files = await temporaryDirectory()
  count += 1
  bot = await Caller.made(home, `bot${count}`, url)
  await bot.run(['channels', 'join', '#work'])
})
afterEach(async () => {
  await kill('SIGKILL')
  await removeDirectory(files)
})
afterAll(() => home.close())

async function start(): Promise<void> {
  daemon = (await bot.daemon(['--files', files])).running
}

async function kill(signal: NodeJS.Signals): Promise<void> {
  daemon?.kill(signal)
  await daemon?.ended
}

function linesOf(name: string): Line[] {
  const path = join(files, name)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

function contents(name: string): unknown[] {
  return linesOf(name).map(({ content }) => content)
}

/** Waits for what the daemon writes into its directory. */
function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(files, look)
    function look() {
      if (!isSo()) return
      watcher.close()
      resolve()
    }
    look()
  })
}

function say(...lines: readonly object[]): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  appendFileSync(join(files, 'outbox.jsonl'), text)
}

/** What the agent has said in the channel, as others can read it. */
async function said(): Promise<unknown[]> {
  const { lines } = await peer.run(['history', '#work', '--limit', '100'])
  return lines.filter(({ from_name }) => from_name === bot.name).map(({ content }) => content)
}

/** Whether it is noted how far the inbox is written: by that a reader may empty it. */
function isNoted(): boolean {
  const { position } = JSON.parse(readFileSync(join(files, 'inbox.state.json'), 'utf8'))
  return position === linesOf('inbox.jsonl').at(-1)?.position
}

function offset(): number {
  return JSON.parse(readFileSync(join(files, 'outbox.state.json'), 'utf8')).read.offset
}

function worked(): Promise<void> {
  const { length } = readFileSync(join(files, 'outbox.jsonl'))
  return until(() => offset() === length)
}

describe('files', () => {
  it('belong to one agent', async () => {
    await start()
    await kill('SIGTERM')
    const other = await Caller.made(home, `other${count}`, url)
    const { code, last } = await other.run(['daemon', 'start', '--files', files])
    expect([code, last.code]).toEqual([1, 'FILES_TAKEN'])
  })

  it('hold what others say, also what they said before, and nothing of one own', async () => {
    await peer.run(['send', `@${bot.name}`, 'before'])
    await start()
    await until(() => contents('inbox.jsonl').includes('before'))
    await bot.run(['send', '#work', 'my own'])
    await peer.run(['send', '#work', 'after\u2028\u001b[2J'])
    await until(() => contents('inbox.jsonl').length === 2)
    expect(contents('inbox.jsonl')).toEqual(['before', 'after\u2028\u001b[2J'])
    expect(readFileSync(join(files, 'inbox.jsonl'), 'utf8')).not.toContain('\u001b')
  })

  it('hold each message once and in order over kills, cut lines, and readers that empty them', async () => {
    await start()
    await peer.run(['send', '#work', 'one'])
    await peer.run(['send', '#work', 'two'])
    await until(() => contents('inbox.jsonl').length === 2)
    await kill('SIGKILL')
    const inbox = join(files, 'inbox.jsonl')
    const whole = readFileSync(inbox, 'utf8')
    // As if it had been killed while it wrote the second line.
    const before = JSON.parse(whole.split('\n')[0] ?? '').position
    writeFileSync(join(files, 'inbox.state.json'), JSON.stringify({ position: before }))
    truncateSync(inbox, Buffer.byteLength(whole) - 20)
    await peer.run(['send', '#work', 'three'])
    await start()
    await until(() => contents('inbox.jsonl').length === 3 && isNoted())
    expect(contents('inbox.jsonl')).toEqual(['one', 'two', 'three'])

    await kill('SIGKILL')
    truncateSync(inbox, 0)
    await peer.run(['send', '#work', 'four'])
    await start()
    await until(() => contents('inbox.jsonl').length === 1)
    expect(contents('inbox.jsonl')).toEqual(['four'])
  })

  it('are set aside when they have grown, and go on after what was set aside', async () => {
    const line = `${JSON.stringify({ position: 1, content: 'x'.repeat(1_000) })}\n`
    writeFileSync(join(files, 'inbox.jsonl'), line.repeat(17_000))
    await start()
    await peer.run(['send', '#work', 'one too many'])
    await until(() => existsSync(join(files, 'inbox.1.jsonl')))
    await kill('SIGKILL')
    await peer.run(['send', '#work', 'the next'])
    await start()
    await until(() => contents('inbox.jsonl').length > 0)
    expect(contents('inbox.jsonl')).toEqual(['the next'])
  })

  it('are said line by line, and what cannot be is set aside with the reason', async () => {
    await start()
    appendFileSync(join(files, 'outbox.jsonl'), 'nonsense\n\n{"to":"#work","content":"ha')
    appendFileSync(join(files, 'outbox.jsonl'), 'lf"}\n')
    say(
      { to: '#work' },
      { to: '#work', content: 'x', contents: 'y' },
      { to: '#nope', content: 'x' },
      { to: 'work', content: 'whole', expects: 'none' },
    )
    await worked()
    expect(await said()).toEqual(['half', 'whole'])
    const errors = linesOf('outbox.errors.jsonl')
    expect(errors.map(({ code }) => code)).toEqual([
      'INVALID_MSG',
      'INVALID_MSG',
      'INVALID_MSG',
      'CHANNEL_NOT_FOUND',
    ])
    expect(errors[0]?.line).toBe('nonsense')
  })

  it('say the same text again when it is written again, also in a file that was emptied', async () => {
    await start()
    say({ to: '#work', content: 'again' }, { to: '#work', content: 'again' })
    await worked()
    truncateSync(join(files, 'outbox.jsonl'), 0)
    await until(() => offset() === 0)
    say({ to: '#work', content: 'again' })
    await worked()
    expect(await said()).toEqual(['again', 'again', 'again'])
    await kill('SIGKILL')
    // Another file in its place, longer than what was read of the first.
    writeFileSync(join(files, 'outbox.jsonl'), '')
    say({ to: '#work', content: 'a file that was not there before' })
    await start()
    await until(() => offset() === readFileSync(join(files, 'outbox.jsonl')).length)
    expect((await said()).at(-1)).toBe('a file that was not there before')
  })

  it('are said once when the daemon is killed after it has sent and before it has noted that', async () => {
    await start()
    const before = readFileSync(join(files, 'outbox.state.json'))
    say({ to: '#work', content: 'once only' })
    await worked()
    await kill('SIGKILL')
    writeFileSync(join(files, 'outbox.state.json'), before)
    say({ to: '#work', content: 'and on' })
    await start()
    await worked()
    expect(await said()).toEqual(['once only', 'and on'])
  })

  it('are said when there is a server again', async () => {
    const data = ['--data', join(files, 'server')]
    const first = await startServer(home, data)
    const far = await Caller.made(home, `far${count}`, first.url)
    daemon = (await far.daemon(['--files', files])).running
    first.running.kill('SIGKILL')
    await first.running.ended
    say({ to: '#work', content: 'patient' }, { to: `@${far.name}`, content: 'more' })
    const port = new URL(first.url).port
    const again = home.start(['serve', '--port', port, '--log-level', 'warn', ...data])
    await again.line(({ type }) => type === 'LISTENING')
    await worked()
    const { lines } = await far.run(['history', `@${far.name}`])
    expect(lines.map(({ content }) => content)).toContain('more')
    expect(linesOf('outbox.errors.jsonl').map(({ code }) => code)).toEqual(['CHANNEL_NOT_FOUND'])
  })

  it('keep a daemon from ending for want of calls', async () => {
    daemon = (await bot.daemon(['--files', files, '--idle', '1ms'])).running
    await peer.run(['send', '#work', 'still there?'])
    await until(() => contents('inbox.jsonl').includes('still there?'))
  })

  it('whose state is damaged are not guessed at', async () => {
    writeFileSync(join(files, 'outbox.state.json'), '{"owner":')
    const { code, last } = await bot.run(['daemon', 'start', '--files', files])
    expect([code, last.code]).toEqual([1, 'UNUSABLE'])
  })
})
