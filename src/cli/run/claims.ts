// The claims that one turn holds: taken, renewed while it lasts, and given back.

import type { AgentChat } from '../../client/chat.ts'
import { RefusedError } from '../../client/errors.ts'
import { insist } from './insisting.ts'

/** What became of taking a claim. */
export type Taking =
  | { readonly state: 'taken' }
  | { readonly state: 'held'; readonly holder: string; readonly waitMs: number }
  | { readonly state: 'answered'; readonly by: string; readonly answer: string }
  | { readonly state: 'refused'; readonly code: string }

/** What says that the message cannot be read any more. */
const outOfReach = new Set(['MESSAGE_NOT_FOUND', 'CHANNEL_NOT_FOUND', 'NOT_INVITED'])
/** Short, so that another copy goes on soon after this one was killed. */
const leaseMs = 30_000
const renewMs = leaseMs / 2
/** How long giving back may take when all is to end. */
const closingMs = 2_000

export class Claims {
  private readonly chat: AgentChat
  private readonly signal: AbortSignal
  private readonly fences = new Map<string, number>()
  private readonly losing = new AbortController()
  private readonly renewing: NodeJS.Timeout

  /** @param signal ends all asking but the giving back */
  constructor(chat: AgentChat, signal: AbortSignal) {
    this.chat = chat
    this.signal = signal
    this.renewing = setInterval(() => {
      this.renewAll().catch((fault: unknown) => this.losing.abort(fault))
    }, renewMs)
  }

  /** Aborted when a claim is lost, with what became of it. */
  get lost(): AbortSignal {
    return this.losing.signal
  }

  /** The fencing number; undefined for what is not held. */
  fenceOf(id: string): number | undefined {
    return this.fences.get(id)
  }

  /** @throws as `insist`, but for refusals that say who has it */
  async take(id: string): Promise<Taking> {
    const { chat, signal } = this
    const fields = { msg_id: id, lease_ms: leaseMs }
    try {
      const { fence } = await insist(() => chat.request('CLAIM', fields, { signal }), signal)
      this.fences.set(id, fence)
      return { state: 'taken' }
    } catch (failure) {
      return notTaken(failure)
    }
  }

  /** Whether a claim still holds. One that time has ended is taken again if nobody else was faster. */
  async check(id: string): Promise<Taking> {
    const fence = this.fences.get(id)
    if (fence === undefined) return await this.take(id)
    const { chat, signal } = this
    const fields = { msg_id: id, fence, lease_ms: leaseMs }
    try {
      await insist(() => chat.request('RENEW', fields, { signal }), signal)
      return { state: 'taken' }
    } catch (failure) {
      if (!(failure instanceof RefusedError) || failure.code !== 'CLAIM_LOST') throw failure
      this.fences.delete(id)
      return await this.take(id)
    }
  }

  /** It was answered: there is nothing to give back. */
  settle(id: string): void {
    this.fences.delete(id)
  }

  /** Gives back whatever is left, so that another can answer; also when all is to end, but not for long. */
  async close(): Promise<void> {
    clearInterval(this.renewing)
    const signal = AbortSignal.timeout(closingMs)
    await Promise.all([...this.fences].map((claim) => this.release(claim, signal)))
  }

  /** What cannot be given back ends by time. */
  private async release([id, fence]: [string, number], signal: AbortSignal): Promise<void> {
    const fields = { msg_id: id, fence }
    await insist(() => this.chat.request('RELEASE', fields, { signal }), signal).catch(() => {})
  }

  private async renewAll(): Promise<void> {
    for (const id of [...this.fences.keys()]) {
      const taking = await this.check(id)
      if (taking.state !== 'taken') this.losing.abort(taking)
    }
  }
}

function notTaken(failure: unknown): Taking {
  if (!(failure instanceof RefusedError)) throw failure
  const { code, frame, retryAfterMs = leaseMs } = failure
  const { holder, by, answer }: Readonly<Record<string, unknown>> = { ...frame }
  if (code === 'CLAIM_HELD') return { state: 'held', holder: String(holder), waitMs: retryAfterMs }
  if (code === 'LIMIT_REACHED') return { state: 'held', holder: code, waitMs: leaseMs }
  if (code === 'ALREADY_ANSWERED') {
    return { state: 'answered', by: String(by), answer: String(answer) }
  }
  if (outOfReach.has(code)) return { state: 'refused', code }
  throw failure
}
