// The log in memory: the contract, and what keeps it from growing.

import { expect, test } from 'vitest'
import { type MemoryLogOptions, openMemoryLog } from '../../src/log/memory.ts'
import type { Log } from '../../src/log/port.ts'
import { logContract } from '../kit/log-contract.ts'
import { draft, news, query, Recorder, type Told } from './contract/recorder.ts'

logContract('the log in memory', async () => ({
  isDurable: false,
  open: async () => openMemoryLog<Told>(),
  remove: async () => {},
}))

async function open(options: MemoryLogOptions): Promise<Log<Told>> {
  const log = openMemoryLog<Told>(options)
  await log.start(new Recorder())
  return log
}

test('the oldest tenth is forgotten when there are too many pieces', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 1_000_000 } })
  for (let i = 1; i <= 20; i += 1) log.append(news(`${i}`, i % 2 === 0 ? '#even' : '#odd'))
  expect(await log.page(query({ '#odd': 0 }))).toMatchObject({ forgotten: 0 })
  log.append(news('21', '#odd'))
  const page = await log.page(query({ '#odd': 0, '#even': 0 }))
  expect(page.forgotten).toBe(3)
  expect(page.items.map((item) => item.position)).toEqual(range(4, 21))
  expect(await log.find('#odd', 3)).toBeUndefined()
  await log.close()
})

test('the oldest are forgotten when their text is too long, but never the newest', async () => {
  const log = await open({ bounds: { pieces: 100, bytes: 1000 } })
  const long = (label: string, length: number) =>
    draft(label, { kept: { streams: ['#a'], news: 'x'.repeat(length) } })
  for (const label of ['1', '2', '3']) log.append(long(label, 400))
  expect(await log.page(query({ '#a': 0 }))).toMatchObject({
    forgotten: 1,
    items: [{ position: 2 }, { position: 3 }],
  })
  log.append(long('4', 5000))
  expect(await log.page(query({ '#a': 0 }))).toMatchObject({
    forgotten: 3,
    items: [{ position: 4 }],
  })
  await log.close()
})

test('what lasts stays when other news are too many, and those have no hole', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 1_000_000 } })
  for (let i = 1; i <= 100; i += 1) log.append(news(`${i}`, '@bob', i % 10 === 0 ? '!deal' : '#a'))
  const deal = await log.page(query({ '!deal': 0 }))
  expect(deal.forgotten).toBe(0)
  expect(deal.items.map((item) => item.position)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  const bob = await log.page(query({ '@bob': 0 }))
  expect(bob.forgotten).toBeGreaterThan(70)
  expect(bob.items.map((item) => item.position)).toEqual(range(bob.forgotten + 1, 100))
  await log.close()
})

test('what lasts does not drive out other news before it is itself too much', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 1_000_000 } })
  for (let i = 1; i <= 40; i += 1) log.append(news(`${i}`, i % 2 === 0 ? '!deal' : '#a'))
  const page = await log.page(query({ '!deal': 0, '#a': 0 }))
  expect(page.forgotten).toBe(0)
  expect(page.items).toHaveLength(40)
  await log.close()
})

test('the oldest of what lasts goes when there is too much of it, and it is told', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 1_000_000 } })
  for (let i = 1; i <= 42; i += 1) {
    log.append(i % 2 === 0 ? news(`${i}`, '!deal', '@bob') : news(`${i}`, '#a'))
  }
  const deal = await log.page(query({ '!deal': 0 }))
  expect(deal.forgotten).toBe(6)
  expect(deal.items.map((item) => item.position)).toEqual(range(4, 21).map((half) => 2 * half))
  expect(await log.find('!deal', 6)).toBeUndefined()
  const bob = await log.page(query({ '@bob': 0, '#a': 0 }))
  expect(bob.forgotten).toBe(6)
  expect(bob.items.map((item) => item.position)).toEqual(range(7, 42))
  await log.freeze(20, 'world')
  await log.forget(20)
  expect(await log.page(query({ '!deal': 0 }))).toEqual(deal)
  expect(await log.page(query({ '@bob': 0 }))).toMatchObject({ forgotten: 20 })
  await log.close()
})

test('one piece that lasts stays, however long', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 100 } })
  const long = draft('1', { kept: { streams: ['!deal'], news: 'x'.repeat(5000) } })
  log.append(long)
  expect(await log.find('!deal', 1)).toBeDefined()
  for (let i = 2; i <= 30; i += 1) log.append(news(`${i}`, '#a'))
  expect(await log.find('!deal', 1)).toBeDefined()
  await log.close()
})

test('a time before all that is remembered has the oldest position remembered', async () => {
  const log = await open({ bounds: { pieces: 20, bytes: 1000 } })
  const first = draft('1')
  log.append(first)
  for (let i = 2; i <= 21; i += 1) log.append(draft(`${i}`))
  expect(await log.positionAt(first.now)).toBe(3)
  expect(await log.positionAt(first.now + 19.5)).toBe(21)
  await log.close()
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
