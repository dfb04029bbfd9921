// Hearing news of proposals piece by piece, and leaving no listener behind.

import { expect, test } from 'vitest'
import { hearNews } from '../../src/cli/proposal-news.ts'
import type { AgentChat } from '../../src/client/chat.ts'

/** A connection of which only the listeners are looked at. */
function listened() {
  const listeners = new Set<(told: never) => void>()
  const add = (listener: (told: never) => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const on = (_type: string, listener: (told: never) => void) => add((told) => listener(told))
  const onState = (listener: (told: never) => void) => add((told) => listener(told))
  const chat = { on, onState } as unknown as AgentChat
  return { chat, listeners }
}

test('nothing is listened to any more once it has ended, however it ended', async () => {
  const { chat, listeners } = listened()
  const stop = new AbortController()
  const unread = hearNews(chat, stop.signal)
  expect(listeners.size).toBeGreaterThan(1)
  stop.abort()
  expect(listeners.size).toBe(0)
  expect(await unread.next()).toMatchObject({ done: true })

  const read = hearNews(chat, new AbortController().signal)
  const next = read.next()
  for (const tell of [...listeners]) tell({ state: 'closed' } as never)
  expect((await next).done).toBe(false) // the same was told as news
  await read.return()
  expect(listeners.size).toBe(0)
  hearNews(chat, stop.signal)
  expect(listeners.size).toBe(0)
})
