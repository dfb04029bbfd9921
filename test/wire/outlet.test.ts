// The writing end of a connection: who counts as too slow, and what waits for a page of history.

import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Outlet, type Piece } from '../../src/server/outbound/outlet.ts'

let now = 0
beforeEach(() => {
  now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => vi.restoreAllMocks())

/** An outlet whose reader takes everything that waits when it is told to. */
function stage() {
  const read: string[] = []
  const ends: number[] = []
  let held: (() => void)[] = []
  const socket = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      read.push(String(bytes))
      held.push(done)
    },
  })
  const onCut = vi.fn()
  const outlet = new Outlet({ id: 's1', socket, close: (code) => ends.push(code), onCut })
  const reads = async () => {
    while (held.length > 0) {
      const taken = held
      held = []
      for (const done of taken) done()
      await new Promise(setImmediate)
    }
  }
  return { outlet, read, ends, onCut, reads }
}

const kib = (count: number) => Buffer.alloc(count * 1_024, 'x')
const piece = (text: string, position?: number): Piece => ({ frame: Buffer.from(text), position })

describe('a reader is cut with 4408, once,', () => {
  test('when more waits for it than any turn brings', () => {
    const { outlet, ends, onCut } = stage()
    for (let at = 0; at < 20; at++) outlet.write(kib(1_024))
    expect(ends).toEqual([4408])
    expect(onCut).toHaveBeenCalledTimes(1)
  })

  test('when it has been behind for more than five seconds', () => {
    const { outlet, ends } = stage()
    outlet.write(kib(512))
    now += 5_000
    outlet.write(kib(1))
    expect(ends).toEqual([])
    now += 1
    outlet.write(kib(1))
    expect(ends).toEqual([4408])
  })

  test('when too much waits behind what is read from the log for it', () => {
    const { outlet, ends } = stage()
    outlet.reserve()
    for (let at = 0; at < 5; at++) outlet.put([{ frame: kib(1_024), position: at }])
    expect(ends).toEqual([4408])
  })
})

describe('a reader is not cut', () => {
  test('for what several agents say at once, when it catches up', async () => {
    const { outlet, ends, reads } = stage()
    for (let at = 0; at < 10; at++) {
      outlet.write(kib(3_072))
      await reads()
      now += 4_000
    }
    expect(ends).toEqual([])
  })

  test('when little waits for long', () => {
    const { outlet, ends } = stage()
    for (let at = 0; at < 100; at++) {
      outlet.write(kib(2))
      now += 1_000
    }
    expect(ends).toEqual([])
  })

  test('for what waited behind pages in which it was told already', async () => {
    const { outlet, ends, reads } = stage()
    for (let at = 0; at < 20; at++) {
      const fill = outlet.reserve()
      outlet.put([{ frame: kib(1_024), position: at }])
      fill({ bytes: Buffer.from('page'), positions: new Set([at]) })
      await reads()
    }
    expect(ends).toEqual([])
  })
})

test('what comes while a page is read waits behind it, and nothing is told twice', async () => {
  const { outlet, read, reads } = stage()
  outlet.put([piece('a', 1)])
  const first = outlet.reserve()
  outlet.put([piece('b', 2), piece('x')])
  const second = outlet.reserve()
  outlet.put([piece('c', 3)])
  second({ bytes: Buffer.from('[page 2]'), positions: new Set([2]) })
  await reads()
  expect(read).toEqual(['a'])
  first({ bytes: Buffer.from('[page 1 with b]'), positions: new Set([2]) })
  await reads()
  expect(read.join('')).toBe('a[page 1 with b]x[page 2]c')
})

test('until the last page messages are held back, and only they', async () => {
  const { outlet, read, reads } = stage()
  outlet.withholding = true
  outlet.put([piece('m1', 1), piece('presence')])
  const first = outlet.reserve()
  outlet.put([piece('m3', 3)])
  first({ bytes: Buffer.from('[m1]'), positions: new Set([1]), withholding: true })
  const last = outlet.reserve()
  outlet.put([piece('m4', 4), piece('m5', 5)])
  last({ bytes: Buffer.from('[m3 m4]'), positions: new Set([3, 4]), withholding: false })
  outlet.put([piece('m6', 6)])
  await reads()
  expect(read.join('')).toBe('presence[m1][m3 m4]m5m6')
})

test('what is being read from the log is told before the end, and nothing after it', async () => {
  const { outlet, read, ends, reads } = stage()
  const fill = outlet.reserve()
  outlet.put([piece('before', 1)])
  outlet.close('NORMAL')
  outlet.put([piece('late', 2)])
  expect(ends).toEqual([])
  fill({ bytes: Buffer.from('page'), positions: new Set() })
  outlet.write(kib(1))
  outlet.close('FAULT')
  await reads()
  expect(read).toEqual(['page', 'before'])
  expect(ends).toEqual([1000])
})

test('nothing is told to a socket that is gone', () => {
  const { outlet, read, ends } = stage()
  const fill = outlet.reserve()
  outlet.put([piece('late', 1)])
  outlet.abandon()
  fill({ bytes: Buffer.from('page'), positions: new Set() })
  outlet.close('NORMAL')
  expect([read, ends]).toEqual([[], []])
})
