// All state of the core, as plain records and maps: the whole data model on one page.

import type { Scope } from '../protocol/declare.ts'
import type { AskFields } from '../protocol/frames.ts'
import type { Stage, weightOf } from '../protocol/proposal-life.ts'
import type { Dues } from './dues.ts'
import type { AgentId, ChannelKey, SessionId } from './entry.ts'
import type {
  Budget,
  Caps,
  Claim,
  Configuration,
  Ladder,
  Role,
  Talk,
  Trail,
  Usage,
} from './traffic.ts'

export type Presence = AskFields<'SET_PRESENCE'>['status']
/** How the server knows who speaks. */
export type Auth = 'anon' | 'v0' | 'v1' | 'token'

/** One live connection of an identified agent. */
export interface Session {
  readonly id: SessionId
  readonly agent: AgentId
  readonly version: 'v0' | 'v1'
  /** For one errand: does not make the agent present. */
  readonly brief: boolean
  /** Hash of the token that it was opened with; null where somebody proved a key, or has none. */
  readonly token: string | null
}

/** With it a program that has no key acts for an agent. The secret itself is nowhere on the server. */
export interface Token {
  readonly id: string
  readonly agent: AgentId
  readonly scopes: readonly Scope[]
  readonly label: string | null
  /** Milliseconds since 1970, as is `expiresAt`; null for a token that time does not end. */
  readonly createdAt: number
  readonly expiresAt: number | null
}

export interface Agent {
  readonly id: AgentId
  name: string
  /** Raw public key as base64url; undefined for an agent that lives as long as its connection. */
  readonly key: string | undefined
  auth: Auth
  /** Here without a key for one errand: nobody is told that it comes and goes. */
  readonly isPassing: boolean
  readonly sessions: Set<SessionId>
  /** Those of them that hear nothing: their token does not permit to read. Undefined while there were none. */
  deaf?: Set<SessionId>
  /** The channels it is a member of, each with the position at which it came in. */
  readonly channels: Map<ChannelKey, number>
  /** Channels that it made and that exist. */
  owned: number
  /** Invites that it made and that are open. */
  invites: number
  /** The channels that it is invited to and has not entered yet. */
  readonly invitedTo: Set<ChannelKey>
  /** Everything up to this position has been read. */
  cursor: number
  status: Presence
  statusText: string | null
  /** Milliseconds since 1970 at which its last session ended. */
  lastSeen: number
  /** Until then, milliseconds since 1970, the older login is refused. */
  strictUntil: number
  /** Its owner has permitted the older login. */
  allowsLegacy: boolean
  /** When its older sessions displaced each other lately. */
  readonly takeOvers: number[]
  /** Of its proposals signed up to then, milliseconds since 1970, some are forgotten; undefined while none is. */
  forgottenUntil?: number
  /** Its newest messages that carry a cid, oldest first. */
  readonly cids: Map<string, Sent>
}

/** What a repeated cid is answered with. */
export interface Sent {
  readonly position: number
  /** Tells whether the repeat says the same. */
  readonly digest: string
}

export interface Channel {
  readonly name: string
  /** Names its history; unlike the name it is never used again. */
  readonly stream: string
  readonly inviteOnly: boolean
  topic: string | null
  /** Its maker; undefined for the channels that exist from the start. */
  readonly owner: AgentId | undefined
  readonly operators: Set<AgentId>
  /** Each member with the position at which it came in. */
  readonly members: Map<AgentId, number>
  /** The invited, each with who invited it. */
  readonly invited: Map<AgentId, AgentId>
  /** Position of the newest message; 0 before the first. */
  last: number
}

/** One agent has asked another to prove its key. */
export interface Verification {
  readonly from: AgentId
  readonly target: AgentId
  readonly nonce: string
  readonly until: number
}

/** What proposals weigh that time does not end. */
export type ClosedWeight = Exclude<ReturnType<typeof weightOf>, 'open'>

/** A deal between two agents, as far as it decides what may happen next; what was signed is in the log. */
export interface Proposal {
  readonly id: string
  /** Hash of what the proposer signed. */
  readonly hash: string
  /** How it was signed; version 0 knows no confirmation. */
  readonly version: 'v0' | 'v1'
  readonly from: AgentId
  /** Null for an open offer that nobody has taken. What changes is null where there is nothing: see freeze. */
  to: AgentId | null
  /** Where it is, or was, an open offer; by stream, for the name may be used again. */
  readonly offeredIn: { readonly name: string; readonly stream: string } | undefined
  /** Its first characters. */
  readonly task: string
  readonly amount: string | number | undefined
  readonly currency: string | undefined
  readonly createdAt: number
  /** The time that its signature names; 0 where it names none. */
  readonly signedAt: number
  /** Its place in the log. */
  readonly position: number
  /** How long it may take once it is accepted. */
  readonly dueMs: number
  /** How long a completion may be disputed. */
  readonly confirmMs: number
  stage: Stage
  /** When time moves it on; null where it does not. */
  until: number | null
  updatedAt: number
  /** Position of its newest step. */
  last: number
  /** Its steps: who signed, and the hash of what was signed. */
  readonly steps: { readonly by: AgentId; readonly hash: string }[]
  /** Who says that it is done, while the other has not answered. */
  claimant: AgentId | null
  /** Who has to sign FUNDED before it begins. */
  escrow: AgentId | null
  /** In a dispute, the hash of how it ends in the words of each party. */
  readonly outcomes: Map<AgentId, string>
}

export interface World {
  /** Position of the last entry that was accepted. */
  position: number
  /** Its time, milliseconds since 1970. */
  now: number
  readonly sessions: Map<SessionId, Session>
  readonly agents: Map<AgentId, Agent>
  /** Owned names by skeleton: two names that look alike are one. */
  readonly names: Map<string, AgentId>
  /** Everybody who is called so now, by name in lower case. */
  readonly called: Map<string, Set<AgentId>>
  readonly channels: Map<ChannelKey, Channel>
  /** Channels without members that will be forgotten, each with since when; longest empty first. */
  readonly emptyChannels: Map<ChannelKey, number>
  /** Position of the newest message of each conversation; longest quiet first. */
  readonly conversations: Map<string, number>
  /** By the stream and the id of the message, oldest first. */
  readonly claims: Map<string, Claim>
  /** The keys of each agent's claims, the oldest first; see claim-store.ts. */
  readonly claimsOf: Map<AgentId, Set<string>>
  readonly claimDues: Dues
  /** By the position of the message, oldest first. */
  readonly ladders: Map<number, Ladder>
  readonly ladderDues: Dues
  readonly trails: Map<AgentId, Trail>
  /** By the stream of the thread or the place; longest quiet first. */
  readonly talks: Map<string, Talk>
  /** Budgets that are not full, by whose they are; longest untouched first. See budgets.ts. */
  readonly budgets: Map<string, Budget>
  /** By agent or by the stream of the channel. */
  /** When agents were last woken, by whomever and by each; the oldest first. See charging.ts. */
  readonly wakings: Map<string, number>
  readonly usage: Map<string, Usage>
  readonly caps: Map<string, Caps>
  readonly roles: Map<AgentId, Role>
  /** Who has lately said what each gist stands for; the oldest first. */
  readonly gists: Map<string, { readonly sayers: readonly AgentId[]; readonly at: number }>
  /** Gists of texts that are refused. */
  readonly quarantined: Set<string>
  readonly configuration: Configuration
  /** By request id, soonest to end first. */
  readonly verifications: Map<string, Verification>
  /** Agents with a key and without a session, longest unseen first. */
  readonly unseen: Set<AgentId>
  /** Proposals by id. */
  readonly proposals: Map<string, Proposal>
  /** Ids of proposals by who made them, who got them, and where they are open offers; see proposal-store.ts. */
  readonly dealings: Map<string, Set<string>>
  /** Proposals that time does not end any more, by what they weigh; the longest in it first. */
  readonly closedProposals: { readonly [W in ClosedWeight]: Set<string> }
  /** When time moves proposals on, soonest first: milliseconds since 1970, and the id. */
  readonly proposalDues: Dues
  /** Tokens by the hash of their secret. */
  readonly tokens: Map<string, Token>
  /** The hashes of each agent's tokens, the oldest first. */
  readonly tokensOf: Map<AgentId, Set<string>>
  /** When tokens end, soonest first: milliseconds since 1970, and the hash. */
  readonly tokenDues: Dues
}

const firstChannels = ['#general', '#agents', '#discovery', '#bounties']

/** The world before the first entry. */
export function createWorld(): World {
  return {
    position: 0,
    now: 0,
    sessions: new Map(),
    agents: new Map(),
    names: new Map(),
    called: new Map(),
    channels: new Map(firstChannels.map((name) => [name, createChannel({ name, position: 0 })])),
    emptyChannels: new Map(),
    conversations: new Map(),
    claims: new Map(),
    claimsOf: new Map(),
    claimDues: [],
    ladders: new Map(),
    ladderDues: [],
    trails: new Map(),
    talks: new Map(),
    budgets: new Map(),
    wakings: new Map(),
    usage: new Map(),
    caps: new Map(),
    roles: new Map(),
    gists: new Map(),
    quarantined: new Set(),
    configuration: { operators: [], budgets: null },
    verifications: new Map(),
    unseen: new Set(),
    proposals: new Map(),
    dealings: new Map(),
    closedProposals: { void: new Set(), agreed: new Set(), disputed: new Set() },
    proposalDues: [],
    tokens: new Map(),
    tokensOf: new Map(),
    tokenDues: [],
  }
}

interface ChannelPlan {
  readonly name: string
  /** Where it is made. */
  readonly position: number
  readonly owner?: AgentId
  readonly inviteOnly?: boolean
  readonly topic?: string | undefined
}

export function createChannel(plan: ChannelPlan): Channel {
  return {
    name: plan.name,
    stream: `${plan.name.toLowerCase()}/${plan.position}`,
    inviteOnly: plan.inviteOnly ?? false,
    topic: plan.topic ?? null,
    owner: plan.owner,
    operators: new Set(plan.owner === undefined ? [] : [plan.owner]),
    members: new Map(),
    invited: new Map(),
    last: 0,
  }
}
