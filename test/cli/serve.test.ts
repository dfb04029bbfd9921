// The server as a process: it says when it is ready, refuses what it cannot do, and ends in good order.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AgentChat } from '../../src/client/chat.ts'
import { LOG_FILE } from '../../src/log/sqlite/schema.ts'
import { Home, startServer } from './kit.ts'

let home: Home

beforeEach(() => {
  home = new Home()
})
afterEach(() => home.close())

const free = ['serve', '--port', '0', '--log-level', 'warn']

describe('serve', () => {
  it.each([
    ['a port that is none', ['--port', '65536'], 2, /--port/],
    ['a durability that is none', ['--durability', 'some'], 2, /full, normal, memory/],
    ['a public address without TLS', ['--host', '0.0.0.0'], 2, /--behind-proxy/],
    ['half a certificate', ['--cert', 'c.pem'], 2, /Give both/],
    ['an unreadable certificate', ['--cert', 'c.pem', '--key', 'k.pem'], 2, /PEM/],
    ['an unknown flag', ['--prot', '0'], 2, /--port/],
  ])('refuses %s before anything starts', async (_what, args, exit, hint) => {
    const { code, last, lines } = await home.run([...free, ...args])
    expect(code).toBe(exit)
    expect(lines).toHaveLength(1)
    expect(last).toMatchObject({ type: 'ERROR', exit })
    expect(`${last.message} ${last.hint}`).toMatch(hint)
  })

  it('reads its options from the environment too, and names the variable in its help', async () => {
    const wrong = await home.run(free.slice(0, 1), { env: { AGENTCHAT_PORT: 'x' } })
    expect(wrong.code).toBe(2)
    const { stdout } = await home.run(['serve', '--help'])
    expect(stdout).toMatch(/--port <NUMBER>[^[]*\[AGENTCHAT_PORT\]/)
  })

  it('refuses a taken port', async () => {
    const { url } = await startServer(home)
    const port = new URL(url).port
    const { code, last } = await home.run(['serve', '--port', port, '--data', 'other'])
    expect(code).toBe(3)
    expect(last).toMatchObject({ type: 'ERROR', message: expect.stringMatching(/taken/) })
  })

  it('refuses a data directory that is in use, or is none', async () => {
    const { running } = await startServer(home)
    const locked = await home.run(free)
    expect(locked).toMatchObject({ code: 3, last: { code: 'LOG_LOCKED' } })
    expect(locked.last.message).toMatch(String(running.process.pid))
    writeFileSync(join(home.path, 'file'), '')
    const none = await home.run([...free, '--data', 'file'])
    expect(none).toMatchObject({ code: 3, last: { type: 'ERROR' } })
    mkdirSync(join(home.path, 'broken'))
    writeFileSync(join(home.path, 'broken', LOG_FILE), 'no database '.repeat(100))
    expect((await home.run([...free, '--data', 'broken'])).code).toBe(3)
  })

  it('says where it listens, as JSON or for people', async () => {
    const json = home.start(free)
    expect(await json.line()).toEqual({
      type: 'LISTENING',
      key: expect.stringMatching(/^[\w-]{43}$/),
      url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
      server: 'localhost',
      data: join(home.state, 'server'),
    })
    const text = home.start([...free, '--text', '--data', 'other'])
    await text.prints(/^listening on ws:\/\/127\.0\.0\.1:\d+\n$/)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 after %s', async (signal) => {
    const { url, running } = await startServer(home)
    const chat = await AgentChat.connect({ server: url, name: 'eve', reconnect: false })
    const closing = chat.once('SERVER_CLOSING')
    running.kill(signal)
    expect(await closing).toMatchObject({ retry_after_ms: expect.any(Number) })
    const { code, lines } = await running.ended
    expect(code).toBe(0)
    expect(lines).toHaveLength(1)
  })

  it('keeps nothing that agents wrote in its log lines', async () => {
    const running = home.start(['serve', '--port', '0', '--log-level', 'debug'])
    const { url } = await running.line()
    const env = { AGENTCHAT_SERVER: String(url) }
    await home.run(['send', '#general', 'a-secret-word', '-n', 'eve'], { env })
    await home.run(['send', '#general', 'x', '--cid', 'y'], { env })
    running.kill('SIGTERM')
    const { stderr } = await running.ended
    const lines = stderr.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('server-started')
    expect(stderr).not.toMatch(/a-secret-word/)
  })
})

describe('export', () => {
  it('gives the log as JSON lines, with the server running or not', async () => {
    const { url, running } = await startServer(home)
    const env = { AGENTCHAT_SERVER: url }
    await home.run(['send', '#general', 'kept\nfor ever', '-n', 'eve'], { env })
    const during = await home.run(['export'])
    running.kill('SIGTERM')
    await running.ended
    const after = await home.run(['export', '--data', join(home.state, 'server')])
    for (const { code, lines, last } of [during, after]) {
      expect(code).toBe(0)
      const entry = lines.find(({ type }) => type === 'MSG')
      expect(entry).toMatchObject({ fields: { content: 'kept\nfor ever' } })
      const positions = lines.slice(0, -1).map(({ position }) => position)
      expect(last).toMatchObject({ type: 'END', count: positions.length, next: positions.at(-1) })
    }
  })
})
