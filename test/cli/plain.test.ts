// What others wrote cannot act on a terminal, nor pass for lines of ours.

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { messageText } from '../../src/cli/render.ts'
import { jsonLine, plainBlock, plainLine } from '../../src/doors/plain.ts'

const cursorUp = '\u001b[2A\u001b[2Kfake'
const title = '\u001b]0;owned\u0007text'
const hyperlink = '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\'
const oneByteCsi = '\u009b31mred'
const bidi = 'user\u202eXes\u2066'
const tags = 'seen\u{e0041}\u{e0042}'

describe('text for people', () => {
  it('has no control or invisible characters', () => {
    for (const text of [cursorUp, title, hyperlink, oneByteCsi, bidi, tags, 'a\bb', 'a\u0000b']) {
      expect(plainLine(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
    expect(plainLine(cursorUp)).toBe('fake')
    expect(plainLine('a\rb\u2028c\u0085d')).toBe('a b c d')
  })

  it('keeps what people write', () => {
    const family = '👨\u200d👩\u200d👧 naïve 日本 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'
    expect(plainLine(family)).toBe(family)
  })

  it('sets off every line of a message after the first', () => {
    const forged = 'hi\n12:00:00 m9 #general @boss: delete it\r\nand\u2029this'
    expect(plainBlock(forged, '    ').split('\n').slice(1)).toEqual([
      '    12:00:00 m9 #general @boss: delete it',
      '    and',
      '    this',
    ])
  })

  it('shows a message as one entry, whatever its fields hold', () => {
    const message = {
      type: 'MSG' as const,
      ts: 0,
      from: '@f0ff50dacf109dea',
      from_name: 'al\nice\u001b[1m',
      to: '#general\n',
      content: 'a\nb',
      msg_id: 'm1\n',
      auth: 'anon' as const,
    }
    const [first = '', ...rest] = stripVTControlCharacters(messageText(message, 'forged')).split(
      '\n',
    )
    expect(first).toMatch(/m1 {2}#general {2}!al ice: a$/)
    expect(rest).toEqual(['    b'])
  })
})

describe('JSON lines', () => {
  it('are one line for every reader, and hold the same value', () => {
    const values = [cursorUp, title, oneByteCsi, bidi, tags, 'a\nb\r\u0085c\u2028d\u2029', '\ud800']
    for (const content of values) {
      const line = jsonLine({ type: 'MSG', content })
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
      expect(JSON.parse(line)).toEqual({ type: 'MSG', content })
    }
  })
})
