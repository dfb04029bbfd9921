// The node: joins the log, the world and the outbox. What comes in is ordered; what is durable goes out.

import type { Outcome } from '../core/context.ts'
import type { Draft, Entry, SessionId } from '../core/entry.ts'
import { consult, execute, refusalOutcome } from '../core/execute.ts'
import { allProposals } from '../core/proposal-streams.ts'
import { isAwaited } from '../core/receipts.ts'
import { freeze, thaw } from '../core/snapshot.ts'
import { noteDue } from '../core/tick.ts'
import { createWorld, type World } from '../core/world.ts'
import type { Follower, Log } from '../log/port.ts'
import { Refusal } from '../protocol/errors.ts'
import type { NoteFields, NoteType } from '../protocol/frames.ts'
import type { Clock } from './clock.ts'
import type { Outbox } from './outbound/outbox.ts'
import { Reader } from './outbound/reader.ts'
import type { Report } from './report.ts'
import type { ServerIdentity } from './server-key.ts'

export interface NodeParts {
  readonly log: Log<Outcome>
  readonly outbox: Outbox
  readonly clock: Clock
  readonly report: Report
  readonly identity: ServerIdentity
  readonly configuration: NoteFields<'CONFIGURED'>
  /** Called when news of a proposal is durable; absent where nobody wants to know. */
  readonly onProposalNews?: (() => void) | undefined
}

/** What a connection asks for, decoded and prepared. */
export interface Asked {
  readonly type: string
  readonly session: SessionId
  readonly ref: string | undefined
  readonly fields: object
}

/** Entries after which the world is frozen anew. */
const entriesPerSnapshot = 10_000

export class Node implements Follower<Outcome> {
  world: World = createWorld()
  private readonly parts: NodeParts
  private readonly reader: Reader
  private live = false
  private frozenAt = 0

  constructor(parts: NodeParts) {
    this.parts = parts
    this.reader = new Reader({
      ...parts,
      onHeard: (session, position) => this.heard(session, position),
    })
  }

  /** Brings the world up to the end of the log, and closes the sessions that ended with the last process. */
  async start(): Promise<void> {
    await this.parts.log.start(this)
    this.parts.clock.startAfter(this.world.now)
    this.live = true
    this.frozenAt = this.world.position
    for (const session of [...this.world.sessions.keys()]) this.note('SESSION_CLOSED', { session })
    this.note('CONFIGURED', this.parts.configuration)
  }

  /** Has a command executed in its place in the order. */
  submit(asked: Asked): void {
    this.parts.log.append(this.draft(asked))
  }

  /** Answers a query, or passes on a signal, behind everything that was executed before. */
  consult(asked: Asked): void {
    const draft = this.draft(asked)
    this.parts.log.pass(this.guarded(draft, () => consult(this.world, draft)))
  }

  /** Says no at the edge, in order with all other answers to the session. */
  refuse(asked: Asked, refusal: Refusal): void {
    const { code } = refusal
    this.parts.report('refused', { code, type: asked.type })
    this.parts.log.pass(refusalOutcome(this.draft(asked), refusal))
  }

  /** Lets something told by the edge itself through, in order. */
  pass(outcome: Outcome): void {
    this.parts.log.pass(outcome)
  }

  /** Appends what a node notes by itself. */
  note<T extends NoteType>(
    type: T,
    fields: NoteFields<T>,
    by?: { session: SessionId; ref?: string },
  ): void {
    const now = this.parts.clock.stamp()
    this.parts.log.append({ type, session: null, fields: { ...fields }, now, ...by })
  }

  /** Notes what the passing of time does, and freezes the world now and then. */
  async tick(): Promise<void> {
    noteDue(this.world, this.parts.clock.now(), (type, fields) => this.note(type, fields))
    if (this.world.position - this.frozenAt >= entriesPerSnapshot) await this.freeze()
  }

  /** Stores the world, so that the next start need not execute all entries again. */
  async freeze(): Promise<void> {
    if (this.world.position === this.frozenAt) return
    const { position } = this.world
    await this.parts.log.freeze(position, freeze(this.world))
    this.frozenAt = position
    this.parts.report('snapshot-taken', { position })
  }

  thaw(text: string | undefined): void {
    if (text !== undefined) this.world = thaw(text)
  }

  execute(entry: Entry): Outcome {
    if (this.live) return this.executeLive(entry)
    const outcome = execute(this.world, entry)
    if (outcome.accepted) return outcome
    throw new Error(`Entry ${entry.position} was accepted once and is refused now.`)
  }

  release(outcomes: readonly Outcome[]): void {
    const { outbox, onProposalNews } = this.parts
    for (const { told, reading } of outcomes) {
      for (const one of told) outbox.add(one)
      if (!reading) continue
      outbox.flush()
      this.reader.read(reading)
    }
    outbox.flush()
    if (onProposalNews && outcomes.some(isProposalNews)) onProposalNews()
  }

  /** An agent that was away has been told what was for it: whoever sent it wants to know. */
  private heard(session: SessionId, position: number): void {
    const agent = this.world.sessions.get(session)?.agent
    if (agent !== undefined && isAwaited(this.world, agent, position)) {
      this.note('HEARD', { agent, position })
    }
  }

  private draft({ type, session, ref, fields }: Asked): Draft {
    const now = this.parts.clock.stamp()
    const draft = { type, session, fields: fields as Draft['fields'], now } // decoded: a plain record
    return ref === undefined ? draft : { ...draft, ref }
  }

  private executeLive(entry: Entry): Outcome {
    const outcome = this.guarded(entry, () => execute(this.world, entry))
    if (outcome.accepted && entry.type === 'SESSION_OPENED') {
      this.parts.report('session-opened', { id: entry.session ?? undefined })
    }
    return outcome
  }

  /** A fault of ours is loud, and costs one frame, not the server. */
  private guarded(draft: Draft, work: () => Outcome): Outcome {
    try {
      return work()
    } catch (fault) {
      this.parts.report('fault', { type: draft.type, stack: stackOf(fault) })
      return refusalOutcome(
        draft,
        new Refusal('INTERNAL', 'A fault of the server; nothing was done.', {}),
      )
    }
  }
}

function isProposalNews({ kept }: Outcome): boolean {
  return kept?.streams.includes(allProposals) === true
}

function stackOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
}
