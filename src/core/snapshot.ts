// Freezes the world to text and thaws it: maps and sets become tagged arrays, everything else is JSON.

import { createWorld, type World } from './world.ts'

/**
 * The world as text. Two equal worlds give equal texts, as long as a field that changes is never undefined: that is
 * not written, and comes to stand elsewhere in a world that was thawed.
 */
export function freeze(world: World): string {
  return JSON.stringify(world, (_key, value: unknown) => {
    if (value instanceof Map) return { $map: [...value] }
    if (value instanceof Set) return { $set: [...value] }
    return value
  })
}

/** The world that was frozen; a slice that the text does not know yet starts empty, one that no world has now is left. */
export function thaw(text: string): World {
  const stored = JSON.parse(text, (_key, value: unknown) => {
    if (hasArray(value, '$map')) return new Map(value.$map as [unknown, unknown][])
    if (hasArray(value, '$set')) return new Set(value.$set)
    return value
  }) as Partial<World> // written by `freeze`, by this version or an older one
  const first = createWorld()
  const known = Object.entries(stored).filter(([name]) => Object.hasOwn(first, name))
  return { ...first, ...Object.fromEntries(known) }
}

function hasArray<K extends string>(value: unknown, key: K): value is Record<K, unknown[]> {
  return typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, key))
}
