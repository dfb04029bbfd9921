// From the beginning of an id to the one proposal that is meant.

import type { AgentChat } from '../client/chat.ts'
import { patiently } from '../client/patience.ts'
import { substituted } from '../client/proposal-reading.ts'
import type { ListOptions } from '../client/proposals.ts'
import { type Run, readWord } from './command.ts'
import { Failure } from './failure.ts'
import { parseProposalId } from './values.ts'

/** Ids that are shown when a beginning names several. */
const mostCandidates = 5
const wholeId = /^([0-9a-f]{64}|prop_[0-9a-f]{32})$/

export interface Where {
  /** Look among the open offers of this channel only. */
  readonly channel?: string | undefined
  /** Look also among the open offers of the channels that the agent is in. */
  readonly offers?: boolean
  /** Look among those that wait for the agent as their escrow. */
  readonly held?: boolean
}

/**
 * The whole id of the proposal that a word names, wherever it may be: among the agent's own, and among open offers.
 * Others can make proposals whose ids begin as they like, so one that begins alike is never taken for another.
 *
 * @throws Failure when it names none, or several
 * @throws IdentityError when the server tells of one that begins otherwise
 */
export async function proposalIdOf(
  { signal }: Pick<Run, 'signal'>,
  chat: AgentChat,
  { word, ...where }: Where & { readonly word: string },
): Promise<string> {
  if (wholeId.test(word)) return word
  const found = new Set<string>()
  for (const place of placesOf(chat, where)) {
    const fields = { ...place, prefix: word, limit: mostCandidates + 1, signal }
    const { list } = await patiently(() => chat.proposals.list(fields), signal)
    for (const { proposal_id: id } of list) {
      if (!id.startsWith(word)) throw substituted(word, `It names ${id} for it.`)
      found.add(id)
    }
  }
  const [first, ...others] = found
  if (first === undefined) throw unknown(word)
  if (others.length > 0) throw ambiguous(word, [first, ...others])
  return first
}

function placesOf(
  chat: AgentChat,
  { channel, offers = false, held = false }: Where,
): ListOptions[] {
  if (channel !== undefined) return [{ channel }]
  if (held) return [{ role: 'escrow' }]
  return [{}, ...(offers ? chat.channels.map((name) => ({ channel: name })) : [])]
}

/** The first word of a command as the beginning of an id. @throws Failure when it can be none */
export function idWord({ args }: Pick<Run, 'args'>): string {
  return readWord(parseProposalId, args[0] ?? '')
}

function ambiguous(word: string, ids: readonly string[]): Failure {
  const shown = ids.slice(0, mostCandidates).join(', ')
  const more = ids.length > mostCandidates ? ' and more' : ''
  return new Failure({
    code: 'AMBIGUOUS_ID',
    message: `Several proposals have an id that begins with ${word}.`,
    hint: `Type more of it: ${shown}${more}.`,
    exit: 'usage',
  })
}

function unknown(word: string): Failure {
  return new Failure({
    code: 'PROPOSAL_NOT_FOUND',
    message: `There is no proposal for you with an id that begins with ${word}.`,
    hint: 'agentchat proposals lists yours; --channel CHANNEL the open offers there.',
    exit: 'refused',
  })
}
