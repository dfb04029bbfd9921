// The words of a command line become values, or an explanation of what they should be.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { readFlags, toggle, value } from '../../src/cli/command.ts'
import { BadValue, Failure } from '../../src/cli/failure.ts'
import {
  parseAgent,
  parseAmount,
  parseChannel,
  parseCid,
  parseCount,
  parseCurrency,
  parseDuration,
  parseMessageId,
  parseName,
  parsePosition,
  parseProposalId,
  parseSeconds,
  parseServer,
  parseSince,
  parseTarget,
  parseWord,
} from '../../src/cli/values.ts'
import * as fields from '../../src/protocol/fields.ts'
import { proposalId } from '../../src/protocol/proposal-fields.ts'

const refused: readonly (readonly [(text: string) => unknown, readonly string[]])[] = [
  [parseDuration, ['', 'x', '-1s', '5x', '1.5s', '1h30m', '25d', '99999999999d', ' 5s']],
  [parseCount(50), ['', '0', '51', '-1', '1.5', 'all', '1e1']],
  [parsePosition, ['', '-1', '1.5', 'm5', '99999999999999999999']],
  [parseSince, ['', 'yesterday', '-5m', '2026-13-01', '10 m', '5y']],
  [parseChannel, ['', '#', '##x', '#a b', "#it's", `#${'x'.repeat(32)}`, 'channel:', '@bob']],
  [parseAgent, ['', '@', '@a b', '#x', `@${'x'.repeat(41)}`]],
  [parseServer, ['', 'localhost:6667', 'http://x', 'ws://']],
  [parseCid, ['', 'short', 'x'.repeat(33), `${'x'.repeat(21)}-`]],
  [parseProposalId, ['', 'abcde', 'abc def', '#abcdef', 'x'.repeat(81)]],
  [parseSeconds(86_400), ['', '0', '999ms', '1500ms', '1.5s', '-1s', '86401', '25h', '1w', 'soon']],
  [parseAmount, ['', '-1', '+1', '1e3', '0x1', '.5', '5.', '01', '1,5', 'NaN', '1'.repeat(31)]],
  [parseCurrency, ['', ' ', 'US D', 'x'.repeat(33), '\u20ac']],
  [parseWord('a', 'b'), ['', 'c', 'A']],
]

describe('values', () => {
  it.each(refused)('are refused with what they should be: %o', (parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(BadValue)
  })

  it('are durations with units, or bare seconds', () => {
    const read = ['250ms', '30s', '5m', '2h', '7d', '30', '0'].map(parseDuration)
    expect(read).toEqual([250, 30_000, 300_000, 7_200_000, 604_800_000, 30_000, 0])
  })

  it('are seconds where they go over the wire, as many as the protocol takes', () => {
    const read = ['1', '1000ms', '30s', '5m', '2h', '365d'].map(parseSeconds(31_536_000))
    expect(read).toEqual([1, 1, 30, 300, 7_200, 31_536_000])
  })

  it('are amounts as they were typed, for a number would lose some of it', () => {
    const read = ['0', '0.05', '5', '123456789012345678901234567890.123456789012345678']
    expect(read.map(parseAmount)).toEqual(read)
  })

  it('are channels however a shell lets them be written', () => {
    const spellings = ['#general', 'general', 'channel:general']
    expect(spellings.map(parseChannel)).toEqual(['#general', '#general', '#general'])
    expect(spellings.map(parseTarget)).toEqual(['#general', '#general', '#general'])
    expect(parseTarget('@bob')).toBe('@bob')
    expect(parseAgent('bob')).toBe('@bob')
  })

  it('are places in the past: a position, a time, or a duration back', () => {
    expect(parseSince('0')).toEqual({ position: 0 })
    expect(parseSince('2026-11-24T13:00Z')).toEqual({ time: Date.UTC(2026, 10, 24, 13) })
    expect(parseSince('2026-11-24T13:00:05')).toEqual({ time: Date.UTC(2026, 10, 24, 13, 0, 5) })
    expect(parseSince('2026-11-24')).toEqual({ time: Date.UTC(2026, 10, 24) })
    const back = parseSince('10m')
    expect('time' in back && Math.abs(Date.now() - 600_000 - back.time) < 5_000).toBe(true)
  })
})

describe('the grammar of values', () => {
  const same: readonly (readonly [string, (text: string) => unknown, z.ZodType])[] = [
    ['#', parseChannel, fields.channelName],
    ['@', parseAgent, fields.agentId],
    ['', parseName, fields.agentName],
    ['', parseCid, fields.cid],
    ['', parseMessageId, fields.messageId],
    ['0123456789ab', parseProposalId, proposalId],
  ]

  it('is that of the protocol', () => {
    const unit = fc.constantFrom(...'aZ09_-#@ ~\n\u00e4')
    for (const [sigil, parse, schema] of same) {
      const texts = fc.string({ unit, maxLength: 70 }).map((text) => sigil + text)
      fc.assert(fc.property(texts, (text) => takes(parse, text) === schema.safeParse(text).success))
      const plain = fc.string({ unit: fc.constantFrom('a', '0'), maxLength: 70 })
      fc.assert(
        fc.property(plain, (text) => {
          const whole = sigil + text
          return takes(parse, whole) === schema.safeParse(whole).success
        }),
      )
    }
  })

  function takes(parse: (text: string) => unknown, text: string): boolean {
    try {
      parse(text)
      return true
    } catch {
      return false
    }
  }
})

describe('flags', () => {
  const flags = {
    idle: value('DUR', 'how long', parseDuration, { env: 'IDLE' }),
    follow: toggle('for ever'),
  }
  const environment = (values: Record<string, string>) => (name: string) => values[name]

  it('name the flag or the variable that is wrong', () => {
    const wrong = (typed: object, env: Record<string, string>) => () =>
      readFlags(flags, { ...typed }, environment(env))
    expect(wrong({ idle: 'x' }, {})).toThrow(/^--idle "x" is not a duration such as/)
    expect(wrong({}, { IDLE: 'x' })).toThrow(/^IDLE "x" is not a duration such as/)
    expect(wrong({ idle: 'x' }, {})).toThrow(Failure)
  })

  it('are taken before the environment, and that before nothing', () => {
    const read = (typed: object, env: Record<string, string>) =>
      readFlags(flags, { ...typed }, environment(env))
    expect(read({ idle: '1s' }, { IDLE: '2s' })).toEqual({ idle: 1_000, follow: undefined })
    expect(read({ follow: true }, { IDLE: '2s' })).toEqual({ idle: 2_000, follow: true })
    expect(read({}, {})).toEqual({ idle: undefined, follow: undefined })
  })
})
