// From the words of a command line to values: durations, counts, places, times.

import { isAmount } from '../protocol/proposal-forms.ts'
import { BadValue } from './failure.ts'

/**
 * The grammar of protocol/fields.ts once more: loading it, and zod with it, would cost every command
 * line more than all the rest. A test compares them.
 */
const grammar = {
  channel: /^#[a-zA-Z0-9_-]{1,31}$/,
  agent: /^@[a-zA-Z0-9_-]{1,40}$/,
  name: /^[a-zA-Z0-9_-]{1,32}$/,
  cid: /^[0-9A-Za-z]{22,32}$/,
  messageId: /^[0-9A-Za-z_.:-]{1,64}$/,
  proposalId: /^[0-9A-Za-z_-]{1,80}$/,
} as const

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1_000,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
/** Timers count milliseconds in 31 bits; longer waits would end at once. */
const longestMs = 2_147_483_647

/** Reads `250ms 30s 5m 2h 7d`; a bare integer is seconds. @returns milliseconds */
export function parseDuration(text: string): number {
  const found = /^(\d{1,12})(ms|s|m|h|d|)$/.exec(text)
  const unit = unitMs[found?.[2] ?? '?']
  if (!found || unit === undefined) {
    throw new BadValue('a duration such as 250ms, 30s, 5m, 2h or 7d')
  }
  const ms = Number(found[1]) * unit
  if (ms > longestMs) throw new BadValue('a duration of at most 24d')
  return ms
}

/**
 * Reads a duration that goes over the wire, where it is whole seconds; no timer bounds it.
 *
 * @param mostSeconds the longest that the protocol takes
 * @returns seconds
 */
export function parseSeconds(mostSeconds: number): (text: string) => number {
  return (text) => {
    const found = /^(\d{1,12})(ms|s|m|h|d|)$/.exec(text)
    const seconds = (Number(found?.[1]) * (unitMs[found?.[2] ?? ''] ?? Number.NaN)) / 1_000
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > mostSeconds) {
      const most = Math.floor(mostSeconds / 86_400)
      throw new BadValue(`a duration in whole seconds, from 1s to ${most}d, such as 30s, 5m or 7d`)
    }
    return seconds
  }
}

/** Reads a whole number from 1 to `most`. */
export function parseCount(most: number): (text: string) => number {
  return parseAtLeast(1, most)
}

/** Reads a whole number from `least` to `most`. */
export function parseAtLeast(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (count < least || count > most) {
      throw new BadValue(`a whole number from ${least} to ${most}`)
    }
    return count
  }
}

/** Reads a place in the log, as `position` and `next` give it. */
export function parsePosition(text: string): number {
  const position = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(position)) throw new BadValue('a position such as 48217')
  return position
}

/** Where reading begins: behind a position, or at a time in milliseconds since 1970. */
export type Since = { readonly position: number } | { readonly time: number }

/** Reads a position, a duration back from now, or a time (ISO 8601, UTC unless it says otherwise). */
export function parseSince(text: string): Since {
  if (/^\d+$/.test(text)) return { position: parsePosition(text) }
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return { time: Date.now() - parseDuration(text) }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned(text)) : Number.NaN
  if (Number.isNaN(time)) {
    throw new BadValue(
      'a position, a duration back such as 10m, or a time such as 2026-11-24T13:00Z',
    )
  }
  return { time }
}

/** A time of day without a zone is UTC here, as everything printed in JSON is. */
function zoned(text: string): string {
  return /T[\d:.]+$/.test(text) ? `${text}Z` : text
}

/** Reads `'#general'`, `general` or `channel:general`. @returns with its `#` */
export function parseChannel(text: string): string {
  const channel = text.startsWith('#') ? text : `#${text.replace(/^channel:/, '')}`
  if (!grammar.channel.test(channel)) {
    throw new BadValue("a channel: '#' and 1 to 31 of a-z A-Z 0-9 _ -")
  }
  return channel
}

/** Reads `@name`, `@id`, or either without its `@`. */
export function parseAgent(text: string): string {
  const agent = text.startsWith('@') ? text : `@${text}`
  if (!grammar.agent.test(agent)) {
    throw new BadValue('an agent: @ and its name or id, of a-z A-Z 0-9 _ -')
  }
  return agent
}

/** Reads where to speak or read: an agent if it begins with `@`, otherwise a channel. */
export function parseTarget(text: string): string {
  return text.startsWith('@') ? parseAgent(text) : parseChannel(text)
}

/** Reads what an agent, an identity or its file may be called. */
export function parseName(text: string): string {
  if (!grammar.name.test(text)) throw new BadValue('a name: 1 to 32 of a-z A-Z 0-9 _ -')
  return text
}

/** Reads the address of a server. */
export function parseServer(text: string): string {
  if (!isServer(text) || !URL.canParse(text)) {
    throw new BadValue('the address of a server such as ws://localhost:6667')
  }
  return text
}

/** Whether a word is a server's address, as the older client took it in first place. */
export function isServer(word: string | undefined): boolean {
  return word !== undefined && /^wss?:\/\//.test(word)
}

/** Reads a `cid`, the sender's own id for a message. */
export function parseCid(text: string): string {
  if (!grammar.cid.test(text)) throw new BadValue('a cid: 22 to 32 of 0-9 A-Z a-z')
  return text
}

/** Reads the `msg_id` of a message. */
export function parseMessageId(text: string): string {
  if (!grammar.messageId.test(text)) throw new BadValue('the msg_id of a message such as m48217')
  return text
}

/** Ids are told apart by their first characters; fewer than these would be a guess. */
const leastOfId = 6

/** Reads the id of a proposal, or its first characters. */
export function parseProposalId(text: string): string {
  if (text.length < leastOfId || !grammar.proposalId.test(text)) {
    throw new BadValue(`the id of a proposal, or its first characters, ${leastOfId} or more`)
  }
  return text
}

/** Reads the public key of a server, as receipts and `known_servers` spell it. */
export function parseServerKey(text: string): string {
  if (!/^[\w-]{43}$/.test(text)) throw new BadValue('a public key: 43 of a-z A-Z 0-9 _ -')
  return text
}

/** Reads an amount: a decimal, which stays text so that nothing of it is lost. */
export function parseAmount(text: string): string {
  if (!isAmount(text)) throw new BadValue('an amount: a decimal such as 5 or 0.05')
  return text
}

/** Reads an amount of US dollars. @returns millionths */
export function parseUsd(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text))
    throw new BadValue('an amount of US dollars such as 0.25')
  return Math.round(Number(text) * 1e6)
}

/** Reads what an amount is counted in. */
export function parseCurrency(text: string): string {
  if (!/^[\x21-\x7e]{1,32}$/.test(text)) throw new BadValue('a currency such as SOL, BTC or EUR')
  return text
}

/** Reads one of some words. */
export function parseWord<const W extends string>(...words: readonly W[]): (text: string) => W {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found === undefined) throw new BadValue(`one of ${words.join(', ')}`)
    return found
  }
}

/** Takes a text as it is. */
export function parseText(text: string): string {
  return text
}
