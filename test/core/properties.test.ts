// What holds of the core whatever happens: random lives, and what must be true of each of them.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { execute } from '../../src/core/execute.ts'
import { freeze, thaw } from '../../src/core/snapshot.ts'
import { createWorld } from '../../src/core/world.ts'
import { isKept } from '../../src/protocol/kept.ts'
import { life, play } from '../kit/antics.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { worldFaults } from '../kit/invariants.ts'

/** A town with a storm guard that soon says no, and alice as its operator. */
async function guardedTown() {
  const town = await coreTown()
  const few = { burst: 2, per_hour: 60 }
  const budgets = { agent: { ...few, burst: 4 }, pair: few, thread: few, depth: 3 }
  town.driver.note('CONFIGURED', { operators: [keyPairOf('alice').public.id], budgets })
  return town
}

const runs = { numRuns: 60, seed: 20_251_124 }

// The driver itself holds, at every step, that what is not stored leaves no trace, that only live sessions are
// told something, and that a restart comes to the same world; what is heard is checked against its declaration.

test('every frame that anybody hears is as declared, and positions of messages only ever rise', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      const everybody = await play(town, steps)
      for (const actor of everybody) await actor.heardSoFar()
    }),
    runs,
  )
})

test('the records of the world agree with each other and keep their bounds', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      await play(town, steps)
      expect(worldFaults(town.driver.world)).toEqual([])
    }),
    runs,
  )
})

test('a world that was frozen and thawed is the same, and goes on alike', async () => {
  await fc.assert(
    fc.asyncProperty(life, fc.nat(), async (steps, cut) => {
      const town = await guardedTown()
      await play(town, steps)
      const { accepted } = town.driver
      const at = cut % (accepted.length + 1)
      const world = createWorld()
      for (const { entry } of accepted.slice(0, at)) execute(world, entry)
      const text = freeze(world)
      const thawed = thaw(text)
      expect(freeze(thawed)).toBe(text)
      for (const { entry, outcome } of accepted.slice(at)) {
        expect(execute(thawed, entry)).toEqual(outcome)
      }
      expect(freeze(thawed)).toBe(town.driver.frozen())
    }),
    runs,
  )
})

test('the accepted entries alone lead to an equal world, and tell the same texts', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      await play(town, steps)
      const world = createWorld()
      for (const { entry, outcome } of town.driver.accepted) {
        expect(execute(world, entry)).toEqual(outcome)
      }
      expect(freeze(world)).toBe(town.driver.frozen())
    }),
    runs,
  )
})

test('positions of entries rise by one, and their times always', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      await play(town, steps)
      const { entries } = town.driver
      expect(entries.map(({ position }) => position)).toEqual(entries.map((_, index) => index + 1))
      expect(entries.every(({ now }, at) => now > (entries[at - 1]?.now ?? 0))).toBe(true)
    }),
    runs,
  )
})

test('each message names the one before it in its channel or conversation', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      await play(town, steps)
      const last = new Map<string, number>()
      for (const { streams, news, position } of town.driver.shelf.kept) {
        const { type, prev, invite } = JSON.parse(news)
        const [stream = ''] = streams
        if (type !== 'MSG' || invite !== undefined) continue
        expect(prev).toBe(last.get(stream))
        last.set(stream, position)
      }
    }),
    runs,
  )
})

test('what is told of a proposal only its parties hear, and its channel that it was offered', async () => {
  const types = new Set<string>()
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const town = await guardedTown()
      await play(town, steps)
      const agents = new Map<unknown, unknown>()
      for (const { entry, outcome } of town.driver.accepted) {
        const { type, fields } = entry
        if (type === 'SESSION_OPENED') agents.set(fields.session, fields.agent)
        for (const { audience, text } of outcome.told) {
          const frame = JSON.parse(text)
          if (frame.type === 'MSG' || !isKept(frame.type)) continue
          types.add(frame.type)
          if (frame.type === 'PROPOSAL' && frame.to.startsWith('#')) continue
          const parties = [frame.from, frame.to]
          const strangers = audience.filter((session) => !parties.includes(agents.get(session)))
          expect([frame.type, strangers]).toEqual([frame.type, []])
        }
      }
    }),
    runs,
  )
  expect(types.size).toBeGreaterThan(5)
})
