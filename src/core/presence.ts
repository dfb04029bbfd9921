// Whether agents are there to talk: counted from live sessions, never believed.

import { neighbours, otherMembers } from './audience.ts'
import { presenceOf } from './cards.ts'
import type { Context, HandlersOf } from './context.ts'
import { memberChannel } from './membership.ts'
import type { Agent } from './world.ts'

export const presence: HandlersOf<'presence'> = {
  SET_PRESENCE(context, { status, status_text }) {
    const { agent } = context
    const text = status_text || null

    if (agent.status === status && agent.statusText === text) {
      context.stored = false
      return {}
    }
    agent.status = status
    agent.statusText = text
    tellPresence(context, agent)
    return {}
  },

  TYPING(context, { channel: name }) {
    const { world, agent } = context
    const channel = memberChannel(world, agent, name)

    context.tell(otherMembers(world, channel, agent), 'TYPING', {
      from: agent.id,
      from_name: agent.name,
      channel: channel.name,
    })
    return {}
  },
}

/** Tells everybody who shares a channel with the agent, once each. */
export function tellPresence(context: Context, agent: Agent): void {
  const { world, position } = context
  context.tell(neighbours(world, agent), 'PRESENCE_CHANGED', {
    agent_id: agent.id,
    name: agent.name,
    presence: presenceOf(world, agent),
    status_text: agent.statusText,
    position,
  })
}
