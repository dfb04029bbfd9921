// Which messages a listener wants, by where they are said, by whom and to whom.

import { foldChannel } from '../protocol/names.ts'
import type { Message } from './render.ts'

export interface Wishes {
  /** Channels and agents; empty for everything. */
  readonly places: readonly string[]
  /** What mentions this id only; undefined for everything. */
  readonly mentioned: string | undefined
  /** Direct messages: only these when nothing else is wished for, otherwise these too. */
  readonly direct: boolean
  /** An agent by name or id; undefined for everybody. */
  readonly from: string | undefined
}

/** Whether a message is one of those wished for. */
export function isWanted(message: Message, { places, mentioned, direct, from }: Wishes): boolean {
  if (from !== undefined && !isFrom(message, from)) return false
  if (direct && !message.to.startsWith('#')) return true
  if (direct && places.length === 0 && mentioned === undefined) return false
  const inPlace = places.length === 0 || places.some((place) => isIn(message, place))
  return inPlace && (mentioned === undefined || message.mentions?.includes(mentioned) === true)
}

function isIn(message: Message, place: string): boolean {
  if (place.startsWith('#')) return foldChannel(message.to) === foldChannel(place)
  return !message.to.startsWith('#') && (isFrom(message, place) || message.to === place)
}

function isFrom({ from, from_name }: Message, agent: string): boolean {
  return from === agent || from_name.toLowerCase() === agent.slice(1).toLowerCase()
}

/**
 * Tells messages that were heard already from new ones: in one place positions only ever rise. History
 * and what is heard live may tell the same message.
 */
export function newInPlace(): (message: Message) => boolean {
  const newest = new Map<string, number>()
  return ({ to, from, position }) => {
    if (position === undefined) return true
    const place = to.startsWith('#') ? foldChannel(to) : `${from} ${to}`
    if (position <= (newest.get(place) ?? -1)) return false
    newest.set(place, position)
    return true
  }
}
