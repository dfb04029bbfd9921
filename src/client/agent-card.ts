// What a server says of an agent is believed only as far as the agent's key bears it out.

import type { Heard } from '../protocol/frames.ts'
import { parsePublicKey, publicKeyFromBase64Url } from '../protocol/keys.ts'
import { isEphemeralId, isPersistentId } from '../protocol/names.ts'
import { IdentityError } from './errors.ts'
import type { Frame } from './options.ts'

/**
 * Checks the answer to WHOIS: the id must be that of the key, and the one that was asked for.
 *
 * @param asked the id or name, with its `@`
 * @throws IdentityError `substituted`
 */
export function checkAgentCard(card: Heard<'AGENT'>, asked: string): void {
  const { id, key: keyText, pubkey, fingerprint } = card
  if (isPersistentId(asked) && id !== asked) throw substituted(asked, 'tells of another agent')
  if (typeof id === 'string' && isEphemeralId(id) && keyText === undefined) return
  const key = typeof keyText === 'string' ? publicKeyFromBase64Url(keyText) : undefined
  if (!key) throw substituted(asked, 'names no key that could be that of the id')
  const isRight =
    key.id === id &&
    (pubkey === undefined || key.pem === pubkey) &&
    (fingerprint === undefined || key.fingerprint === fingerprint)
  if (!isRight) throw substituted(asked, 'names a key that belongs to another id')
}

/** Whether a VERIFY_SUCCESS names the key that its agent's id is made of. */
export function isOwnKey({ agent, pubkey }: Frame): boolean {
  return typeof pubkey === 'string' && parsePublicKey(pubkey)?.id === agent
}

function substituted(asked: string, what: string): IdentityError {
  return new IdentityError(
    'substituted',
    `Asked for ${asked}, the server ${what}; what it says of that agent cannot be trusted.`,
  )
}
