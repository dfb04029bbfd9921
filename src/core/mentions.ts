// Mentions: which members a text names as @name.

import { limits } from '../protocol/limits.ts'
import { findAgent } from './naming.ts'
import type { Agent, Channel, World } from './world.ts'

const mention = /@[a-zA-Z0-9_-]{1,40}/g
/** Different names that are looked up in one text: a text of nothing but names must not cost more than others. */
const maxNamed = 10 * limits.mentions

/** The members that the text names, each once, in the order of the text, at most as many as the limit. */
export function mentionsIn(world: World, channel: Channel, content: string): readonly Agent[] {
  if (!content.includes('@')) return []
  const found = new Set<Agent>()
  const named = new Set<string>()
  for (const [reference] of content.matchAll(mention)) {
    if (named.has(reference)) continue
    if (named.size === maxNamed) break
    named.add(reference)
    const agent = findAgent(world, reference)
    if (agent && channel.members.has(agent.id)) found.add(agent)
    if (found.size === limits.mentions) break
  }
  return [...found]
}
