// Maps that are bounded: what was touched last stands last, and the first goes where there are too many.

/** Puts an entry last, and lets go of the first ones beyond the bound. */
export function keepNewest<K, V>(
  map: Map<K, V>,
  [key, value]: readonly [K, V],
  most: number,
): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= most) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    if (map.size <= most) return
  }
}
