// Proposals against a model: random steps by anybody at any time come to what the sentences of the issue say.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { life } from '../../src/protocol/proposal-life.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import { verifyBytes } from '../kit/checking.ts'
import { coreTown } from '../kit/core.ts'
import {
  type Agent,
  type Deal,
  DealModel,
  escrowMs,
  type News,
  openUntil,
  type Step,
} from '../kit/deal-model.ts'
import { compare, Real, signerOf, signers, takeStep } from '../kit/deal-real.ts'
import { day, second } from '../kit/deals.ts'

const stepTypes = Object.keys(steps) as StepType[] // the keys of the table
const outcomes = ['half is paid', 'all is paid']

interface Plan {
  readonly by: number
  readonly to: Agent | '#jobs'
  readonly hasAmount: boolean
  readonly expires: number
  readonly due: number | undefined
  readonly confirm: number | undefined
}

class Propose implements fc.AsyncCommand<DealModel, Real> {
  private readonly plan: Plan

  constructor(plan: Plan) {
    this.plan = plan
  }

  check({ deals, members }: DealModel): boolean {
    const { agent } = signerOf(this.plan.by)
    return (
      deals.length < 8 && (this.plan.to === '#jobs' ? members.has(agent) : agent !== this.plan.to)
    )
  }

  async run(model: DealModel, real: Real): Promise<void> {
    const { by, to, hasAmount, expires, due, confirm } = this.plan
    const { agent, version } = signerOf(by)
    const isOffer = to === '#jobs'
    const target = isOffer ? to : real.idOf(to)
    const made = await real.actor(by).proposes(target, `page ${model.deals.length}`, {
      expires,
      ...(hasAmount && { amount: '0.05' }),
      ...(due && { due_seconds: due }),
      ...(confirm && { confirm_seconds: confirm }),
    })
    const isV1 = version === 'v1' // the older wire does not sign these terms
    const deal: Deal = {
      id: made.proposal_id,
      from: agent,
      to: isOffer ? undefined : to,
      isOffer,
      version,
      hasAmount,
      dueMs: isV1 && due ? due * second : 365 * day,
      confirmMs: isV1 && confirm ? confirm * second : day,
      stage: 'pending',
      until: openUntil(model.now, expires),
      escrow: undefined,
      claimant: undefined,
      outcomes: new Map(),
      taken: new Set(),
      hash: made.hash,
      link: made.link,
    }
    model.deals.push(deal)
    await compare(model, real, model.toldOfNew(deal))
  }

  toString(): string {
    return `Propose(${JSON.stringify(this.plan)})`
  }
}

interface Trial {
  readonly deal: number
  readonly by: number
  readonly type: StepType
  readonly outcome: string
  readonly isStale: boolean
}

class Try implements fc.AsyncCommand<DealModel, Real> {
  private readonly trial: Trial

  constructor(trial: Trial) {
    this.trial = trial
  }

  check({ deals }: DealModel): boolean {
    return deals.length > 0
  }

  async run(model: DealModel, real: Real): Promise<void> {
    const { by, type, outcome, isStale } = this.trial
    const deal = dealOf(model, this.trial.deal)
    const link = isStale ? deal.hash : deal.link
    await takeStep(model, real, { deal, step: { type, by: signerOf(by), outcome, link } })
  }

  toString(): string {
    return `Try(${JSON.stringify(this.trial)})`
  }
}

/** One of the steps that are possible now: random trials alone would seldom come far. */
class GoOn implements fc.AsyncCommand<DealModel, Real> {
  private readonly nth: number
  private readonly choice: number

  constructor(nth: number, choice: number) {
    this.nth = nth
    this.choice = choice
  }

  check(model: DealModel): boolean {
    return model.deals.length > 0 && this.possible(model).length > 0
  }

  async run(model: DealModel, real: Real): Promise<void> {
    const possible = this.possible(model)
    const step = possible[this.choice % possible.length]
    if (step) await takeStep(model, real, { deal: dealOf(model, this.nth), step })
  }

  private possible(model: DealModel): Step[] {
    const deal = dealOf(model, this.nth)
    const all = stepTypes.flatMap((type) =>
      signers.flatMap((by) => outcomes.map((outcome) => ({ type, by, outcome, link: deal.link }))),
    )
    return all.filter((step) => 'verb' in model.verdict(deal, step))
  }

  toString(): string {
    return `GoOn(${this.nth}, ${this.choice})`
  }
}

/** Anything else that happens: time, membership, restarts. */
class Happen implements fc.AsyncCommand<DealModel, Real> {
  private readonly what:
    | { readonly ms: number; readonly isNoted: boolean }
    | { readonly moves: number }
    | 'freeze'
    | 'restart'

  constructor(what: Happen['what']) {
    this.what = what
  }

  check(): boolean {
    return true
  }

  async run(model: DealModel, real: Real): Promise<void> {
    await compare(model, real, await this.happen(model, real))
  }

  private async happen(model: DealModel, real: Real): Promise<News[]> {
    const { what } = this
    if (what === 'freeze') real.town.driver.takeSnapshot()
    else if (what === 'restart') {
      await real.town.restart()
      await real.arrive()
    } else if ('ms' in what) {
      if (what.isNoted) await real.town.clock.advance(what.ms)
      else real.town.driver.elapse(what.ms)
      model.now = real.town.clock.now()
      return what.isNoted ? model.pass() : []
    } else {
      const { agent } = signerOf(what.moves)
      const isMember = model.members.has(agent)
      await real.actor(what.moves).asks(isMember ? 'LEAVE' : 'JOIN', { channel: '#jobs' })
      if (isMember) model.members.delete(agent)
      else model.members.add(agent)
    }
    return []
  }

  toString(): string {
    return `Happen(${JSON.stringify(this.what)})`
  }
}

/** The newest deals are the likelier ones. */
function dealOf({ deals }: DealModel, nth: number): Deal {
  const deal = deals[deals.length - 1 - (nth % deals.length)]
  if (!deal) throw new Error('There is a deal.')
  return deal
}

const by = fc.nat(signers.length - 1)
const maybe = (seconds: number) => fc.constantFrom(undefined, seconds)
/** None is a whole number of seconds, so that no time ends just now. */
const waits = [1_007, 31_007, 61_007, escrowMs + 7, 3_601_007, day + 1_007, 91 * day + 7]
const commands: fc.Arbitrary<fc.AsyncCommand<DealModel, Real>>[] = [
  fc
    .record({
      by,
      to: fc.constantFrom<Plan['to']>('alice', 'bob', 'olga', 'trent', '#jobs', '#jobs'),
      hasAmount: fc.boolean(),
      expires: fc.constantFrom(0, 60, 3_600, 200 * 86_400),
      due: maybe(120),
      confirm: maybe(30),
    })
    .map((plan) => new Propose(plan)),
  fc
    .record({
      deal: fc.nat(7),
      by,
      type: fc.constantFrom(...stepTypes),
      outcome: fc.constantFrom(...outcomes),
      isStale: fc.boolean(),
    })
    .map((trial) => new Try(trial)),
  ...[0, 1].map(() =>
    fc.tuple(fc.nat(3), fc.nat(60)).map(([nth, choice]) => new GoOn(nth, choice)),
  ),
  fc
    .oneof(
      {
        weight: 5,
        arbitrary: fc.record({ ms: fc.constantFrom(...waits), isNoted: fc.boolean() }),
      },
      { weight: 2, arbitrary: by.map((moves) => ({ moves })) },
      { weight: 2, arbitrary: fc.constantFrom('freeze' as const, 'restart' as const) },
    )
    .map((what) => new Happen(what)),
]

/** A town in which everybody is there, and what the model knows of it. */
async function beginning(reached: Set<string>): Promise<{ model: DealModel; real: Real }> {
  const town = await coreTown()
  const real = new Real(town)
  await real.arrive()
  const [alice, , bob, olga] = real.actors
  await alice?.creates('#jobs')
  for (const actor of [bob, olga]) await actor?.join('#jobs')
  town.driver.escrow = { agent: real.idOf('trent'), timeoutMs: escrowMs }
  return { model: new DealModel(town.clock.now(), reached), real }
}

/** Whoever made a deal can show all of it, signed step by step, when no step came over the older wire. */
async function checkChains({ model, real }: { model: DealModel; real: Real }): Promise<void> {
  for (const { id, from, link } of model.deals) {
    const maker = real.actor(signers.findIndex(({ agent }) => agent === from))
    const { chain, proposal } = await maker.asks('GET_PROPOSAL', { proposal_id: id })
    expect(proposal.link).toBe(link)
    if (chain.some((frame) => frame.sig_version === 'v0')) continue
    expect(verifyBytes(real.town.driver, chain)).toEqual({ faults: [], link })
  }
}

// A failure prints the seed and the path that repeat it, and the shortest list of commands that fails.
test('any steps by anybody at any time, over restarts, come to what the model says', async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (list) => {
      const setup = await beginning(reached)
      await fc.asyncModelRun(() => setup, list)
      await checkChains(setup)
    }),
    { numRuns: 250, seed: 20_251_124 },
  )
  const table = Object.entries(life).flatMap(([stage, moves]) =>
    Object.keys(moves).map((verb) => `${stage} ${verb}`),
  )
  expect([...reached].sort()).toEqual(table.sort())
})
