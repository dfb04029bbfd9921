// Proves the refusals that a feature declares: each is provoked, and leaves the world as it was.

import { describe, expect, test } from 'vitest'
import type { Feature } from '../../src/protocol/declare.ts'
import type { RefusalCode } from '../../src/protocol/errors.ts'
import { type AskFields, type AskType, features } from '../../src/protocol/frames.ts'
import type { Actor } from './actor.ts'
import { type CoreDriver, coreTown } from './core.ts'
import type { Town } from './town.ts'

/** Who asks for what when the stage is set. */
export interface Asking<T extends AskType> {
  readonly who: Actor
  readonly fields: AskFields<T>
}

/** By ask and code, how it comes to the refusal. */
export type RefusalStories = {
  readonly [T in AskType as `${T} ${RefusalCode}`]?: (town: Town<CoreDriver>) => Promise<Asking<T>>
}

/**
 * Declares the tests of a feature's refusals.
 * @param atTheEdge those that never come to the core, as `ASK CODE`
 */
export function provesRefusals(
  feature: keyof typeof features,
  stories: RefusalStories,
  atTheEdge: readonly string[] = [],
): void {
  describe('refused, without a trace', () => {
    test('every refusal that is declared has its story', () => {
      expect([...Object.keys(stories), ...atTheEdge].sort()).toEqual(
        declaredRefusals(feature).sort(),
      )
    })

    test.each(Object.entries(stories))('%s', async (asked, story) => {
      const [type, code] = asked.split(' ') as [AskType, RefusalCode] // keys of RefusalStories are both
      const town = await coreTown()
      const { who, fields } = await story(town)
      const before = town.driver.frozen()
      await who.refused(code, type, fields as never) // RefusalStories pairs type and fields
      expect(town.driver.frozen()).toBe(before)
    })
  })
}

function declaredRefusals(feature: keyof typeof features): string[] {
  const { asks }: Feature = features[feature]
  return Object.entries(asks).flatMap(([type, { refusals }]) =>
    refusals.map((code) => `${type} ${code}`),
  )
}
