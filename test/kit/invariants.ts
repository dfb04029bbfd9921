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
  const sessions = [...channel.members.keys()].flatMap((id) => [
    ...(world.agents.get(id)?.sessions ?? []),
  ])
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

/** What waits for its time is kept in the order in which it falls due. */
function checkWaiting(world: World, hold: Hold): void {
  const rises = (times: number[]) =>
    times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0))
  hold(rises([...world.turns.values()].map(({ until }) => until)), 'turns are out of order')
  hold(
    rises([...world.verifications.values()].map(({ until }) => until)),
    'verifications are out of order',
  )
  hold(rises([...world.emptyChannels.values()]), 'empty channels are out of order')
  const seen = [...world.unseen].map((id) => world.agents.get(id)?.lastSeen ?? 0)
  hold(rises(seen), 'agents unseen are out of order')
  hold(world.turns.size <= limits.turns, 'there are too many turns')
  hold(world.agents.size <= limits.agents_known, 'there are too many agents')
  hold(world.channels.size <= limits.channels, 'there are too many channels')
  hold(world.emptyChannels.size <= limits.empty_channels, 'there are too many empty channels')
  hold(world.conversations.size <= limits.conversations_remembered, 'too many conversations')
  for (const [id, { agent }] of world.sessions) {
    hold(world.agents.get(agent)?.sessions.has(id) === true, `${id} is nobody's session`)
  }
}
