// The outer framing of what a server says: each length is told in the shortest of its three ways.

import { expect, test } from 'vitest'
import { frameText } from '../../src/server/outbound/framing.ts'
import { framesIn } from './raw.ts'

const around = (length: number) => [-2, -1, 0, 1, 2].map((more) => length + more)

test.each([0, 1, ...around(126), ...around(65_536), 300_000])('%i bytes', (length) => {
  const headBytes = length < 126 ? 2 : length <= 65_535 ? 4 : 10
  for (const text of [
    'x'.repeat(length),
    `${'\u00e9'.repeat(length / 2)}${length % 2 ? 'x' : ''}`,
  ]) {
    const frame = frameText(text)
    expect(frame.length).toBe(headBytes + length)
    const read = framesIn(Buffer.concat([frame, frameText('next')]))
    expect(read.map(({ payload }) => String(payload))).toEqual([text, 'next'])
    expect(read.map(({ opcode }) => opcode)).toEqual([1, 1])
    expect((frame[0] ?? 0) & 0xf0).toBe(0x80)
  }
})
