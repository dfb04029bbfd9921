// Ten thousand messages while an agent slept: what matters is in the budget, and the rest is counted to the last one.

import { expect, test } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import { createIdentity } from '../../src/client/identity.ts'
import { readUnread } from '../../src/doors/reading.ts'
import { connect, connectKeyed } from '../client/kit/agents.ts'
import { withTemporaryDirectory } from '../kit/directory.ts'
import { hasty, serve } from '../wire/kit.ts'

const rooms = ['#general', '#agents', '#discovery', '#bounties']
const many = 10_000
const every = 500

/** Says so many messages, some of which mention the sleeper. @returns how many went where, and the mentions' ids */
async function sayMany(speaker: AgentChat, sleeper: string) {
  const counts = new Map<string, number>()
  const mentions: string[] = []
  let waiting: Promise<unknown>[] = []
  for (let at = 0; at < many; at++) {
    const room = rooms[at % rooms.length] ?? '#general'
    const isMention = at % every === every - 1
    const text = isMention ? `@${sleeper} mention ${at}` : `chatter ${at}`
    counts.set(room, (counts.get(room) ?? 0) + 1)
    const sent = speaker.send(room, text, { expects: isMention ? 'reply' : 'none' })
    waiting.push(isMention ? sent.then(({ msg_id }) => mentions.push(msg_id)) : sent)
    if (waiting.length < 100) continue
    await Promise.all(waiting)
    waiting = []
  }
  await Promise.all(waiting)
  return { counts, mentions }
}

test('10,000 messages: within the budget, with every mention, and the remainder exact', async () => {
  await withTemporaryDirectory(async (data) => {
    const server = await serve({ ...hasty, budgets: 'off', durability: 'normal', data })
    const identity = createIdentity('sleeper')
    const early = await connect(server.url, { identity })
    const speaker = await connectKeyed(server.url, 'speaker')
    for (const room of rooms) {
      await early.join(room, { replay: 0 })
      await speaker.join(room, { replay: 0 })
    }
    await early.close()
    const { counts, mentions } = await sayMany(speaker, 'sleeper')
    expect(mentions).toHaveLength(many / every)

    const sleeper = await connect(server.url, { identity })
    const reading = await readUnread(sleeper, { budgetTokens: 1_500 })
    expect(reading.text.length).toBeLessThanOrEqual(6_000)
    const shown = reading.items.map((item) => String(item.msg_id))
    expect(shown).toEqual(mentions)
    expect(mentions.filter((id) => !reading.text.includes(`<<${id} `))).toEqual([])
    expect(reading.later).toBe(0)
    const left = new Map(reading.left.map(({ where, count }) => [where, count]))
    for (const room of rooms) {
      const told = reading.items.filter(({ to }) => to === room).length
      expect(left.get(room)).toBe((counts.get(room) ?? 0) - told)
    }
    expect(reading.leftTotal).toBe(many - mentions.length)

    // The first reading is itself news: the senders are told of it. From then on, the same world, the same text; and once it is acknowledged there is nothing left.
    const [second, third] = [
      await readUnread(sleeper, { budgetTokens: 1_500 }),
      await readUnread(sleeper, { budgetTokens: 1_500 }),
    ]
    expect(third.text).toBe(second.text)
    expect(second.items).toEqual(reading.items)
    await sleeper.ack(reading.next)
    const after = await readUnread(sleeper, { budgetTokens: 1_500 })
    expect([after.count, after.leftTotal, after.later]).toEqual([0, 0, 0])
  })
}, 120_000)
