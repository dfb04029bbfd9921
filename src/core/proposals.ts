// Proposals: made, answered, completed, disputed and settled. What may happen when is in protocol/proposal-life.ts.

import { refuse } from '../protocol/errors.ts'
import type { AskFields, TellFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { toldAs } from '../protocol/proposal-life.ts'
import type { Context, HandlersOf } from './context.ts'
import { memberChannel } from './membership.ts'
import { proposalCard } from './proposal-cards.ts'
import { takeStep } from './proposal-steps.ts'
import { enterStage, got, held, made, offered, proposalsOf, stageAt } from './proposal-store.ts'
import { chainOf } from './proposal-streams.ts'
import { channelOf, closeOffer, tellParties } from './proposal-telling.ts'
import { propose } from './proposing.ts'
import type { Proposal } from './world.ts'

export const proposals: HandlersOf<'proposals'> = {
  PROPOSAL: propose,
  ACCEPT: (context, frame) => takeStep(context, 'ACCEPT', frame),
  REJECT: (context, frame) => takeStep(context, 'REJECT', frame),
  WITHDRAW: (context, frame) => takeStep(context, 'WITHDRAW', frame),
  FUNDED: (context, frame) => takeStep(context, 'FUNDED', frame),
  COMPLETE: (context, frame) => takeStep(context, 'COMPLETE', frame),
  CONFIRM: (context, frame) => takeStep(context, 'CONFIRM', frame),
  DISPUTE: (context, frame) => takeStep(context, 'DISPUTE', frame),
  SETTLE: (context, frame) => takeStep(context, 'SETTLE', frame),

  LIST_PROPOSALS(context, { before = Infinity, limit = 50, ...wanted }) {
    const matching = listed(context, wanted).filter((one) => isWanted(one, wanted))
    const rest = matching
      .filter(({ position }) => position < before)
      .sort((one, other) => other.position - one.position)
    const list = rest.slice(0, limit)
    const next = rest.length > limit ? (list.at(-1)?.position ?? null) : null
    return { list: list.map(proposalCard), total: matching.length, next }
  },

  GET_PROPOSAL(context, { proposal_id: id }) {
    const proposal = context.world.proposals.get(id)
    if (!proposal || !mayRead(context, proposal)) return refuse('PROPOSAL_NOT_FOUND')
    context.read({
      shape: 'chain',
      proposal: proposalCard(proposal),
      streams: [{ stream: chainOf(id), after: 0 }],
      // The steps and the card are of one moment, also when others are taken before the log is read.
      before: context.position + 1,
      limit: limits.chain_frames,
    })
    return undefined
  },

  PROPOSAL_DUE(context, { proposal_id: id }) {
    const { world, now, position } = context
    const proposal = world.proposals.get(id)
    const to = proposal && stageAt(proposal, now)
    if (!proposal || to === proposal.stage || (to !== 'expired' && to !== 'completed')) {
      context.stored = false
      return
    }

    const { stage: was } = proposal
    enterStage(world, proposal, { stage: to, until: null, now })
    proposal.last = position
    const news = {
      proposal_id: id,
      status: to,
      was: was as TellFields<'TIME_UP'>['was'], // only those have a `pass` in the table of lives
      updated_at: now,
      from: proposal.from,
      to: proposal.to,
      position,
    }
    tellParties(context, 'TIME_UP', { proposal, news })
    if (was === 'pending') closeOffer(context, proposal)
  },
}

type Wanted = Omit<AskFields<'LIST_PROPOSALS'>, 'before' | 'limit'>

function listed({ world, agent }: Context, { channel, role }: Wanted): Proposal[] {
  if (channel !== undefined) {
    return proposalsOf(world, offered(memberChannel(world, agent, channel).stream))
  }
  if (role === 'escrow') return proposalsOf(world, held(agent.id))
  return [
    ...(role === 'recipient' ? [] : proposalsOf(world, made(agent.id))),
    ...(role === 'proposer' ? [] : proposalsOf(world, got(agent.id))),
  ]
}

function isWanted({ id, stage }: Proposal, { status, prefix }: Wanted): boolean {
  if (prefix !== undefined && !id.startsWith(prefix)) return false
  return status === undefined || toldAs[stage].status === status
}

function mayRead({ world, agent }: Context, proposal: Proposal): boolean {
  const { from, to, escrow, stage } = proposal
  if ([from, to, escrow].includes(agent.id)) return true
  return stage === 'pending' && channelOf(world, proposal)?.members.has(agent.id) === true
}
