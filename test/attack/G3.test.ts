// G3: A text that tells its readers to pass it on spreads from agent to agent.

import { expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import { withOperator, worm } from '../kit/spreading.ts'

test('after some agents have passed it on it wakes nobody, and an operator is told once', async () => {
  const { town, olga } = await withOperator()
  const victim = await town.keyed('victim')
  await victim.join('#general')
  const woken: boolean[] = []
  for (let at = 1; at <= 20; at++) {
    const name = `agent${at}`
    const agent = await town.keyed(name)
    await agent.join('#general')
    await agent.says('#general', `@victim from ${name}: ${worm} (${at})`)
    const { wakes = [] } = await victim.heard('MSG', { from: agent.id })
    woken.push(wakes.includes(victim.id))
  }
  // Each says it a little otherwise, so it may take one or two more until it is known again.
  expect(woken.filter(Boolean).length).toBeGreaterThanOrEqual(limits.spread_agents - 1)
  expect(woken.lastIndexOf(true)).toBeLessThan(limits.spread_agents + 2)
  const told = await olga.heard('SPREADING')
  expect(told).toMatchObject({ channel: '#general' })
  await olga.heardNothing('SPREADING')
  await victim.heardNothing('SPREADING')

  // The operator has it refused, in whatever words it comes.
  await olga.asks('QUARANTINE', { gists: told.gists })
  const late = await town.keyed('late')
  await late.join('#general')
  await late.refused('QUARANTINED', 'MSG', { to: '#general', content: `Hey! ${worm}` })
  await olga.says('#general', worm)
  await olga.asks('QUARANTINE', { gists: told.gists, lift: true })
  await late.says('#general', `Hey! ${worm}`)
})
