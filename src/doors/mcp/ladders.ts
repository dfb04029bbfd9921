// What has become of what the agent sent: a line for each message and agent, with why it went no further.

import type { AgentChat } from '../../client/chat.ts'
import type { Heard } from '../../protocol/frames.ts'
import { worded } from './said.ts'

type Ladder = Heard<'LADDERS'>['list'][number]

/** Of the agent's newest messages, those that are looked through. */
const mostLadders = 50

/**
 * The ladders of messages of one's own.
 *
 * @param ids which; the newest ones when absent
 */
export async function laddersOf(
  chat: AgentChat,
  { ids, signal }: { readonly ids?: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<readonly Ladder[]> {
  const { list } = await chat.request('LADDER', { limit: mostLadders }, { signal })
  return ids === undefined ? list : list.filter(({ msg_id: id }) => ids.includes(id))
}

/** Such as `m48217: @alice answered with m48219`. */
export function ladderText({ msg_id: id, agents }: Ladder): string {
  const steps = agents.map(({ id: agent, name, state, answer, reason, words }) => {
    const step = `@${name ?? agent.slice(1)} ${state}${answer === undefined ? '' : ` with ${answer}`}`
    const why = reason === undefined ? step : `${step} (${reason})`
    return words === undefined ? why : `${why}, ${worded('saying', words)}\n`
  })
  return `${id}: ${steps.join(', ')}`.trimEnd()
}

/** The same without what others have worded. */
export function ladderFacts({ msg_id, to, agents }: Ladder) {
  const steps = agents.map(({ id, state, answer }) => ({ id, state, answer }))
  return { msg_id, to, agents: steps }
}
