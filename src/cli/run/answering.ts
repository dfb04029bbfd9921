// One turn: claiming its messages, running the command, and posting what it prints, never twice.

import { createHash } from 'node:crypto'
import type { AgentChat } from '../../client/chat.ts'
import { RefusedError, SecretError } from '../../client/errors.ts'
import type { Message, Usage } from '../../client/options.ts'
import { patiently } from '../../client/patience.ts'
import { pause } from '../../client/wait.ts'
import type { Heard } from '../../protocol/frames.ts'
import { positionOf } from '../../protocol/names.ts'
import type { Run } from '../command.ts'
import type { KeptIdentity } from '../identities.ts'
import { Claims, type Taking } from './claims.ts'
import { insist } from './insisting.ts'
import { runProgramOnce } from './program.ts'
import { promptOf, variablesFor } from './prompt.ts'
import { Resting } from './resting.ts'
import { placeToAnswer, type Turn } from './turns.ts'
import { readUsage, withUsageFile } from './usage-file.ts'

/** What becomes of a message, as it is told on stdout. */
export type State = 'started' | 'answered' | 'silent' | 'failed' | 'skipped' | 'held'
export type Tell = (state: State, message: Message, more?: object) => void

export interface Answering {
  readonly run: Run
  readonly chat: AgentChat
  readonly kept: KeptIdentity | undefined
  readonly words: readonly string[]
  readonly timeoutMs: number
  /** How often a command that fails is begun again for the same message. */
  readonly restarts: number
  readonly tell: Tell
}

/** A message that somebody else has in hand: to be looked at again when that may be over. */
export interface Held {
  readonly message: Message
  readonly atMs: number
}

type Messages = readonly [Message, ...Message[]]

/** How long an answer waits for a budget that heals; the claim is held meanwhile. */
const longestHealingMs = 30_000
const firstBackoffMs = 1_000

export class Answerer {
  private readonly parts: Answering
  private readonly resting = new Resting()

  constructor(parts: Answering) {
    this.parts = parts
  }

  /**
   * Sees to a turn.
   *
   * @param isAgain another session had a message of it in hand before, maybe one of this agent
   * @returns what is to be seen to later; all else of it is done
   * @throws the reason of the run's signal; what ended the connection; Failure when the command cannot be started
   */
  async answer(turn: Turn, isAgain: boolean): Promise<readonly Held[]> {
    const { chat, run, tell } = this.parts
    if (this.resting.isResting(turn)) {
      for (const message of turn.messages) tell('skipped', message, { reason: 'BUDGET_EXHAUSTED' })
      return []
    }
    const claims = new Claims(chat, run.signal)
    try {
      const { taken, held } = await this.takeAll(turn.messages, claims)
      const [first, ...more] = await this.withoutDone(taken, isAgain)
      if (first) await this.work(turn, [first, ...more], claims)
      return held
    } finally {
      await claims.close()
    }
  }

  private async takeAll(messages: readonly Message[], claims: Claims) {
    const { tell } = this.parts
    const taken: Message[] = []
    const held: Held[] = []
    for (const message of messages) {
      const taking = await claims.take(message.msg_id)
      if (taking.state === 'taken') taken.push(message)
      else if (taking.state === 'held') {
        held.push({ message, atMs: performance.now() + taking.waitMs })
        tell('held', message, { holder: taking.holder })
      } else tell('skipped', message, { reason: reasonOf(taking) })
    }
    return { taken, held }
  }

  /** Without what another session of this agent has seen to: by passing it, or with an answer to what came later. */
  private async withoutDone(messages: readonly Message[], isAgain: boolean): Promise<Message[]> {
    const { chat, run, tell } = this.parts
    const [oldest] = messages
    if (oldest === undefined) return []
    const bounds = { signal: run.signal }
    const read = isAgain
      ? (await insist(() => chat.request('UNREAD', { before: 1 }, bounds), run.signal)).after
      : 0
    const answered = await this.answeredSince(oldest)
    return messages.filter((message) => {
      const { position = 0, expects } = message
      const isDone = position <= read || (expects !== 'reply' && answered >= position)
      if (isDone) tell('skipped', message, { reason: 'SEEN_TO' })
      return !isDone
    })
  }

  /** The position of the newest message in the same talk that this agent has answered. */
  private async answeredSince(message: Message): Promise<number> {
    const { chat, run } = this.parts
    const { thread, position: after, to } = message
    const isInChannel = to.startsWith('#')
    const where = { target: placeToAnswer(message), ...(isInChannel && thread && { thread }) }
    let newest = 0
    for (let from: number | null | undefined = after; from !== null; ) {
      const asked = { ...where, after: from }
      const page: Heard<'HISTORY_PAGE'> = await insist(
        () => chat.request('HISTORY', asked, { signal: run.signal }),
        run.signal,
      )
      const own = page.messages.filter(({ from: author }) => author === chat.id)
      newest = Math.max(newest, ...own.map(({ in_reply_to: id = '' }) => positionOf(id)))
      from = page.next
    }
    return newest
  }

  private async work(turn: Turn, messages: Messages, claims: Claims): Promise<void> {
    const { run, tell } = this.parts
    const asked = messages.at(-1) ?? messages[0]
    const signal = AbortSignal.any([run.signal, claims.lost])
    tell('started', asked, { messages: messages.length, fence: claims.fenceOf(asked.msg_id) })
    try {
      const made = await this.make(messages, claims, signal)
      if (made === undefined) return
      if (made.text === '') tell('silent', asked)
      else await this.post(turn, { ...made, asked, claims, signal })
    } catch (failure) {
      if (!claims.lost.aborted || run.signal.aborted) throw failure
      const { reason } = claims.lost
      if (reason instanceof Error) throw reason
      this.tellGone(asked, reason as Taking) // what a claim is lost with
    }
  }

  /** Runs the command until it has not failed, or has too often. @returns undefined when there is nothing to post */
  private async make(messages: Messages, claims: Claims, signal: AbortSignal) {
    const { tell, restarts } = this.parts
    const asked = messages.at(-1) ?? messages[0]
    for (let attempt = 1; ; attempt++) {
      const made = await this.runOnce(messages, signal)
      signal.throwIfAborted()
      if (!('reason' in made)) return made
      const goesOn = attempt <= restarts
      tell('failed', asked, { reason: made.reason, attempt, again: goesOn })
      // It may have answered before it failed.
      const taking = await claims.check(asked.msg_id)
      if (taking.state !== 'taken') {
        this.tellGone(asked, taking)
        return undefined
      }
      if (!goesOn) return undefined
      await pause(firstBackoffMs * 2 ** (attempt - 1), signal)
    }
  }

  private runOnce(messages: Messages, signal: AbortSignal) {
    const { run, chat, kept, words, timeoutMs } = this.parts
    const { output, settings } = run
    const asked = messages.at(-1) ?? messages[0]
    return withUsageFile(async (usageFile) => {
      const outcome = await runProgramOnce({
        words,
        env: variablesFor(asked, { settings, kept, usageFile }),
        input: promptOf(chat, messages),
        timeoutMs,
        signal,
        tell: (line) => output.note(`${asked.msg_id}: ${line}`),
      })
      if (outcome.state === 'stopped') return { reason: outcome.state }
      if (outcome.state === 'failed') return { reason: outcome.reason }
      const usage = await readUsage(usageFile).catch((failure: unknown) => {
        output.warn(`What the command has spent is not known: ${failure}.`)
        return undefined
      })
      return { text: outcome.text, usage }
    })
  }

  /** Says it under the claim: whoever has answered meanwhile, also out of the command itself, has ended that. */
  private async post(turn: Turn, { text, usage, asked, claims, signal }: Answer): Promise<void> {
    const { chat, tell } = this.parts
    const { msg_id: inReplyTo } = asked
    for (;;) {
      const fence = claims.fenceOf(inReplyTo)
      const options = { inReplyTo, fence, usage, cid: cidFor(chat.id, inReplyTo), signal }
      try {
        const { msg_id: answer } = await patiently(
          () => chat.send(placeToAnswer(asked), text, options),
          signal,
        )
        claims.settle(inReplyTo)
        tell('answered', asked, { answer })
        return
      } catch (failure) {
        if (!(await this.mayPostAgain(turn, failure, { asked, claims, signal }))) return
      }
    }
  }

  private async mayPostAgain(
    turn: Turn,
    failure: unknown,
    { asked, claims, signal }: Pick<Answer, 'asked' | 'claims' | 'signal'>,
  ): Promise<boolean> {
    const { tell } = this.parts
    if (failure instanceof SecretError) {
      tell('failed', asked, { reason: `its answer seems to contain ${failure.kind}`, again: false })
      return false
    }
    if (!(failure instanceof RefusedError)) throw failure
    const { code, retryAfterMs = Number.POSITIVE_INFINITY } = failure
    if (code === 'CLAIM_LOST') {
      const taking = await claims.check(asked.msg_id)
      if (taking.state === 'taken') return true
      this.tellGone(asked, taking)
      return false
    }
    if (code === 'BUDGET_EXHAUSTED' && retryAfterMs <= longestHealingMs) {
      await pause(retryAfterMs, signal)
      return true
    }
    if (code === 'BUDGET_EXHAUSTED') this.resting.rest(turn, failure)
    tell('failed', asked, { reason: code, retry_after_ms: failure.retryAfterMs, again: false })
    return false
  }

  /** Somebody was faster: maybe the command itself. */
  private tellGone(asked: Message, taking: Taking): void {
    const { chat, tell } = this.parts
    const isOwn = taking.state === 'answered' && taking.by === chat.id
    if (isOwn) tell('answered', asked, { answer: taking.answer, by: 'command' })
    else tell('skipped', asked, { reason: reasonOf(taking) })
  }
}

interface Answer {
  readonly text: string
  readonly usage: Usage | undefined
  readonly asked: Message
  readonly claims: Claims
  readonly signal: AbortSignal
}

/** The same for the same message, whoever asks: so even what a crash has left open is not said twice. */
function cidFor(agent: string, messageId: string): string {
  return createHash('sha256').update(`${agent} ${messageId}`).digest('hex').slice(0, 32)
}

const reasons = { held: 'CLAIM_HELD', answered: 'ALREADY_ANSWERED', taken: 'CLAIM_LOST' } as const

function reasonOf(taking: Taking): string {
  return taking.state === 'refused' ? taking.code : reasons[taking.state]
}
