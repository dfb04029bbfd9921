// The real side of the model of proposals: a town with a session for each signer, compared after each command.

import { expect } from 'vitest'
import { life, type Stage } from '../../src/protocol/proposal-life.ts'
import type { Actor } from './actor.ts'
import type { CoreDriver } from './core.ts'
import {
  type Agent,
  type Deal,
  type DealModel,
  type News,
  type Signer,
  type Step,
  statusOf,
} from './deal-model.ts'
import { dealNews, recordOf } from './deals.ts'
import { worldFaults } from './invariants.ts'
import type { Town } from './town.ts'

/** Alice has both wires: what she did over one is done over the other. */
export const signers: readonly Signer[] = [
  { agent: 'alice', version: 'v1' },
  { agent: 'alice', version: 'v0' },
  { agent: 'bob', version: 'v1' },
  { agent: 'olga', version: 'v0' },
  { agent: 'mallory', version: 'v1' },
  { agent: 'trent', version: 'v1' },
]

/** The real thing: a town with one session for each signer. */
export class Real {
  readonly town: Town<CoreDriver>
  readonly stages = new Map<string, Stage>()
  actors: Actor[] = []

  constructor(town: Town<CoreDriver>) {
    this.town = town
  }

  async arrive(): Promise<void> {
    const actors: Actor[] = []
    for (const { agent, version } of signers) {
      const actor = await this.town.keyed(agent, { version })
      if (agent === 'alice' && version === 'v1') await actor.asks('ALLOW_LEGACY', { allow: true })
      actors.push(actor)
    }
    for (const actor of actors) await actor.heardSoFar()
    this.actors = actors
  }

  /** What the server calls an agent. */
  idOf(agent: Agent): string {
    return this.actor(signers.findIndex((one) => one.agent === agent)).id
  }

  actor(signer: number): Actor {
    const actor = this.actors[signer]
    if (!actor) throw new Error('There is an actor for each signer.')
    return actor
  }
}

/** After each command: the same stages, nothing told but what should be, and every change is one of the table. */
export async function compare(model: DealModel, real: Real, news: readonly News[]): Promise<void> {
  for (const [index, { agent }] of signers.entries()) {
    const heard = (await dealNews(real.actor(index))).map((frame) => {
      const { type, proposal_id: id, status } = frame as typeof frame & Record<string, unknown>
      return `${type} ${id} ${status}`
    })
    const due = news.filter(({ to }) => to.has(agent)).map(({ word }) => word)
    // What falls due in one millisecond has no order that the model knows of.
    expect([agent, heard.sort()]).toEqual([agent, due.sort()])
  }
  for (const deal of model.deals) {
    const { stage, to, until } = recordOf(real.town, deal.id)
    const taker = deal.to === undefined ? null : real.idOf(deal.to)
    expect([stage, to]).toEqual([deal.stage, taker])
    expect(until === null ? undefined : Math.floor(until)).toBe(deal.until)
    const before = real.stages.get(deal.id)
    if (before !== undefined && before !== stage) {
      expect(Object.values(life[before]).map((move) => move.to)).toContain(stage)
    }
    real.stages.set(deal.id, stage)
  }
  expect(worldFaults(real.town.driver.world)).toEqual([])
}

export function signerOf(index: number): Signer {
  const signer = signers[index]
  if (!signer) throw new Error('A signer is one of the list.')
  return signer
}

/** A step by anybody, named behind the newest one or, when it is stale, behind the proposal itself. */
export async function takeStep(
  model: DealModel,
  real: Real,
  { deal, step }: { deal: Deal; step: Step },
) {
  const { type, by, outcome, link } = step
  const actor = real.actor(signers.indexOf(by))
  const standing = { proposal_id: deal.id, hash: deal.hash, link }
  const own = type === 'SETTLE' ? { outcome } : type === 'DISPUTE' ? { reason: 'late' } : {}
  const verdict = model.verdict(deal, step)
  const answer = await actor.tries(type, {
    ...own,
    ...actor.signedStep(type, standing, own),
  } as never)
  const news = 'verb' in verdict ? model.take(deal, step, verdict) : []
  if ('refused' in verdict) {
    const { code, message } = answer as typeof answer & Record<string, unknown>
    expect(code === 'INVALID_PROPOSAL' ? message : code).toBe(verdict.refused)
  } else {
    const state = answer as typeof answer & Record<string, unknown>
    expect([state.status, state.repeat ?? false]).toEqual([statusOf(deal), 'repeat' in verdict])
    deal.link = String(state.link)
  }
  await compare(model, real, news)
}
