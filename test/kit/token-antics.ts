// Random life with tokens: they are made, used by somebody without the key, and taken back.

import fc from 'fast-check'
import type { Actor } from './actor.ts'
import { keyPairOf } from './identity.ts'
import { Refused, type Town } from './town.ts'

type Scopes = ('read' | 'send')[]

export type TokenStep =
  | {
      readonly what: 'make token'
      readonly who: number
      readonly scopes: Scopes
      readonly forMs: number | undefined
    }
  | { readonly what: 'use token'; readonly nth: number }
  | { readonly what: 'revoke token'; readonly who: number; readonly nth: number }

/** The tokens that were made in a life, the oldest first; they may be over. */
export type Tokens = { readonly id: string; readonly owner: string }[]

/** @param who picks one with a key */
export function tokenSteps(who: fc.Arbitrary<number>): fc.Arbitrary<TokenStep> {
  const nth = fc.nat(2)
  return fc.oneof(
    fc.record({
      what: fc.constant('make token'),
      who,
      scopes: fc.constantFrom<Scopes>(['read'], ['send'], ['read', 'send']),
      forMs: fc.option(fc.constantFrom(1, 60_000, 10_000_000), { nil: undefined }),
    }),
    fc.record({ what: fc.constant('use token'), nth }),
    fc.record({ what: fc.constant('use token'), nth }),
    fc.record({ what: fc.constant('revoke token'), who, nth }),
  )
}

interface Stage {
  readonly town: Town
  /** Whoever makes a token, or takes one back; undefined while it is away. */
  readonly owner: Actor | undefined
  readonly tokens: Tokens
}

/** Plays one step; refusals are part of it. @returns who came in with a token, if somebody did */
export async function playToken(stage: Stage, step: TokenStep): Promise<Actor | undefined> {
  const { town, owner, tokens } = stage
  if (step.what === 'use token') return use(stage, step.nth)
  if (!owner || owner.isGone) return undefined
  if (step.what === 'revoke token') {
    const token_id = tokens.at(-1 - step.nth)?.id ?? 't1'
    await owner.tries('REVOKE_TOKEN', { token_id })
    return undefined
  }
  const { scopes, forMs } = step
  const expires_at = forMs === undefined ? undefined : town.clock.now() + forMs
  const made = await owner.tries('CREATE_TOKEN', {
    hash: `${tokens.length}`.padStart(64, '0'),
    scopes,
    expires_at,
  })
  if (made.type === 'TOKEN') tokens.push({ id: made.id, owner: owner.id })
  return undefined
}

async function use({ town, tokens }: Stage, nth: number): Promise<Actor | undefined> {
  const token = tokens.at(-1 - nth)
  const name = ['alice', 'bob', 'carol'].find((one) => keyPairOf(one).public.id === token?.owner)
  if (!token || name === undefined) return undefined
  try {
    const held = await town.keyed(name, { token: token.id })
    await held.tries('MSG', { to: '#general', content: 'by token' })
    await held.tries('HISTORY', { target: '#general' })
    return held
  } catch (failure) {
    if (failure instanceof Refused) return undefined
    throw failure
  }
}
