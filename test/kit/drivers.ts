// The drivers that every scenario is told to.

import { coreTown } from './core.ts'
import type { Town } from './town.ts'
import { wireTown } from './wire.ts'

export const drivers: readonly (readonly [name: string, town: () => Promise<Town>])[] = [
  ['the core', coreTown],
  ['the wire', wireTown],
]

/** Tells a story in a town of its own, and closes the town whatever comes of it. */
export function inTown(make: () => Promise<Town>, story: (town: Town) => Promise<void>) {
  return async () => {
    const town = await make()
    try {
      await story(town)
    } finally {
      await town.close()
    }
  }
}
