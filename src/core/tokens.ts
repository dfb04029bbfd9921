// Tokens: an agent lets programs without its key act for it, as far as it permits, and takes that back.

import { refuse } from '../protocol/errors.ts'
import type { TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import type { Context, HandlersOf } from './context.ts'
import { dueNow } from './dues.ts'
import { closeSession } from './session.ts'
import { addToken, goodToken, isGood, removeToken, tokensOf } from './token-store.ts'
import type { Token } from './world.ts'

export const tokens: HandlersOf<'tokens'> = {
  CREATE_TOKEN(context, { hash, scopes, label, expires_at }) {
    const { world, agent, now, position } = context
    if (world.tokens.has(hash)) refuse('INVALID_MSG', 'There is a token with this hash already.')
    if (expires_at !== undefined && expires_at <= now) {
      refuse('INVALID_MSG', '"expires_at" is over already.')
    }
    const good = tokensOf(world, agent.id).filter(([, token]) => isGood(token, now))
    if (good.length >= limits.tokens_per_agent) {
      refuse('LIMIT_REACHED', 'You have as many tokens as you may; revoke one.', {
        limit: 'tokens_per_agent',
      })
    }

    endTokens(context)
    const token: Token = {
      id: `t${position}`,
      agent: agent.id,
      scopes: [...new Set(scopes)].sort(),
      label: label ?? null,
      createdAt: now,
      expiresAt: expires_at ?? null,
    }
    addToken(world, hash, token)
    return shown(token)
  },

  LIST_TOKENS({ world, agent, now }) {
    const own = tokensOf(world, agent.id).map(([, token]) => token)
    return { list: own.filter((token) => isGood(token, now)).map(shown) }
  },

  REVOKE_TOKEN(context, { token_id }) {
    const { world, agent, now } = context
    const hash = goodToken(world, { agent: agent.id, id: token_id, now })
    if (hash === undefined) refuse('TOKEN_NOT_FOUND')

    endToken(context, hash)
    return {}
  },
}

/** Tokens whose time is over end, with the sessions that were opened with them. */
export function endTokens(context: Context): void {
  const { world, now } = context
  for (const hash of dueNow(world.tokenDues, now, Infinity)) endToken(context, hash)
}

function endToken(context: Context, hash: string): void {
  const { world } = context
  const token = world.tokens.get(hash)
  if (!token) return
  removeToken(world, hash)
  for (const id of [...(world.agents.get(token.agent)?.sessions ?? [])]) {
    const session = world.sessions.get(id)
    if (session?.token !== hash) continue
    context.tell([id], 'SESSION_REVOKED', { token_id: token.id })
    closeSession(context, session)
  }
}

function shown({ id, label, scopes, createdAt, expiresAt }: Token): TellFields<'TOKEN'> {
  return {
    id,
    scopes: [...scopes],
    created_at: createdAt,
    ...(label !== null && { label }),
    ...(expiresAt !== null && { expires_at: expiresAt }),
  }
}
