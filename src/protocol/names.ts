// Names, channels and ids: their grammar, and which of them a reader could take for another.
import { toHex } from './bytes.ts'

/** What an agent may be called. */
export const NAME = /^[a-zA-Z0-9_-]{1,32}$/

/** What a channel may be called; compared without case, see foldChannel. */
export const CHANNEL = /^#[a-zA-Z0-9_-]{1,31}$/

const PERSISTENT_ID = /^@[0-9a-f]{16}$/
const EPHEMERAL_ID = /^@anon-[0-9a-f]{32}$/

/** The skeleton of 16 hex digits, or of what looks like them (O for 0, I for 1, S for 5). */
const HEX_LOOK = /^[a-f2-46-9ols]{16}$/

/**
 * One spelling for characters that look alike. The wide letters are spelled out (m as rn) instead
 * of the pairs being joined: each character is then replaced by itself alone, so that vvv, vw and
 * wv are one, whatever the order.
 */
const CONFUSABLES: ReadonlyMap<string, string> = new Map([
  ['0', 'o'],
  ['1', 'l'],
  ['i', 'l'],
  ['5', 's'],
  ['_', '-'],
  ['m', 'rn'],
  ['w', 'vv'],
])

const RESERVED: ReadonlySet<string> = new Set(
  [
    'admin',
    'system',
    'root',
    'operator',
    'moderator',
    'server',
    'agentchat',
    'anon',
    'here',
    'all',
    'everyone',
  ].map(skeleton),
)

/** The one spelling under which a channel is kept and compared. */
export function foldChannel(name: string): string {
  return name.toLowerCase()
}

/**
 * Folds case and look-alike characters: two names with one skeleton must not have two owners.
 * The skeleton of a skeleton is itself.
 *
 * @param name a name that matches NAME
 * @returns up to twice as many characters, for comparing only, never for showing
 */
export function skeleton(name: string): string {
  return name.toLowerCase().replace(/[01i5_mw]/g, (char) => CONFUSABLES.get(char) ?? char)
}

/**
 * Tells whether no agent may own a name: a reserved word or what looks like one, or a name that
 * could be read as an id (16 hex digits, or beginning with `anon-` or `anon_`).
 *
 * @param name a name that matches NAME
 */
export function isReservedName(name: string): boolean {
  const folded = skeleton(name)
  return RESERVED.has(folded) || folded.startsWith('anon-') || HEX_LOOK.test(folded)
}

/**
 * Makes the id of an agent without a key, in a form that no persistent id can have.
 *
 * @param random 16 bytes of a cryptographic generator, never used before
 * @returns `@anon-` and 32 hex digits
 * @throws RangeError on any other number of bytes
 */
export function ephemeralId(random: Uint8Array): string {
  if (random.length !== 16) throw new RangeError('An ephemeral id is made of 16 random bytes.')
  return `@anon-${toHex(random)}`
}

/** Tells whether a text has the form of a key's id: `@` and 16 lower-case hex digits. */
export function isPersistentId(text: string): boolean {
  return PERSISTENT_ID.test(text)
}

/** Tells whether a text has the form that ephemeralId makes. */
export function isEphemeralId(text: string): boolean {
  return EPHEMERAL_ID.test(text)
}

/** The id of the message at a place in the log. */
export function messageIdAt(position: number): string {
  return `m${position}`
}

/** The place in the log of the message with this id; 0 for an id that is none. */
export function positionOf(messageId: string): number {
  return Number(/^m(\d{1,15})$/.exec(messageId)?.[1] ?? 0)
}
