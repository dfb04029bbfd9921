// The contract of the log: forgetting, closing, and starting again.

import { beforeEach, expect, test } from 'vitest'
import { draft, news, query, type Stage, turn } from './recorder.ts'

/** What is forgotten, and what a time stands for. */
export function retention(on: Stage): void {
  let times: number[]

  beforeEach(async () => {
    times = []
    for (let i = 1; i <= 10; i += 1) {
      const said = news(`${i}`, i % 2 === 0 ? '#even' : '#odd')
      times.push(said.now)
      on.log.append(said)
    }
    await on.told.hasReleased(10)
  })

  test('nothing is forgotten that no snapshot covers', async () => {
    await on.log.forget(10)
    expect(await on.log.page(query({ '#odd': 0 }))).toMatchObject({ forgotten: 0 })
    expect(await on.log.find('#odd', 1)).toBeDefined()
  })

  test('no snapshot is of a time to come', async () => {
    await expect(on.log.freeze(11, 'future')).rejects.toThrow('11')
    on.log.append(draft('11'))
    await on.log.freeze(11, 'world at 11')
  })

  test('what is forgotten is not read any more', async () => {
    await on.log.freeze(6, 'world at 6')
    await on.log.forget(8)
    const page = await on.log.page(query({ '#odd': 0, '#even': 0 }))
    expect(page.items.map((item) => item.position)).toEqual([7, 8, 9, 10])
    expect(page).toMatchObject({ more: false, forgotten: 6 })
    expect(await on.log.find('#even', 6)).toBeUndefined()
    expect(await on.log.find('#odd', 7)).toBeDefined()
    await on.log.forget(3)
    expect(await on.log.page(query({ '#odd': 0 }))).toMatchObject({ forgotten: 6 })
  })

  test('a time has a position', async () => {
    const [first = 0, , third = 0] = times
    expect(await on.log.positionAt(0)).toBe(1)
    expect(await on.log.positionAt(first)).toBe(1)
    expect(await on.log.positionAt(first + 0.5)).toBe(2)
    expect(await on.log.positionAt(third)).toBe(3)
    expect(await on.log.positionAt(Number.MAX_SAFE_INTEGER)).toBe(11)
    await on.log.freeze(5, 'world at 5')
    await on.log.forget(5)
    expect(await on.log.positionAt(first)).toBe(6)
  })

  test('a time has a position already in the turn that brings it', async () => {
    on.log.append(draft('11'))
    const last = draft('12')
    on.log.append(last)
    expect(await on.log.positionAt(last.now)).toBe(12)
  })
}

/** Closing and starting again. */
export function ends(on: Stage): void {
  test('closing releases what is pending, and only once', async () => {
    const { log, told } = on
    log.append(draft('a'))
    await turn()
    log.append(draft('b'))
    log.pass({ accepted: false, label: 'c' })
    await Promise.all([log.close(), log.close()])
    expect(told.released).toEqual(['a', 'b', 'c'])
  })

  test('a closed log executes and answers nothing', async () => {
    const { log, told } = on
    await log.close()
    log.append(draft('late'))
    log.pass({ accepted: false, label: 'late' })
    await turn()
    expect(told.calls).toEqual(['thaw'])
    const closed = expect.objectContaining({ code: 'LOG_CLOSED' })
    await expect(log.page(query({ '#a': 0 }))).rejects.toEqual(closed)
    await expect(log.find('#a', 1)).rejects.toEqual(closed)
    await expect(log.count({ streams: [] })).rejects.toEqual(closed)
    await expect(log.freeze(1, '')).rejects.toEqual(closed)
    await expect(log.forget(1)).rejects.toEqual(closed)
    await expect(log.positionAt(1)).rejects.toEqual(closed)
  })

  test('a durable log is executed again at the start, and not released', async (context) => {
    context.skip(!on.place.isDurable)
    const asked = [news('first', '#a'), draft('no', { refused: true }), draft('second')]
    for (const each of asked) on.log.append(each)
    await on.restart()
    expect(on.told.calls).toEqual(['thaw', 'execute first', 'execute second'])
    expect(on.told.entries).toEqual([
      { ...asked[0], position: 1 },
      { ...asked[2], position: 2 },
    ])
    on.log.append(news('third', '#a'))
    await on.told.hasReleased(1)
    expect(on.told.entries.at(-1)?.position).toBe(3)
    const page = await on.log.page(query({ '#a': 0 }))
    expect(page.items.map((item) => item.position)).toEqual([1, 3])
  })

  test('a durable log starts from the newest snapshot and what came after it', async (context) => {
    context.skip(!on.place.isDurable)
    for (const label of ['1', '2', '3', '4']) on.log.append(news(label, '#a'))
    await Promise.all([
      on.log.freeze(1, 'one'),
      on.log.freeze(2, 'two'),
      on.log.freeze(3, 'wörld 3'),
    ])
    await on.restart()
    expect(on.told.world).toBe('wörld 3')
    expect(on.told.calls).toEqual(['thaw', 'execute 4'])
    await on.log.freeze(4, 'world 4')
    await on.log.forget(4)
    await on.restart()
    expect(on.told.world).toBe('world 4')
    expect(on.told.entries).toEqual([])
    expect(await on.log.page(query({ '#a': 0 }))).toEqual({ items: [], more: false, forgotten: 4 })
    on.log.append(draft('5'))
    await on.told.hasReleased(1)
    expect(on.told.entries[0]?.position).toBe(5)
  })

  test('a log that is not durable begins anew', async (context) => {
    context.skip(on.place.isDurable)
    on.log.append(news('first', '#a'))
    await on.log.freeze(1, 'world')
    await on.restart()
    expect(on.told.calls).toEqual(['thaw'])
    expect(on.told.world).toBeUndefined()
    expect((await on.log.page(query({ '#a': 0 }))).items).toEqual([])
  })
}
