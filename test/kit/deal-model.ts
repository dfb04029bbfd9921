// What should become of proposals, in the words of their issue; knows neither the core nor its table of lives.

import type { Stage, Verb } from '../../src/protocol/proposal-life.ts'
import type { StepType } from '../../src/protocol/proposal-steps.ts'
import { day, second } from './deals.ts'

export type Agent = 'alice' | 'bob' | 'olga' | 'mallory' | 'trent'

/** Who acts, over which wire. */
export interface Signer {
  readonly agent: Agent
  readonly version: 'v0' | 'v1'
}

export interface Deal {
  readonly id: string
  readonly from: Agent
  /** Undefined for an open offer that nobody has taken. */
  to: Agent | undefined
  readonly isOffer: boolean
  readonly version: 'v0' | 'v1'
  readonly hasAmount: boolean
  readonly dueMs: number
  readonly confirmMs: number
  stage: Stage
  until: number | undefined
  escrow: Agent | undefined
  claimant: Agent | undefined
  readonly outcomes: Map<Agent, string>
  /** Each step that was taken, as what makes it the same one. */
  readonly taken: Set<string>
  /** Hashes: of the proposal, and of its newest step. */
  readonly hash: string
  link: string
}

export interface Step {
  readonly type: StepType
  readonly by: Signer
  readonly outcome: string
  /** The hash of the step that it names. */
  readonly link: string
}

/** What comes of a step. */
export type Verdict =
  | { readonly refused: string }
  | { readonly repeat: true }
  | { readonly verb: Verb; readonly to: Stage }

/** A frame that is told, and to whom. */
export interface News {
  readonly word: string
  readonly to: ReadonlySet<Agent>
}

export const escrowMs = 600 * second
const older: readonly StepType[] = ['ACCEPT', 'REJECT', 'COMPLETE', 'DISPUTE']

export class DealModel {
  readonly deals: Deal[] = []
  readonly members = new Set<Agent>(['alice', 'bob', 'olga'])
  /** Each stage and verb that was seen. */
  readonly reached: Set<string>
  now: number

  constructor(now: number, reached: Set<string>) {
    this.now = now
    this.reached = reached
  }

  /** What the step comes to, where the proposal stands now. */
  verdict(deal: Deal, step: Step): Verdict {
    const { by, type, link } = step
    if (by.version === 'v0' && !older.includes(type)) return { refused: 'V1_REQUIRED' }
    if (deal.taken.has(this.nameOf(step))) return { repeat: true }
    const now = { ...deal, stage: this.stageNow(deal) }
    const verdict = this.fromOutside(deal, step) ?? tooLate(now) ?? ruleOf[type](now, step)
    if ('verb' in verdict && by.version === 'v1' && link !== deal.link) {
      return { refused: 'PROPOSAL_CHANGED' }
    }
    return verdict
  }

  /** Who has no part in it is told nothing of where it stands, but may take what is offered to its channel. */
  private fromOutside(deal: Deal, { by: { agent }, type }: Step): Verdict | undefined {
    if ([deal.from, deal.to, deal.escrow].includes(agent)) return undefined
    const isReader = deal.isOffer && this.members.has(agent)
    if (type === 'ACCEPT' && isReader) {
      if (deal.to === undefined) return undefined
      return { refused: 'PROPOSAL_NOT_PENDING' }
    }
    if (type === 'ACCEPT' || type === 'REJECT') return { refused: 'NOT_PROPOSAL_RECIPIENT' }
    if (type === 'WITHDRAW') return { refused: 'NOT_PROPOSAL_PROPOSER' }
    return { refused: type === 'FUNDED' ? 'NOT_PROPOSAL_ESCROW' : 'NOT_PROPOSAL_PARTY' }
  }

  /** Takes a step that is not refused. @returns what is told, in order */
  take(deal: Deal, step: Step, { verb, to }: { verb: Verb; to: Stage }): News[] {
    const was = deal.stage
    const { agent } = step.by
    this.reached.add(`${was} ${verb}`)
    if (step.type === 'ACCEPT') deal.to = agent
    if (verb === 'hold') deal.escrow = 'trent'
    if (verb === 'claim' || verb === 'finish') deal.claimant = agent
    if (verb === 'dispute') deal.claimant = undefined
    if (step.type === 'SETTLE') deal.outcomes.set(agent, step.outcome)
    deal.stage = to
    deal.until = this.endOf(deal)
    deal.taken.add(this.nameOf(step))
    return this.toldOf(deal, step.type, was)
  }

  /** Where it stands, also when nobody has noted yet that its time is over. */
  private stageNow({ stage, until = Infinity }: Deal): Stage {
    if (until > this.now) return stage
    return stage === 'claimed' ? 'completed' : 'expired'
  }

  /** What the passing of time does by now, the soonest first. */
  pass(): News[] {
    const due = this.deals.filter(({ until = Infinity }) => until < this.now)
    due.sort((one, other) => (one.until ?? 0) - (other.until ?? 0))
    return due.flatMap((deal) => {
      const was = deal.stage
      this.reached.add(`${was} pass`)
      deal.stage = this.stageNow(deal)
      deal.until = undefined
      return this.toldOf(deal, 'TIME_UP', was)
    })
  }

  /** Who hears that a proposal was made. */
  toldOfNew({ id, from, to, isOffer }: Deal): News[] {
    const hearers = isOffer ? [...this.members] : to === undefined ? [] : [to]
    return [{ word: `PROPOSAL ${id} pending`, to: new Set([from, ...hearers]) }]
  }

  private toldOf(deal: Deal, type: StepType | 'TIME_UP', was: Stage): News[] {
    const { id, from, to, escrow } = deal
    const hearers = [from, to, escrow].filter((one) => one !== undefined)
    const news = [{ word: `${type} ${id} ${statusOf(deal)}`, to: new Set(hearers) }]
    if (!deal.isOffer || was !== 'pending') return news
    return [...news, { word: `OFFER_CLOSED ${id} ${statusOf(deal)}`, to: new Set(this.members) }]
  }

  private endOf({ stage, dueMs, confirmMs }: Deal): number | undefined {
    if (stage === 'awaiting_escrow') return this.now + escrowMs
    if (stage === 'accepted') return this.now + dueMs
    return stage === 'claimed' ? this.now + confirmMs : undefined
  }

  /** Two steps are the same when the same agent has signed the same bytes. */
  private nameOf({ type, by: { agent, version }, outcome, link }: Step): string {
    if (version === 'v0') return `${agent} ${type}`
    return `${agent} ${type} ${type === 'SETTLE' ? outcome : ''} ${link} ${this.now}`
  }
}

type Rule = (deal: Deal, step: Step) => Verdict

const isParty = ({ from, to }: Deal, { by }: Step) => by.agent === from || by.agent === to

/** What each step needs, and where it leads. */
const ruleOf: { readonly [T in StepType]: Rule } = {
  ACCEPT(deal, { by }) {
    const { stage, from, to, hasAmount } = deal
    if (stage !== 'pending') return { refused: 'PROPOSAL_NOT_PENDING' }
    const mayTake = to === undefined ? by.agent !== from : by.agent === to
    if (!mayTake) return { refused: 'NOT_PROPOSAL_RECIPIENT' }
    return hasAmount ? { verb: 'hold', to: 'awaiting_escrow' } : { verb: 'accept', to: 'accepted' }
  },
  REJECT({ stage, to }, { by }) {
    if (stage !== 'pending') return { refused: 'PROPOSAL_NOT_PENDING' }
    if (by.agent !== to) return { refused: 'NOT_PROPOSAL_RECIPIENT' }
    return { verb: 'reject', to: 'rejected' }
  },
  WITHDRAW({ stage, from }, { by }) {
    if (stage !== 'pending') return { refused: 'PROPOSAL_NOT_PENDING' }
    if (by.agent !== from) return { refused: 'NOT_PROPOSAL_PROPOSER' }
    return { verb: 'withdraw', to: 'withdrawn' }
  },
  FUNDED({ stage, escrow }, { by }) {
    if (stage !== 'awaiting_escrow') return { refused: 'PROPOSAL_NOT_HELD' }
    if (by.agent !== escrow) return { refused: 'NOT_PROPOSAL_ESCROW' }
    return { verb: 'fund', to: 'accepted' }
  },
  COMPLETE(deal, step) {
    if (deal.stage === 'claimed') return ruleOf.CONFIRM(deal, step)
    if (deal.stage !== 'accepted') return { refused: 'PROPOSAL_NOT_ACCEPTED' }
    if (!isParty(deal, step)) return { refused: 'NOT_PROPOSAL_PARTY' }
    const isAtOnce = deal.version === 'v0'
    return isAtOnce ? { verb: 'finish', to: 'completed' } : { verb: 'claim', to: 'claimed' }
  },
  CONFIRM(deal, step) {
    if (deal.stage !== 'claimed') return { refused: 'PROPOSAL_NOT_CLAIMED' }
    if (!isParty(deal, step)) return { refused: 'NOT_PROPOSAL_PARTY' }
    if (step.by.agent === deal.claimant) return { refused: 'NOT_PROPOSAL_COUNTERPARTY' }
    return { verb: 'confirm', to: 'completed' }
  },
  DISPUTE(deal, step) {
    const isUnderWay = deal.stage === 'accepted' || deal.stage === 'claimed'
    if (!isUnderWay) return { refused: 'PROPOSAL_NOT_ACCEPTED' }
    if (!isParty(deal, step)) return { refused: 'NOT_PROPOSAL_PARTY' }
    return { verb: 'dispute', to: 'disputed' }
  },
  SETTLE(deal, step) {
    if (deal.stage !== 'disputed') return { refused: 'PROPOSAL_NOT_DISPUTED' }
    if (!isParty(deal, step)) return { refused: 'NOT_PROPOSAL_PARTY' }
    const said = [...deal.outcomes].filter(([agent]) => agent !== step.by.agent)
    const agrees = said.some(([, outcome]) => outcome === step.outcome)
    return agrees ? { verb: 'agree', to: 'settled' } : { verb: 'suggest', to: 'disputed' }
  },
}

function tooLate({ stage }: Deal): Verdict | undefined {
  return stage === 'expired' ? { refused: 'PROPOSAL_EXPIRED' } : undefined
}

/** The word that clients are told. */
export function statusOf({ stage }: Deal): string {
  return stage === 'claimed' || stage === 'awaiting_escrow' ? 'accepted' : stage
}

/** When a proposal ends that nobody answers; without a word of its own after 90 days. */
export function openUntil(now: number, seconds: number): number {
  return now + (seconds === 0 ? 90 * day : seconds * second)
}
