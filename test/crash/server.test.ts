// The server is killed with SIGKILL at random moments under load: what was acknowledged is there, once, in order.

import { afterEach, expect, test } from 'vitest'
import { AgentChat } from '../../src/client/chat.ts'
import { createIdentity } from '../../src/client/identity.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { Home, type Running } from '../cli/kit.ts'
import { randomFrom } from '../kit/random.ts'

const kills = 25
const channels = ['#alpha', '#beta'] as const
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

let home: Home | undefined
let chats: AgentChat[] = []

afterEach(async () => {
  await Promise.all(chats.map((chat) => chat.close()))
  await home?.close()
  chats = []
  home = undefined
})

/** A server that can be killed and comes back under the same address. */
class Phoenix {
  running: Running | undefined
  url = ''
  private readonly home: Home
  private port = '0'

  constructor(home: Home) {
    this.home = home
  }

  async rise(): Promise<void> {
    const limits = [
      '--rate',
      '1000000',
      '--burst',
      '1000000',
      '--budgets',
      'off',
      '--log-level',
      'warn',
    ]
    this.running = this.home.start(['serve', '--port', this.port, ...limits])
    const { url } = await this.running.line(({ type }) => type === 'LISTENING')
    this.url = String(url)
    this.port = new URL(this.url).port
  }

  async die(): Promise<void> {
    this.running?.kill('SIGKILL')
    await this.running?.ended
  }
}

/** What an agent said, and was told of it. */
interface Said {
  readonly to: string
  readonly content: string
  readonly position: number
}

/** Says one thing after the other, in four threads at once, until it is told to stop. */
async function talk(
  chat: AgentChat,
  { from, peer, until }: { from: number; peer: string; until: AbortSignal },
) {
  let number = 0
  const thread = async () => {
    const all: Said[] = []
    while (!until.aborted) {
      const to = [...channels, peer][number % 3] ?? peer
      const content = `${from}:${number++}`
      all.push({ content, to, position: (await chat.send(to, content)).position })
    }
    return all
  }
  return Promise.all(Array.from({ length: 4 }, thread))
}

async function readAll(
  chat: AgentChat,
  target: string,
): Promise<Heard<'HISTORY_PAGE'>['messages']> {
  const messages: Heard<'HISTORY_PAGE'>['messages'] = []
  for (let after: number | null = 0; after !== null; ) {
    const page: Heard<'HISTORY_PAGE'> = await chat.history(target, { after, limit: 200 })
    messages.push(...page.messages)
    after = page.next
  }
  return messages
}

test(`${kills} kills lose nothing that was acknowledged, double nothing, and keep the order`, async () => {
  home = new Home()
  const random = randomFrom(seed)
  const phoenix = new Phoenix(home)
  await phoenix.rise()
  const agents = ['ann', 'ben', 'cat']
  chats = await Promise.all(
    agents.map(async (name) =>
      AgentChat.connect({ server: phoenix.url, name, identity: await createIdentity(name) }),
    ),
  )
  const [first, ...others] = chats
  if (!first) throw new Error('somebody connects')
  for (const channel of channels) await first.request('CREATE_CHANNEL', { channel })
  for (const chat of others) for (const channel of channels) await chat.join(channel)
  const heard = chats.map((chat) => {
    const positions: number[] = []
    chat.on('MSG', ({ position }) => positions.push(position ?? 0))
    return positions
  })

  const stop = new AbortController()
  const talks = chats.map((chat, from) =>
    talk(chat, { from, peer: chats[(from + 1) % chats.length]?.id ?? '', until: stop.signal }),
  )
  for (let kill = 0; kill < kills; kill++) {
    // A random number of messages later, and then anywhere within what they are doing.
    const target = (heard[0]?.length ?? 0) + random.below(40)
    await first.once('MSG', { where: () => (heard[0]?.length ?? 0) > target })
    await phoenix.die()
    await phoenix.rise()
  }
  stop.abort()
  const threads = (await Promise.all(talks)).flat()

  const places = [
    ...(await Promise.all(channels.map((channel) => readAll(first, channel)))),
    ...(await Promise.all(
      chats.map((chat, at) => readAll(chat, chats[(at + 1) % chats.length]?.id ?? '')),
    )),
  ]
  const stored = new Map(places.flat().map((message) => [message.position, message]))
  for (const { position, content, to } of threads.flat()) {
    expect(stored.get(position), `seed ${seed}, ${to} ${content}`).toMatchObject({ content })
  }
  for (const messages of places) {
    const contents = messages.map(({ content }) => content)
    expect(new Set(contents).size, `seed ${seed}: nothing twice`).toBe(contents.length)
    for (const [index, message] of messages.entries()) {
      expect(message.prev, `seed ${seed}: the chain of ${message.to}`).toBe(
        messages[index - 1]?.position,
      )
    }
  }
  const told = threads.map((thread) => thread.map(({ position }) => position))
  for (const positions of [...heard, ...told]) {
    const rising = [...new Set(positions)].sort((one, other) => one - other)
    expect(positions, `seed ${seed}: in order, once`).toEqual(rising)
  }
}, 120_000)
