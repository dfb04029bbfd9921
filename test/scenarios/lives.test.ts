// Random lives: whatever agents do, each hears frames that are as declared, in an order that only rises.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { life, play } from '../kit/antics.ts'
import { drivers } from '../kit/drivers.ts'

// The wire driver fails a story in which the server had a fault of its own.
test.each(drivers)(
  'on %s everybody hears in order what it may, and the server has no fault',
  async (_name, make) => {
    let heard = 0
    await fc.assert(
      fc.asyncProperty(life, async (steps) => {
        const town = await make()
        try {
          for (const actor of await play(town, steps)) heard += (await actor.heardSoFar()).length
        } finally {
          await town.close()
        }
      }),
      { numRuns: 12, seed: 20_251_124 },
    )
    expect(heard).toBeGreaterThan(200)
  },
)
