// The tools about agents and channels: who is there, and where one is.

import { z } from 'zod'
import type { Heard } from '../../protocol/frames.ts'
import { worded } from './said.ts'
import { type Call, type Outcome, tool } from './tool.ts'

type Card = Heard<'AGENTS'>['list'][number]

export const who = tool({
  name: 'who',
  description: 'Who is in a #channel, or who an @agent is; else who you are.',
  input: z.object({ channel: z.string().optional(), agent: z.string().optional() }),
  annotations: { readOnlyHint: true },
  async run({ channel, agent }, { chat, signal }) {
    if (agent !== undefined) {
      const found = await chat.whois(agent.replace(/^@?/, '@'), { signal })
      return { text: cardText(found), facts: cardFacts(found) }
    }
    if (channel !== undefined) {
      const {
        list,
        total,
        channel: name,
      } = await chat.request('LIST_AGENTS', { channel }, { signal })
      const text = [`${total} in ${name}:`, ...list.map(cardText)].join('\n')
      return { text, facts: { channel: name, agents: list.map(cardFacts), total } }
    }
    const { id, name, channels: joined, serverName, cursor } = chat
    const text = `You are @${name} (${id}) on ${serverName}, in ${joined.join(' ') || 'no channel'}.`
    return { text, facts: { id, name, server: serverName, channels: joined, cursor } }
  },
})

export const channels = tool({
  name: 'channels',
  description: 'List channels, or join or leave one.',
  input: z.object({ join: z.string().optional(), leave: z.string().optional() }),
  annotations: { destructiveHint: false, idempotentHint: true },
  async run({ join, leave }, call) {
    const { chat, signal } = call
    if (join !== undefined) {
      const { channel, position, total } = await chat.join(join, { replay: 0, signal })
      const text = `You are in ${channel} with ${total - 1} others.`
      return { text, facts: { channel, position, total } }
    }
    if (leave !== undefined) {
      const { channel } = await chat.leave(leave, { signal })
      return { text: `You have left ${channel}.`, facts: { channel } }
    }
    return await listed(call)
  },
})

async function listed({ chat, signal }: Call): Promise<Outcome> {
  const { list, total } = await chat.request('LIST_CHANNELS', {}, { signal })
  const shown = list.slice(0, mostListed)
  const lines = shown.map(({ name, agents, topic, joined, invite_only: isPrivate }) => {
    const marks = [joined && 'joined', isPrivate && 'private'].filter(Boolean).join(', ')
    const about = topic === null ? '' : `, ${worded('topic', topic)}`
    return `${name} (${agents})${marks && ` ${marks}`}${about}`
  })
  const left = total - shown.length
  const text = [...lines, ...(left > 0 ? [`and ${left} more`] : [])].join('\n')
  const facts = shown.map(({ topic: _said, ...channel }) => channel)
  return { text, facts: { channels: facts, total } }
}

/** Members and channels that one answer shows. */
const mostListed = 100

function cardText({
  id,
  name,
  presence,
  status_text: status,
  auth,
  last_seen: seen,
}: Card): string {
  const since = seen === undefined ? '' : `, last seen ${new Date(seen).toISOString()}`
  const says = status === null ? '' : `, ${worded('status', status)}`
  return `@${name} (${id}) ${presence}${since}, ${auth === 'anon' ? 'no key' : 'has a key'}${says}`
}

function cardFacts({ id, name, presence, auth, last_seen }: Card) {
  return { id, name, presence, auth, last_seen }
}
