// Large worlds, built cheaply: records put in place without the entries that would have led to them.

import { audienceChanged } from '../../src/core/audience.ts'
import { keepClaim } from '../../src/core/claim-store.ts'
import type { AgentId } from '../../src/core/entry.ts'
import { addProposal, enterStage } from '../../src/core/proposal-store.ts'
import { type Agent, createChannel, type Proposal, type World } from '../../src/core/world.ts'
import { foldChannel } from '../../src/protocol/names.ts'

export interface WorldFiller {
  /** Agents with a key that are not connected. */
  agents(count: number): AgentId[]
  /** Channels with these members. */
  channels(count: number, members: readonly AgentId[]): void
  /** Puts agents into a channel. */
  members(channel: string, ids: readonly AgentId[]): void
  /** Invites of one agent to agents that are made for it. */
  invites(count: number, plan: { channel: string; from: AgentId }): void
  /** Claims of one agent that nobody knows, all over in a moment. */
  claims(count: number): void
  /** Proposals between agents, who need not be there: open, or withdrawn at once. */
  proposals(count: number, plan?: { from?: AgentId; to?: AgentId; isOver?: boolean }): string[]
}

export function fillWorld(world: World): WorldFiller {
  const filler: WorldFiller = {
    agents(count) {
      return Array.from({ length: count }, () => {
        const id = `@${world.agents.size.toString(16).padStart(16, '0')}`
        world.agents.set(id, absentAgent(id))
        return id
      })
    },
    channels(count, members) {
      for (let made = 0; made < count; made++) {
        const name = `#made-${world.channels.size}`
        world.channels.set(name, createChannel({ name, position: 0 }))
        filler.members(name, members)
      }
    },
    members(name, ids) {
      const key = foldChannel(name)
      const channel = world.channels.get(key)
      if (!channel) throw new Error(`There is no ${name}.`)
      for (const id of ids) {
        channel.members.set(id, world.position)
        world.agents.get(id)?.channels.set(key, world.position)
      }
      audienceChanged(channel)
    },
    invites(count, { channel: name, from }) {
      const key = foldChannel(name)
      const inviter = world.agents.get(from)
      const channel = world.channels.get(key)
      if (!inviter || !channel) throw new Error(`${from} or ${name} is not there.`)
      for (const id of filler.agents(count)) {
        channel.invited.set(id, from)
        world.agents.get(id)?.invitedTo.add(key)
        inviter.invites += 1
      }
    },
    claims(count) {
      const { now: since } = world
      const stream = '#made/0'
      for (let nth = 0; nth < count; nth++) {
        const said = { stream, messageId: `made-${nth}` }
        const holder = { holder: '@made', session: 'made', fence: 0 }
        keepClaim(world, { ...said, ...holder, since, until: since + 1, answer: null })
      }
    },
    proposals(count, { from = '@from', to = '@to', isOver = false } = {}) {
      return Array.from({ length: count }, (_, nth) => {
        const id = `made-${world.proposals.size}-${nth}`
        const proposal = pendingProposal({ id, from, to, now: world.now + nth / count })
        addProposal(world, proposal)
        const over = { stage: 'withdrawn', until: null, now: proposal.createdAt } as const
        if (isOver) enterStage(world, proposal, over)
        return id
      })
    },
  }
  return filler
}

function pendingProposal({
  id,
  from,
  to,
  now,
}: {
  id: string
  from: AgentId
  to: AgentId
  now: number
}): Proposal {
  return {
    id,
    hash: 'h'.repeat(43),
    version: 'v1',
    from,
    to,
    offeredIn: undefined,
    task: 'translate',
    amount: undefined,
    currency: undefined,
    createdAt: now,
    signedAt: 0,
    position: 0,
    dueMs: 1,
    confirmMs: 1,
    stage: 'pending',
    until: now + 1_000_000,
    updatedAt: now,
    last: 0,
    steps: [],
    claimant: null,
    escrow: null,
    outcomes: new Map(),
  }
}

function absentAgent(id: AgentId): Agent {
  return {
    id,
    name: `made-${id.slice(-8)}`,
    key: 'A'.repeat(43),
    auth: 'v1',
    isPassing: false,
    sessions: new Set(),
    channels: new Map(),
    owned: 0,
    invites: 0,
    invitedTo: new Set(),
    cursor: 0,
    status: 'online',
    statusText: null,
    lastSeen: 1,
    strictUntil: 0,
    allowsLegacy: false,
    takeOvers: [],
    cids: new Map(),
  }
}
