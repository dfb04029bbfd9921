// The loop of an agent that wakes up, answers and goes away: killed anywhere, it loses nothing and says nothing twice.

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomFrom } from '../kit/random.ts'
import { Home, type Line, type Result, type Running, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home, ['--budgets', 'off'])
  for (const name of ['bot', 'alice']) await run(['identity', 'new', name])
  for (const name of ['bot', 'alice']) await run(['join', '#general', '-i', name])
})
afterAll(() => home.close())

function start(args: readonly string[], input?: string): Running {
  const env = { AGENTCHAT_SERVER: server.url }
  return home.start(args, input === undefined ? { env } : { env, input })
}

function run(args: readonly string[], input?: string): Promise<Result> {
  return start(args, input).ended
}

async function say(to: string, ...texts: readonly string[]): Promise<string[]> {
  const results = []
  for (const text of texts) results.push(await run(['send', to, text, '-i', 'alice']))
  return results.map(({ last }) => String(last.msg_id))
}

function messages(lines: readonly Line[]): Line[] {
  return lines.filter(({ type }) => type === 'MSG')
}

function cidOf(id: unknown): string {
  return createHash('sha256').update(`answer to ${id}`).digest('hex').slice(0, 32)
}

describe('unread', () => {
  it('shows without moving, and moves with --ack only past what it printed', async () => {
    const ids = await say('#general', 'one', 'two', 'three')
    await run(['send', '#general', 'my own'])
    const first = await run(['unread', '--limit', '2'])
    expect(first.code).toBe(0)
    expect(messages(first.lines).map(({ msg_id }) => msg_id)).toEqual(ids.slice(0, 2))
    expect(first.last).toMatchObject({ type: 'END', count: 2, left: 1, truncated: true })

    const again = await run(['unread', '--limit', '2', '--ack'])
    expect(again.lines).toEqual(first.lines)
    const rest = await run(['unread', '--ack'])
    expect(messages(rest.lines).map(({ msg_id }) => msg_id)).toEqual(ids.slice(2))
    expect(rest.last).toMatchObject({ count: 1, left: 0, truncated: false })
    const nothing = await run(['unread'])
    expect(nothing).toMatchObject({ code: 0, last: { type: 'END', count: 0, left: 0 } })
  })

  it('moves up to a position that was printed before, and prints what came since', async () => {
    await say('#general', 'before')
    const { last } = await run(['unread'])
    const [since = ''] = await say('@bot', 'since')
    const next = await run(['unread', '--ack', String(last.next)])
    expect(messages(next.lines)).toMatchObject([{ msg_id: since }])
    expect(messages((await run(['unread', '--ack'])).lines)).toMatchObject([{ msg_id: since }])
    const back = await run(['unread', '--ack', String(last.next)])
    expect(messages(back.lines)).toEqual([])
  })

  it('refuses a position that is yet to come', async () => {
    const { code, last } = await run(['unread', '--ack', '999999'])
    expect(code).toBe(1)
    expect(last).toMatchObject({ type: 'ERROR', code: 'INVALID_MSG' })
  })

  it('counts up to a thousand of what it leaves, and prints at most 64 KiB', async () => {
    await say('#general', ...['a', 'b', 'c'].map((letter) => letter.repeat(30_000)))
    const { last } = await run(['unread'])
    expect(last).toMatchObject({ count: 2, left: 1, truncated: true })
    await run(['unread', '--ack'])
    await run(['unread', '--ack'])
  })
})

describe('the wake loop', () => {
  it('answers each message once, however often it is killed', { timeout: 120_000 }, async () => {
    const random = randomFrom(20261124)
    /** Runs a step, or kills it where it stands: after the login, or after its first line. */
    const step = async (args: readonly string[], input?: string): Promise<Result> => {
      const running = start([...args, '-v'], input)
      if (!random.oneIn(3)) return await running.ended
      const moment = random.oneIn(2) ? running.says(/Connected to/) : running.line()
      await moment.then(
        () => running.kill('SIGKILL'),
        () => {}, // it was over before
      )
      return await running.ended
    }

    const asked = await say('#general', ...Array.from({ length: 8 }, (_, index) => `q${index}`))
    let done = 0
    for (let round = 0; ; round++) {
      if (round % 2 === 1 && asked.length < 12) asked.push(...(await say('@bot', `late ${round}`)))
      const seen = await step(['unread', '--limit', '3', ...(done > 0 ? ['--ack', `${done}`] : [])])
      if (seen.code !== 0) continue
      const answers = []
      for (const { msg_id } of messages(seen.lines)) {
        answers.push(await step(['reply', String(msg_id), '-', '--cid', cidOf(msg_id)], 'answer'))
      }
      if (answers.some(({ code }) => code !== 0)) continue
      done = Number(seen.last.next)
      if (seen.last.count === 0 && asked.length >= 12) break
    }

    const said = await run(['listen', '--own', '--since', '0', '--idle', '500ms'])
    const own = messages(said.lines).filter(({ content }) => content === 'answer')
    expect(own.map(({ in_reply_to }) => in_reply_to).sort()).toEqual(asked.sort())
  })
})
