// Talks that rest because a budget is exhausted: nothing is run for an answer that would be refused.

import type { RefusedError } from '../../client/errors.ts'
import type { Turn } from './turns.ts'

const mostTalks = 1_000
/** What the budgets of an agent and of a pair are known by. */
const everybody = 'agent'

export class Resting {
  private readonly until = new Map<string, number>()

  /** An answer was refused with BUDGET_EXHAUSTED. */
  rest({ talk, messages: [message] }: Turn, { frame, retryAfterMs }: RefusedError): void {
    if (retryAfterMs === undefined) return
    const { budget }: Readonly<Record<string, unknown>> = { ...frame }
    const ofPair = budget === 'pair' ? message.from : talk
    this.until.set(budget === 'agent' ? everybody : ofPair, performance.now() + retryAfterMs)
    const [oldest] = this.until.keys()
    if (this.until.size > mostTalks && oldest !== undefined) this.until.delete(oldest)
  }

  /** Whether an answer would be refused. Those to people are charged to their thread alone, and that they reset. */
  isResting({ talk, messages }: Turn): boolean {
    if (messages.some(({ role }) => role !== undefined)) return false
    return [everybody, talk, ...messages.map(({ from }) => from)].some(
      (key) => (this.until.get(key) ?? 0) > performance.now(),
    )
  }
}
