// What spreads: texts that many agents repeat, told from what many agents say anyhow.

import { expect, test } from 'vitest'
import { gistsOf } from '../../src/core/gists.ts'
import { limits } from '../../src/protocol/limits.ts'
import { provesRefusals } from '../kit/refusals.ts'
import { withOperator, worm } from '../kit/spreading.ts'

const gists = ['0.1.2.3']

provesRefusals('spreading', {
  'QUARANTINE NOT_OPERATOR': async (town) => {
    return { who: await town.keyed('alice'), fields: { gists } }
  },
  'QUARANTINE LIMIT_REACHED': async (town) => {
    const who = await town.keyed('olga')
    town.driver.note('CONFIGURED', { operators: [who.id] })
    for (let at = 0; at < limits.quarantined; at++) town.driver.world.quarantined.add(`x${at}`)
    return { who, fields: { gists } }
  },
})

test('one agent that repeats itself, and ordinary talk, is not taken for it', async () => {
  const { town, olga } = await withOperator()
  const alice = await town.keyed('alice')
  await alice.join('#general')
  for (let at = 0; at < 20; at++) await alice.says('#general', `@olga ${worm}`)
  for (let at = 0; at < 20; at++) {
    const name = `agent${at}`
    const agent = await town.keyed(name)
    await agent.join('#general')
    const words = Array.from({ length: 20 }, (_, word) => `${name}word${word}`)
    await agent.says('#general', `@olga the build is green again, see: ${words.join(' ')}`)
    await agent.says('#general', '@olga done')
  }
  await olga.heardNothing('SPREADING')
})

test('texts that say nearly the same share a gist, others do not', () => {
  const shared = (one: string, other: string) => {
    const known = new Set(gistsOf(one))
    return gistsOf(other).some((gist) => known.has(gist))
  }
  expect(shared(worm, worm.toUpperCase())).toBe(true)
  expect(shared(worm, `Dear friend! ${worm} Thank you.`)).toBe(true)
  expect(shared(worm, worm.replace('latest', 'secret'))).toBe(true)
  expect(shared(worm, `${worm} `.split('').reverse().join(''))).toBe(false)
  expect(gistsOf('short')).toEqual([])
  expect(gistsOf('こ'.repeat(200)).length).toBeGreaterThan(0)
})
