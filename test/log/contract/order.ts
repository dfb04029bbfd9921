// The contract of the log: who comes first, who comes not at all, and when it is told.

import { expect, test } from 'vitest'
import { draft, news, query, type Stage, turn } from './recorder.ts'

/** What is refused leaves no trace. */
export function refusals(on: Stage): void {
  test('a refused command is released, takes no position and leaves nothing', async () => {
    on.log.append(news('first', '#a'))
    on.log.append(draft('no', { refused: true, kept: { streams: ['#a'], news: 'no' } }))
    on.log.append(news('second', '#a'))
    await on.told.hasReleased(3)
    expect(on.told.released).toEqual(['first', 'no', 'second'])
    expect(on.told.entries.map((entry) => entry.position)).toEqual([1, 2])
    expect(await on.log.page(query({ '#a': 0 }))).toMatchObject({
      items: [{ position: 1 }, { position: 2 }],
    })
  })

  test('what throws while it is executed takes no position', async () => {
    const { log, told } = on
    const execute = told.execute
    told.execute = () => {
      throw new Error('a bug')
    }
    expect(() => log.append(draft('bug'))).toThrow('a bug')
    told.execute = execute
    log.append(draft('first'))
    await told.hasReleased(1)
    expect(told.entries.map((entry) => entry.position)).toEqual([1])
  })

  test('nothing is appended before the start', async () => {
    const place = on.place
    await on.log.close()
    const log = await place.open()
    expect(() => log.append(draft('early'))).toThrow('before it started')
    await log.close()
  })
}

/** Executed in order, released in order, once in a turn. */
export function order(on: Stage): void {
  test('a new log has no world to thaw', () => {
    expect(on.told.calls).toEqual(['thaw'])
    expect(on.told.world).toBeUndefined()
  })

  test('an entry is the draft with its position', async () => {
    const asked = { ...draft('x', { deep: [1, { a: 'ü€😀"\\\n' }] }), now: 1_700_000_000_000.125 }
    on.log.append(asked)
    on.log.append({ ...asked, session: null })
    await on.told.hasReleased(2)
    expect(on.told.entries).toEqual([
      { ...asked, position: 1 },
      { ...asked, position: 2, session: null },
    ])
  })

  test('one turn is executed in its order and then released at once', async () => {
    on.log.append(draft('a'))
    on.log.append(draft('b'))
    on.log.append(draft('c'))
    await on.told.hasReleased(3)
    expect(on.told.calls).toEqual(['thaw', 'execute a', 'execute b', 'execute c', 'release a b c'])
  })

  test('what is passed keeps its place between entries', async () => {
    on.log.pass({ accepted: false, label: 'one' })
    on.log.append(draft('two'))
    on.log.pass({ accepted: false, label: 'three' })
    await turn()
    on.log.pass({ accepted: false, label: 'four' })
    on.log.append(draft('five', { refused: true }))
    await turn()
    on.log.append(draft('six'))
    on.log.pass({ accepted: false, label: 'seven' })
    await on.told.hasReleased(7)
    expect(on.told.released).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
  })

  test('a turn that stores nothing is released at its end', async () => {
    on.log.pass({ accepted: false, label: 'answer' })
    on.log.append(draft('no', { refused: true }))
    expect(on.told.releases).toEqual([])
    await turn()
    expect(on.told.releases).toEqual([['answer', 'no']])
  })

  test('what was released can be read', async () => {
    const { log, told } = on
    const reads: Promise<unknown>[] = []
    const release = told.release
    told.release = (outcomes) => {
      reads.push(log.find('#a', told.entries.length))
      release.call(told, outcomes)
    }
    log.append(news('first', '#a'))
    await told.hasReleased(1)
    log.append(news('second', '#a'))
    await told.hasReleased(2)
    expect(await Promise.all(reads)).toMatchObject([{ position: 1 }, { position: 2 }])
  })

  test('many turns in flight are released in order, at most once in a turn', async () => {
    const labels = Array.from({ length: 500 }, (_, i) => `${i}`)
    let turns = 0
    for (const label of labels) {
      on.log.append(draft(label))
      if (Number(label) % 7 === 0) await turn()
      if (Number(label) % 7 === 0) turns += 1
    }
    await on.told.hasReleased(labels.length)
    expect(on.told.released).toEqual(labels)
    expect(on.told.releases.length).toBeLessThanOrEqual(turns + 1)
  })
}
