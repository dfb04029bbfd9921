// One agent has another prove its key: passed on, answered or over.

import { refuse } from '../protocol/errors.ts'
import { publicKeyFromBase64Url } from '../protocol/keys.ts'
import { limits } from '../protocol/limits.ts'
import { sessionsOf } from './audience.ts'
import type { Context, HandlersOf } from './context.ts'
import { agentNamed } from './naming.ts'
import type { Agent, Verification, World } from './world.ts'

export const verification: HandlersOf<'verification'> = {
  VERIFY_REQUEST(context, { target: reference, nonce }) {
    const { world, agent, now, position } = context
    const target = agentNamed(world, reference)
    if (target.sessions.size === 0) refuse('AGENT_NOT_FOUND', `${reference} is not online.`)
    if (target.key === undefined) refuse('NO_PUBKEY')
    if (openBy(world, agent) >= limits.open_verifications) {
      refuse('LIMIT_REACHED', 'Wait until others have answered.', { limit: 'open_verifications' })
    }

    const request_id = `v${position}`
    const until = now + limits.verification_ms
    world.verifications.set(request_id, { from: agent.id, target: target.id, nonce, until })
    const request = { request_id, from: agent.id, target: target.id, nonce }
    context.tell(sessionsOf(target), 'VERIFY_REQUEST', request)
    return { ...request, status: 'pending' }
  },

  VERIFY_RESPONSE(context, { request_id, nonce, genuine }) {
    const { world, agent, now } = context
    if (agent.key === undefined) refuse('SIGNATURE_REQUIRED')
    const request = world.verifications.get(request_id)
    if (!request || request.target !== agent.id || request.until <= now) {
      refuse('VERIFICATION_EXPIRED')
    }

    world.verifications.delete(request_id)
    conclude(context, request_id, { request, proven: genuine && nonce === request.nonce })
    return {}
  },
}

/** Requests that nobody answered in time have failed. */
export function failVerifications(context: Context): void {
  const { world, now } = context
  for (const [request_id, request] of world.verifications) {
    if (request.until > now) return
    world.verifications.delete(request_id)
    fail(context, request_id, { request, reason: 'EXPIRED' })
  }
}

function openBy(world: World, agent: Agent): number {
  let count = 0
  for (const request of world.verifications.values()) if (request.from === agent.id) count += 1
  return count
}

function conclude(
  context: Context,
  request_id: string,
  { request, proven }: { request: Verification; proven: boolean },
): void {
  const key = publicKeyFromBase64Url(context.agent.key ?? '')
  if (!proven || !key) {
    fail(context, request_id, { request, reason: 'BAD_SIGNATURE' })
    return
  }
  context.tell(parties(context.world, request), 'VERIFY_SUCCESS', {
    request_id,
    agent: request.target,
    pubkey: key.pem,
  })
}

function fail(
  context: Context,
  request_id: string,
  { request, reason }: { request: Verification; reason: 'EXPIRED' | 'BAD_SIGNATURE' },
): void {
  const { target } = request
  context.tell(parties(context.world, request), 'VERIFY_FAILED', { request_id, target, reason })
}

function parties(world: World, { from, target }: Verification) {
  return sessionsOf(...[from, target].flatMap((id) => world.agents.get(id) ?? []))
}
