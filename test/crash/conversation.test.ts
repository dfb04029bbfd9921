// A signed conversation in a private channel: one of the two is killed in the middle, comes back, and reads what it missed.

import { afterEach, expect, test } from 'vitest'
import { verifyMessage } from '../../src/client/verifying.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { Home, type Line, startServer } from '../cli/kit.ts'

let homes: Home[] = []

afterEach(async () => {
  await Promise.all(homes.map((home) => home.close()))
  homes = []
})

/** An agent with a key that speaks through the command line only. */
async function agent(name: string, server: string) {
  const home = new Home()
  homes.push(home)
  const env = { AGENTCHAT_SERVER: server }
  const run = async (...args: string[]) => {
    const result = await home.run(args, { env })
    expect(result.code, `${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0)
    return result
  }
  const unread = async (...args: string[]) => {
    const { lines } = await run('unread', ...args)
    return { messages: lines.filter(({ type }) => type === 'MSG'), end: lines.at(-1) }
  }
  const start = (...args: string[]) => home.start(args, { env })
  await run('identity', 'new', name)
  return { run, start, unread }
}

function contents(lines: readonly Line[]): unknown[] {
  return lines.map(({ content }) => content)
}

test('an agent that was killed reads exactly what it missed, once, in order', async () => {
  const host = new Home()
  homes.push(host)
  const { url } = await startServer(host)
  const alice = await agent('alice', url)
  const bob = await agent('bob', url)
  await bob.run('me', 'nick', 'bob')
  await alice.run('channels', 'create', '#secret', '--private')
  await alice.run('channels', 'invite', '#secret', '@bob')
  await bob.run('channels', 'join', '#secret')
  await bob.unread('--ack')

  const listening = bob.start('listen', '#secret', '--follow', '--verbose')
  await listening.says(/Listening/)
  await alice.run('send', '#secret', 'one')
  await listening.line(({ content }) => content === 'one')
  await bob.run('send', '#secret', 'and one from me')
  expect(contents((await bob.unread('--ack')).messages)).toEqual(['one'])

  listening.kill('SIGKILL')
  await listening.ended
  await alice.run('send', '#secret', 'two')
  await alice.run('send', '@bob', 'three, for you alone')
  await alice.run('send', '#secret', 'four')

  const missed = await bob.unread()
  expect(contents(missed.messages)).toEqual(['two', 'three, for you alone', 'four'])
  expect(missed.end).toMatchObject({ type: 'END', count: 3, left: 0, truncated: false })
  for (const message of missed.messages) {
    const frame = message as unknown as Heard<'MSG'> // a line is the frame as it came over the wire
    expect(message).toMatchObject({ from_name: 'alice', auth: 'v1' })
    expect(verifyMessage(frame, { serverName: 'localhost' })).toMatchObject({
      status: 'signed',
    })
  }
  expect(contents((await bob.unread()).messages)).toEqual(contents(missed.messages))
  await bob.unread('--ack')
  expect((await bob.unread()).messages).toEqual([])
})
