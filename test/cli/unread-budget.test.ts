// `agentchat unread --budget`: no more is printed than was asked for, and `--ack` goes exactly as far as was shown.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { Home, type Result, startServer } from './kit.ts'

const home = new Home()
let server = ''

beforeAll(async () => {
  server = (await startServer(home)).url
  for (const name of ['bot', 'alice']) await run(['identity', 'new', name])
  for (const name of ['bot', 'alice']) await run(['join', '#general', '-i', name])
})
afterAll(() => home.close())

function run(args: readonly string[]): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server } })
}

async function say(...texts: readonly string[]): Promise<unknown[]> {
  const results = []
  for (const text of texts) results.push(await run(['send', '#general', text, '-i', 'alice']))
  return results.map(({ last }) => last.msg_id)
}

test('what cannot be is refused', async () => {
  expect((await run(['unread', '--budget', '49'])).code).toBe(2)
  expect((await run(['unread', '--budget', '500', '--limit', '5'])).code).toBe(2)
  expect((await run(['unread', '--budget', '500', '-n', 'guest'])).code).not.toBe(0)
})

test('JSON lines and text keep within the budget, and --ack moves past what is for the agent', async () => {
  const long = 'word '.repeat(200)
  const ids = await say(`@bot one ${long}`, 'chatter', `@bot two ${long}`, 'more chatter')
  const first = await run(['unread', '--budget', '600', '--ack'])
  expect(first.code).toBe(0)
  expect(first.stdout.length).toBeLessThanOrEqual(2_400)
  expect(first.lines.slice(0, -1)).toMatchObject([{ type: 'MSG', msg_id: ids[0] }])
  expect(first.last).toMatchObject({ type: 'END', count: 1, left: 0, truncated: true })
  expect(first.last.next).toBe(first.lines[0]?.position)

  const second = await run(['unread', '--budget', '600', '--text'])
  expect(second.stdout.length).toBeLessThanOrEqual(2_400)
  expect(second.stdout).toMatch(
    new RegExp(`^<<${ids[2]} #general alice\\(@\\w+, v1 signed\\) .*mentions you>>$`, 'm'),
  )
  expect(second.stdout).toMatch(/^\[next \d+; 2 left out: #general 2; 0 later\]\n$/m)
  const next = /\[next (\d+);/.exec(second.stdout)?.[1] ?? ''
  const third = await run(['unread', '--budget', '50', '--ack', next, '--text'])
  expect(third.stdout).toMatch(/^\[next \d+; 0 left out; 0 later\]\n$/)
})

test('in JSON too a message that is too long is cut', async () => {
  const [id] = await say(`@bot ${'x"\n'.repeat(5_000)}`)
  const { stdout, lines } = await run(['unread', '--budget', '300', '--ack'])
  expect(stdout.length).toBeLessThanOrEqual(1_200)
  expect(lines[0]).toMatchObject({ msg_id: id, cut: { of: 15_005 } })
  expect((await run(['unread', '--budget', '300'])).last).toMatchObject({ count: 0, left: 0 })
})
