// Where tokens are kept in the world, and what each of them permits now.

import type { Ask, Scope, Shape } from '../protocol/declare.ts'
import { addDue, removeDue } from './dues.ts'
import type { AgentId } from './entry.ts'
import type { Agent, Session, Token, World } from './world.ts'

type Asked = Pick<Ask<Shape, string, Shape>, 'from' | 'scope'>

/** The tokens of an agent by their hash, the oldest first; also those whose time is over and was not noted yet. */
export function tokensOf(world: World, agent: AgentId): [hash: string, token: Token][] {
  return [...(world.tokensOf.get(agent) ?? [])].flatMap((hash) => {
    const token = world.tokens.get(hash)
    return token ? [[hash, token]] : []
  })
}

/** True until its time is over. */
export function isGood({ expiresAt }: Token, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

/** The hash of an agent's token; undefined when it has none with this id that is good now. */
export function goodToken(
  world: World,
  { agent, id, now }: { readonly agent: AgentId; readonly id: string; readonly now: number },
): string | undefined {
  const isMeant = (token: Token) => token.id === id && isGood(token, now)
  return tokensOf(world, agent).find(([, token]) => isMeant(token))?.[0]
}

/** For whom a token acts. */
export interface TokenHolder {
  readonly token: Token
  readonly agent: Agent
}

/** For whom the token with this hash acts now; undefined when it is not good. */
export function holderOf(world: World, hash: string, now: number): TokenHolder | undefined {
  const token = world.tokens.get(hash)
  const agent = world.agents.get(token?.agent ?? '')
  return token && agent && isGood(token, now) ? { token, agent } : undefined
}

/** Whether a session may send such a frame, as far as its token decides that. */
export function permits(world: World, session: Session, { from, scope }: Asked): boolean {
  if (!session.token || from === 'anyone') return true
  return scope !== 'key' && hasScope(world, session, scope)
}

/** Whether a session may read, or send; without a token it may do both. */
export function hasScope(world: World, session: Session, scope: Scope): boolean {
  if (!session.token) return true
  return world.tokens.get(session.token)?.scopes.includes(scope) === true
}

/** Keeps a new token. */
export function addToken(world: World, hash: string, token: Token): void {
  world.tokens.set(hash, token)
  const hashes = world.tokensOf.get(token.agent)
  if (hashes) hashes.add(hash)
  else world.tokensOf.set(token.agent, new Set([hash]))
  addDue(world.tokenDues, token.expiresAt, hash)
}

/** Lets go of a token; the sessions that it has opened are not looked at. */
export function removeToken(world: World, hash: string): void {
  const token = world.tokens.get(hash)
  if (!token) return
  const { agent, expiresAt } = token
  world.tokens.delete(hash)
  const hashes = world.tokensOf.get(agent)
  hashes?.delete(hash)
  if (hashes?.size === 0) world.tokensOf.delete(agent)
  removeDue(world.tokenDues, expiresAt, hash)
}

/** The agent is forgotten. */
export function forgetTokens(world: World, agent: AgentId): void {
  for (const [hash] of tokensOf(world, agent)) removeToken(world, hash)
}
