// The runner of one hook: reads the news of proposals behind the log, and delivers what the hook wants, in order.

import { allProposals, chainOf } from '../../core/proposal-streams.ts'
import type { Log, PagedNews, Verdict } from '../../log/port.ts'
import type { Report } from '../report.ts'
import { type Answer, deliver, type HookCall, type Patience } from './deliver.ts'
import { eventOf, type HookEvent, messageOf, type NewsFrame } from './events.ts'
import type { DeadLetter, HookState, HookStates } from './state.ts'

/** The one verb of the log that hooks need. */
export type Readable = Pick<Log<Verdict>, 'page'>

export interface RunnerParts {
  readonly name: string
  readonly on: ReadonlySet<HookEvent>
  readonly call: HookCall
  readonly log: Readable
  readonly states: HookStates
  /** Name of the server. */
  readonly server: string
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly patience: Patience
}

/** News that is an event which this hook wants to hear of. */
interface Wanted {
  readonly id: string
  readonly position: number
  readonly event: HookEvent
  readonly step: NewsFrame
}

const page = { limit: 100, maxBytes: 1_048_576 }
const deadLettersMost = 1_000

export class HookRunner {
  private readonly parts: RunnerParts
  private readonly ending = new AbortController()
  private state: HookState
  private running: Promise<void> | undefined
  private isWoken = false
  private rouse: () => void = () => {}

  constructor(parts: RunnerParts, state: HookState) {
    this.parts = parts
    this.state = state
  }

  /** Begins to deliver, until it is stopped. */
  start(): void {
    this.running ??= this.run()
  }

  /** There may be news. */
  wake(): void {
    this.isWoken = true
    this.rouse()
  }

  /** Gives up a call in flight and ends; what was not delivered will be after the next start. */
  async stop(): Promise<void> {
    this.ending.abort()
    this.rouse()
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      this.isWoken = false
      try {
        if (await this.readOn()) continue
      } catch (fault) {
        this.tellOfFault(fault)
      }
      await this.rest()
    }
  }

  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.rouse = resolve
      if (this.isWoken || this.ending.signal.aborted) resolve()
    })
  }

  /** Takes the next page of news. @returns whether there is more */
  private async readOn(): Promise<boolean> {
    const { log } = this.parts
    const streams = [{ stream: allProposals, after: this.state.position }]
    const { items, more } = await log.page({ streams, from: 'earliest', ...page })
    for (const item of items) {
      const wanted = this.wantedIn(item)
      if (wanted) await this.tell(wanted)
      if (this.ending.signal.aborted) return false
    }
    const last = items.at(-1)
    // News that it does not want is behind it too: once for a page is enough.
    if (last && last.position > this.state.position) await this.save({ position: last.position })
    return more
  }

  private wantedIn({ position, news }: PagedNews): Wanted | undefined {
    const { name, on } = this.parts
    const step: NewsFrame = JSON.parse(news)
    const event = eventOf(step)
    if (event === undefined || !on.has(event)) return undefined
    return { id: `${name}.${position}`, position, event, step }
  }

  private async tell(wanted: Wanted): Promise<void> {
    const { server, call, patience } = this.parts
    const { id, position, event, step } = wanted
    const proposal = await this.proposalOf(step)
    // A log in memory is bounded, and may have dropped the beginning of a long story.
    if (!proposal) return this.bury(wanted, 0, 'its PROPOSAL is kept no longer')
    const message = messageOf({ id, event, server, proposal, step })
    const onAttempt = (attempt: number, answer: Answer) => this.tellOf(wanted, attempt, answer)
    const end = await deliver(message, { call, patience, onAttempt }, this.ending.signal)
    if (end === undefined) return
    if (end.isTaken) await this.save({ position })
    else await this.bury(wanted, end.attempts, end.reason)
  }

  private async proposalOf(step: NewsFrame): Promise<NewsFrame | undefined> {
    if (step.type === 'PROPOSAL') return step
    const streams = [{ stream: chainOf(step.proposal_id), after: 0 }]
    const { items } = await this.parts.log.page({ streams, from: 'earliest', ...page, limit: 1 })
    const [first]: NewsFrame[] = items.map(({ news }) => JSON.parse(news))
    return first?.type === 'PROPOSAL' ? first : undefined
  }

  private tellOf({ event, position }: Wanted, attempt: number, answer: Answer): void {
    const details = { hook: this.parts.name, event, position, attempt }
    if (answer.kind === 'taken') this.parts.report('hook-called', details)
    else this.parts.report('hook-failed', { ...details, reason: answer.reason })
  }

  private tellOfFault(fault: unknown): void {
    // A log that failed is closed at once, also under those who read.
    if (this.ending.signal.aborted) return
    const { name, report } = this.parts
    report('fault', { type: `hook ${name}`, stack: String(fault) })
    // What caused it may be there for long: the next look is at the next wake, not at once.
    this.isWoken = false
  }

  private async bury(wanted: Wanted, attempts: number, reason: string): Promise<void> {
    const { name, now, report } = this.parts
    const { id, position, event, step } = wanted
    const { proposal_id } = step
    const letter: DeadLetter = { id, position, proposal_id, event, attempts, at: now(), reason }
    const dead = [...this.state.dead, letter]
    const dropped = dead.length > deadLettersMost ? dead.shift()?.id : undefined
    report('hook-dead', { hook: name, event, id, attempts, reason, dropped })
    await this.save({ position, dead })
  }

  private async save(changed: Partial<HookState>): Promise<void> {
    this.state = { ...this.state, ...changed }
    await this.parts.states.write(this.parts.name, this.state)
  }
}
