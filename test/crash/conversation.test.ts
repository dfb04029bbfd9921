// A signed conversation in a private channel: who is killed in the middle hears afterwards exactly what it missed.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyMessage } from '../../src/client/verifying.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { Home, type Line, type Result, type Served, startServer } from '../cli/kit.ts'

const home = new Home()
let server: Served

beforeAll(async () => {
  server = await startServer(home)
  for (const name of ['alice', 'bob', 'eve']) {
    await run(['identity', 'new', name])
    await run(['me', '-i', name]) // from then on the server knows it
  }
  await run(['channels', 'create', '#den', '--private', '-i', 'alice'])
  await run(['channels', 'invite', '#den', '@bob', '-i', 'alice'])
  await run(['channels', 'join', '#den', '-i', 'bob'])
})
afterAll(() => home.close())

function run(args: readonly string[]): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
}

async function listening(name: string) {
  const env = { AGENTCHAT_SERVER: server.url }
  const running = home.start(['listen', '#den', '--follow', '-v', '-i', name], { env })
  await running.says(/Listening as/)
  return running
}

function say(name: string, text: string): Promise<Result> {
  return run(['send', '#den', text, '-i', name])
}

/** Whether the agent itself said it, whatever the server says. */
function isSigned(line: Line): boolean {
  const message = line as unknown as Heard<'MSG'> // a line of type MSG is the frame as it came
  return verifyMessage(message, { serverName: 'localhost' }).status === 'signed'
}

describe('a private conversation', () => {
  it('is closed to others', async () => {
    for (const args of [
      ['history', '#den'],
      ['listen', '#den', '--once'],
      ['send', '#den', 'hi'],
    ]) {
      expect((await run([...args, '-i', 'eve'])).last).toMatchObject({
        code: 'NOT_INVITED',
        exit: 1,
      })
    }
  })

  it('is taken up after a kill with exactly what was missed, signed by who said it', async () => {
    const [alice, bob] = [await listening('alice'), await listening('bob')]
    await say('alice', 'question 1')
    await bob.line(({ content }) => content === 'question 1')
    await say('bob', 'answer 1')
    const heard = await alice.line(({ content }) => content === 'answer 1')
    expect(isSigned(heard)).toBe(true)
    await run(['unread', '--ack', '-i', 'bob'])

    bob.kill('SIGKILL')
    await bob.ended
    const missed = ['question 2', 'question 3', 'are you there?']
    for (const text of missed) await say('alice', text)

    const { lines, last } = await run(['unread', '-i', 'bob'])
    expect(lines.slice(0, -1).map(({ content }) => content)).toEqual(missed)
    expect(lines.slice(0, -1).every(isSigned)).toBe(true)
    expect(last).toMatchObject({ type: 'END', count: 3, left: 0 })

    await run(['reply', String(lines[0]?.msg_id), 'answer 2', '-i', 'bob'])
    const answer = await alice.line(({ content }) => content === 'answer 2')
    expect(answer).toMatchObject({ in_reply_to: lines[0]?.msg_id, auth: 'v1' })
    expect((await run(['unread', '--ack', String(last.next), '-i', 'bob'])).last.count).toBe(0)
    alice.kill('SIGTERM')
    await alice.ended
  })
})
