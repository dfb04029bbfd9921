// What is true of the proposals of every world: the records agree with each other and keep their bounds.

import { got, held, made, offered, stageAt } from '../../src/core/proposal-store.ts'
import type { Proposal, World } from '../../src/core/world.ts'
import { limits } from '../../src/protocol/limits.ts'
import { isOpen, life, weightOf } from '../../src/protocol/proposal-life.ts'

type Hold = (truth: boolean, what: string) => void

export function checkProposals(world: World, hold: Hold): void {
  for (const [id, proposal] of world.proposals) {
    hold(proposal.id === id, `${proposal.id} is kept as ${id}`)
    checkParties(proposal, hold)
    checkRecord(world, proposal, hold)
    checkPlaces(world, proposal, hold)
  }
  checkDealings(world, hold)
  checkDues(world, hold)
  checkClosed(world, hold)
  hold(world.proposals.size <= limits.proposals, 'there are too many proposals')
}

/** Whose stages have nobody yet who has taken it. */
const untaken = ['pending', 'withdrawn', 'expired']

function checkParties(proposal: Proposal, hold: Hold): void {
  const { id, from, to, offeredIn, stage, claimant, escrow, outcomes } = proposal
  const parties = [from, to]
  hold(from !== to, `${id} is made to who made it`)
  hold(to !== null || (offeredIn !== undefined && untaken.includes(stage)), `${id} is nobody's`)
  hold(claimant === null || parties.includes(claimant), `${id} is claimed by a stranger`)
  const isClaimed = stage === 'claimed' || stage === 'completed'
  hold((claimant !== null) === isClaimed, `${id} is ${stage}, and claimed by ${claimant}`)
  hold(stage !== 'awaiting_escrow' || escrow !== null, `${id} waits for no escrow`)
  for (const agent of outcomes.keys()) {
    hold(parties.includes(agent), `${agent} settles ${id}`)
    hold(stage === 'disputed' || stage === 'settled', `${id} is ${stage}, and was settled`)
  }
  const agreed = outcomes.size === 2 && new Set(outcomes.values()).size === 1
  hold((stage === 'settled') === agreed, `${id} is ${stage}, and its parties say otherwise`)
}

function checkRecord({ position, now }: World, proposal: Proposal, hold: Hold): void {
  const { id, hash, steps, stage, until, last, createdAt, updatedAt } = proposal
  hold(
    steps.every((step) => step.hash !== hash),
    `${id} is a step of itself`,
  )
  for (const party of new Set(steps.map(({ by }) => by))) {
    const own = steps.filter(({ by }) => by === party)
    // The last may agree to how a dispute ends.
    hold(own.length <= limits.proposal_steps + 1, `${id} has too many steps of ${party}`)
  }
  hold(steps.length < limits.chain_frames, `${id} has too many steps`)
  const names = new Set(steps.map(({ by, hash: of }) => `${by} ${of}`))
  hold(names.size === steps.length, `${id} has taken a step twice`)
  hold(isOpen(stage) === (until !== null), `${id} is ${stage} until ${until}`)
  hold(proposal.position <= last && last <= position, `${id} is ahead of the log`)
  hold(createdAt <= updatedAt && updatedAt <= now, `${id} is ahead of its time`)
  hold(Object.hasOwn(life, stage), `${id} is in no stage`)
}

function checkPlaces({ dealings }: World, proposal: Proposal, hold: Hold): void {
  const { id, from, to, offeredIn, stage } = proposal
  const isIn = (key: string) => dealings.get(key)?.has(id) === true
  const ofMaker = isIn(made(from))
  const ofRecipient = to !== null && isIn(got(to))
  hold(ofMaker || ofRecipient, `${id} is listed by nobody`)
  if (isOpen(stage)) {
    hold(ofMaker && (to === null || ofRecipient), `${id} is open, and not listed by both`)
  }
  if (!offeredIn) return
  hold(isIn(offered(offeredIn.stream)) === (stage === 'pending'), `${id} is wrongly on offer`)
}

function checkDealings({ proposals, dealings, now }: World, hold: Hold): void {
  for (const [key, ids] of dealings) {
    hold(ids.size > 0, `${key} is empty`)
    const listed = [...ids].flatMap((id) => proposals.get(id) ?? [])
    hold(listed.length === ids.size, `${key} lists what is gone`)
    for (const proposal of listed) {
      hold(keysOf(proposal).includes(key), `${key} lists ${proposal.id}`)
    }
    for (const weight of ['void', 'agreed', 'disputed']) {
      const alike = listed.filter(({ stage }) => weightOf(stage) === weight)
      hold(alike.length <= limits.closed_proposals, `${key} lists too many that are ${weight}`)
    }
    if (key.startsWith('made '))
      checkOpen(
        key,
        listed.filter((one) => isOpen(stageAt(one, now))),
        hold,
      )
  }
}

function keysOf({ from, to, offeredIn, escrow, stage }: Proposal): string[] {
  return [
    made(from),
    ...(to === null ? [] : [got(to)]),
    ...(offeredIn ? [offered(offeredIn.stream)] : []),
    ...(escrow !== null && stage === 'awaiting_escrow' ? [held(escrow)] : []),
  ]
}

/** @param open those whose time is not over, whether or not that was noted */
function checkOpen(key: string, open: readonly Proposal[], hold: Hold): void {
  hold(open.length <= limits.open_proposals, `${key} has too many that are open`)
  const direct = open.filter(({ offeredIn }) => !offeredIn)
  for (const { to } of direct) {
    const alike = direct.filter((one) => one.to === to)
    hold(alike.length <= limits.open_proposals_to_one, `${key} has too many to ${to}`)
  }
}

/** Exactly those that time moves on, soonest first. */
function checkDues({ proposals, proposalDues }: World, hold: Hold): void {
  const waiting = [...proposals.values()].flatMap(({ until, id }) =>
    until === null ? [] : [[until, id] as const],
  )
  waiting.sort(([one, a], [other, b]) => one - other || (a < b ? -1 : 1))
  const same = JSON.stringify(waiting) === JSON.stringify(proposalDues)
  hold(same, 'what is due is not what waits, in its order')
}

/** Exactly those that time does not end any more, by weight, the longest in it first. */
function checkClosed({ proposals, closedProposals }: World, hold: Hold): void {
  for (const [weight, ids] of Object.entries(closedProposals)) {
    const alike = [...proposals.values()].filter(({ stage }) => weightOf(stage) === weight)
    alike.sort((one, other) => one.updatedAt - other.updatedAt)
    const expected = alike.map(({ id }) => id)
    const same = JSON.stringify(expected) === JSON.stringify([...ids])
    hold(same, `what is ${weight} is not kept so, in its order`)
  }
}
