// Sources of messages in one order, the place of a time in them, and which of them are wanted.

import { describe, expect, it } from 'vitest'
import { isWanted, newInPlace, type Wishes } from '../../src/cli/filter.ts'
import { inOrder, positionOf } from '../../src/cli/pages.ts'
import type { Message } from '../../src/cli/render.ts'

const me = '@f0ff50dacf109dea'

function message(position: number, more: Partial<Message> = {}): Message {
  return {
    type: 'MSG',
    ts: position * 100,
    from: '@anon-1',
    from_name: 'alice',
    to: '#a',
    content: 'x',
    msg_id: `m${position}`,
    position,
    auth: 'anon',
    ...more,
  }
}

async function* source(...positions: readonly number[]): AsyncGenerator<Message> {
  for (const position of positions) yield message(position)
}

describe('sources', () => {
  it('come in one order, and live messages after them', async () => {
    const heard: (number | undefined)[] = []
    const sources = [source(1, 4, 9), source(), source(2, 3, 10)]
    for await (const { position } of inOrder(sources, source(5, 11))) heard.push(position)
    expect(heard).toEqual([1, 2, 3, 4, 9, 10, 5, 11])
  })

  it('tell a message once, whether history or the connection tells it', () => {
    const isNew = newInPlace()
    const places = ['#a', '#A', '#b', '@anon-2']
    expect(places.map((to) => isNew(message(5, { to })))).toEqual([true, false, true, true])
    expect(isNew(message(4))).toBe(false)
    expect(isNew(message(6))).toBe(true)
  })
})

describe('the place of a time', () => {
  const said = [3, 4, 700, 701, 9_000]
  const probe = async (after: number) => {
    const found = said.find((position) => position > after)
    return found === undefined ? undefined : message(found)
  }
  const firstSince = async (time: number) => {
    const position = await positionOf({ time }, 10_000, probe)
    return said.find((one) => one > position)
  }

  it('is a position as it is', async () => {
    expect(await positionOf({ position: 42 }, 10, probe)).toBe(42)
  })

  it('is before the first message at or after it', async () => {
    const times = [0, 300, 301, 400, 70_000, 70_001, 900_000, 900_001]
    expect(await Promise.all(times.map(firstSince))).toEqual([
      3,
      3,
      4,
      4,
      700,
      701,
      9_000,
      undefined,
    ])
  })

  it('is found with few looks', async () => {
    let looks = 0
    const counted = (after: number) => {
      looks += 1
      return probe(after)
    }
    await positionOf({ time: 70_000 }, 1_000_000, counted)
    expect(looks).toBeLessThan(25)
  })
})

describe('wishes', () => {
  const all: Wishes = { places: [], mentioned: undefined, direct: false, from: undefined }
  const inA = message(1)
  const inB = message(2, { to: '#B', mentions: [me] })
  const direct = message(3, { to: me, from: '@0123456789abcdef', from_name: 'Bob' })
  const wanted = (wishes: Partial<Wishes>) =>
    [inA, inB, direct].filter((one) => isWanted(one, { ...all, ...wishes }))

  it('none: everything', () => {
    expect(wanted({})).toEqual([inA, inB, direct])
  })

  it('places: channels without case, agents by name or id', () => {
    expect(wanted({ places: ['#b'] })).toEqual([inB])
    expect(wanted({ places: ['@bob', '#a'] })).toEqual([inA, direct])
    expect(wanted({ places: ['@0123456789abcdef'] })).toEqual([direct])
  })

  it('direct messages: only these, or these too', () => {
    expect(wanted({ direct: true })).toEqual([direct])
    expect(wanted({ direct: true, places: ['#a'] })).toEqual([inA, direct])
    expect(wanted({ direct: true, mentioned: me })).toEqual([inB, direct])
  })

  it('mentions, in places if there are any', () => {
    expect(wanted({ mentioned: me })).toEqual([inB])
    expect(wanted({ mentioned: me, places: ['#a'] })).toEqual([])
  })

  it('an agent, in everything else that is wished', () => {
    expect(wanted({ from: '@alice' })).toEqual([inA, inB])
    expect(wanted({ from: '@alice', direct: true })).toEqual([])
  })
})
