// What is true of every world, whatever happened in it: the records agree with each other and keep their bounds.

import { channelAudience } from '../../src/core/audience.ts'
import type { Agent, Channel, World } from '../../src/core/world.ts'
import { limits } from '../../src/protocol/limits.ts'
import { isEphemeralId, skeleton } from '../../src/protocol/names.ts'
import { checkProposals } from './deal-invariants.ts'

/** What is wrong with a world; an empty list when nothing is. */
export function worldFaults(world: World): string[] {
  const faults: string[] = []
  const hold = (truth: boolean, what: string) => {
    if (!truth) faults.push(what)
  }
  for (const agent of world.agents.values()) checkAgent(world, agent, hold)
  for (const [key, channel] of world.channels) checkChannel(world, key, channel, hold)
  checkNames(world, hold)
  checkWaiting(world, hold)
  checkTokens(world, hold)
  checkProposals(world, hold)
  return faults
}

type Hold = (truth: boolean, what: string) => void

function checkAgent(world: World, agent: Agent, hold: Hold): void {
  const { id, sessions } = agent
  for (const session of sessions) {
    hold(world.sessions.get(session)?.agent === id, `${session} is not a session of ${id}`)
  }
  for (const [key, since] of agent.channels) {
    hold(world.channels.get(key)?.members.get(id) === since, `${id} is no member of ${key}`)
  }
  for (const key of agent.invitedTo) {
    hold(world.channels.get(key)?.invited.has(id) === true, `${id} is not invited to ${key}`)
  }
  hold(agent.key !== undefined || sessions.size > 0, `${id} has no key and outlived its sessions`)
  hold(world.unseen.has(id) === (sessions.size === 0), `${id} is wrongly seen or unseen`)
  hold(agent.cursor <= world.position, `the cursor of ${id} is ahead of the log`)
  const channels = [...world.channels.values()]
  const owned = channels.filter(({ owner }) => owner === id).length
  const invites = channels.flatMap(({ invited }) => [...invited.values()])
  const made = invites.filter((inviter) => inviter === id).length
  hold(agent.owned >= 0 && agent.owned <= owned, `${id} owns ${owned}, not ${agent.owned}`)
  hold(agent.invites >= 0 && agent.invites <= made, `${id} made ${made}, not ${agent.invites}`)
  hold(sessions.size <= limits.sessions_per_agent, `${id} has too many sessions`)
  hold(agent.channels.size <= limits.channels_per_agent, `${id} is in too many channels`)
  hold(agent.owned <= limits.channels_owned, `${id} owns too many channels`)
  hold(agent.invites <= limits.open_invites, `${id} has too many open invites`)
  hold(agent.cids.size <= limits.cids_remembered, `${id} has too many cids`)
  hold(agent.takeOvers.length <= limits.take_overs_a_minute, `${id} has too many take-overs`)
}

function checkChannel(world: World, key: string, channel: Channel, hold: Hold): void {
  hold(channel.name.toLowerCase() === key, `${channel.name} is kept as ${key}`)
  hold(channel.last <= world.position, `${key} is ahead of the log`)
  for (const [id, since] of channel.members) {
    hold(world.agents.get(id)?.channels.get(key) === since, `${key} has a member ${id} too many`)
    hold(!channel.invited.has(id), `${id} is a member of ${key} and invited`)
  }
  for (const id of channel.invited.keys()) {
    hold(
      world.agents.get(id)?.invitedTo.has(key) === true,
      `${key} has an invite of ${id} too many`,
    )
  }
  const sessions = [...channel.members.keys()].flatMap((id) => {
    const { sessions, deaf } = world.agents.get(id) ?? { sessions: [] }
    return [...sessions].filter((session) => !deaf?.has(session))
  })
  const audience = [...channelAudience(world, channel)]
  hold(
    JSON.stringify(audience.sort()) === JSON.stringify(sessions.sort()),
    `the audience of ${key} is not its members'`,
  )
  const { owner, members } = channel
  const mayGo = members.size === 0 && owner !== undefined && isEphemeralId(owner)
  hold(world.emptyChannels.has(key) === mayGo, `${key} is wrongly kept or marked as empty`)
}

function checkNames(world: World, hold: Hold): void {
  const agents = [...world.agents.values()]
  for (const { id, name, key } of agents) {
    hold(name !== '', `${id} has no name`)
    hold(world.called.get(name.toLowerCase())?.has(id) === true, `${id} is not called ${name}`)
    const owner = world.names.get(skeleton(name))
    hold(key === undefined || owner === id, `${id} does not own ${name}`)
  }
  const withKey = agents.filter(({ key }) => key !== undefined).length
  const called = [...world.called.values()].reduce((sum, ids) => sum + ids.size, 0)
  hold(world.names.size === withKey, 'a name is owned by nobody')
  hold(called === agents.length, 'somebody is called by two names')
}

/** Each claim is its holder's, and an agent holds and remembers no more than it may. */
function checkClaims({ claims, claimsOf, agents }: World, hold: Hold): void {
  const listed = [...claimsOf].flatMap(([holder, keys]) => {
    const own = [...keys].map((key) => claims.get(key))
    const open = own.filter((claim) => claim?.answer === null)
    hold(agents.has(holder), `a claim of ${holder} outlived it`)
    hold(
      own.every((claim) => claim?.holder === holder),
      `a claim of ${holder} is not its own`,
    )
    hold(open.length <= limits.open_claims, `${holder} holds too many claims`)
    hold(own.length - open.length <= limits.open_claims, `${holder} remembers too many answers`)
    return [...keys]
  })
  hold(listed.length === claims.size, "a claim is nobody's")
}

/** What is kept of agents and channels goes with them. */
function checkUse({ agents, channels, usage, caps, roles }: World, hold: Hold): void {
  const streams = new Set([...channels.values()].map(({ stream }) => stream))
  for (const key of [...usage.keys(), ...caps.keys(), ...roles.keys()]) {
    hold(agents.has(key) || streams.has(key), `${key} is gone, and what it used is not`)
  }
}

/** Each ladder is on its sender's trail, and each that expires is due. */
function checkLadders(world: World, hold: Hold): void {
  hold(world.ladders.size <= limits.ladders, 'there are too many ladders')
  const sent = [...world.trails.values()].flatMap((trail) => trail.sent)
  const known = [...world.ladders.keys()]
  const rising = (places: readonly number[]) => [...places].sort((one, other) => one - other)
  hold(JSON.stringify(rising(sent)) === JSON.stringify(rising(known)), 'ladders and trails differ')
  for (const { rungs, answer } of world.ladders.values()) {
    hold(rungs.size <= limits.rungs, 'a ladder has too many rungs')
    hold(answer !== null || ![...rungs.values()].some((rung) => rung.answer), 'an answer is lost')
  }
  for (const [, id] of world.ladderDues) hold(world.ladders.has(Number(id)), 'a due has no ladder')
  for (const id of world.trails.keys()) hold(world.agents.has(id), 'a trail has no agent')
}

/** Each token is its agent's, and ends when it is said to; sessions of tokens that are gone are gone. */
function checkTokens({ tokens, tokensOf, tokenDues, ...world }: World, hold: Hold): void {
  const listed = [...tokensOf].flatMap(([agent, hashes]) => {
    hold(world.agents.has(agent), `a token of ${agent} outlived it`)
    hold(hashes.size > 0 && hashes.size <= limits.tokens_per_agent, `${agent} has too many tokens`)
    return [...hashes].map((hash) => `${agent} ${hash}`)
  })
  const kept = [...tokens].map(([hash, { agent }]) => `${agent} ${hash}`)
  hold(listed.sort().join() === kept.sort().join(), 'tokens and their agents differ')
  const ends = [...tokens].flatMap(([hash, { expiresAt }]) =>
    expiresAt === null ? [] : [`${expiresAt} ${hash}`],
  )
  const dues = tokenDues.map(([until, hash]) => `${until} ${hash}`)
  hold(ends.sort().join() === dues.sort().join(), 'tokens and their dues differ')
  for (const { id, agent, token } of world.sessions.values()) {
    if (!token) continue
    hold(tokens.get(token)?.agent === agent, `${id} outlived its token`)
    const mayRead = tokens.get(token)?.scopes.includes('read') === true
    hold(world.agents.get(agent)?.deaf?.has(id) !== mayRead, `${id} hears what it may not`)
  }
}

/** What waits for its time is kept in the order in which it falls due. */
function checkWaiting(world: World, hold: Hold): void {
  const rises = (times: number[]) =>
    times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0))
  for (const dues of [world.claimDues, world.ladderDues, world.proposalDues, world.tokenDues]) {
    hold(rises(dues.map(([until]) => until)), 'dues are out of order')
  }
  checkClaims(world, hold)
  const dueClaims = [...world.claims].map(([key, { until }]) => `${until} ${key}`).sort()
  hold(
    JSON.stringify(dueClaims) ===
      JSON.stringify(world.claimDues.map(([until, key]) => `${until} ${key}`).sort()),
    'claims and their dues differ',
  )
  checkLadders(world, hold)
  checkUse(world, hold)
  hold(
    rises([...world.verifications.values()].map(({ until }) => until)),
    'verifications are out of order',
  )
  hold(rises([...world.emptyChannels.values()]), 'empty channels are out of order')
  const seen = [...world.unseen].map((id) => world.agents.get(id)?.lastSeen ?? 0)
  hold(rises(seen), 'agents unseen are out of order')
  hold(world.claims.size <= limits.claims, 'there are too many claims')
  hold(world.talks.size <= limits.talks, 'there are too many talks')
  hold(world.budgets.size <= limits.budgets, 'there are too many budgets')
  hold(world.agents.size <= limits.agents_known, 'there are too many agents')
  hold(world.channels.size <= limits.channels, 'there are too many channels')
  hold(world.emptyChannels.size <= limits.empty_channels, 'there are too many empty channels')
  hold(world.conversations.size <= limits.conversations_remembered, 'too many conversations')
  for (const [id, { agent }] of world.sessions) {
    hold(world.agents.get(agent)?.sessions.has(id) === true, `${id} is nobody's session`)
  }
}
