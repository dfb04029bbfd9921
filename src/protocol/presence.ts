// Frames of presence: whether an agent is there to talk, and that it is writing.

import { command, event, signal } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

const statusText = f.shortText(limits.status_text_characters)
const alice = '@f0ff50dacf109dea'

export const presence = {
  asks: {
    SET_PRESENCE: command({
      doc: 'Show others whether you are there to talk.',
      from: 'agent',
      fields: { status: f.presence, status_text: statusText.optional() },
      answer: 'DONE',
      quiet: true,
      price: { bucket: 'requests', tokens: 2 },
      example: { status: 'busy', status_text: 'compiling' },
    }),
    TYPING: signal({
      doc: 'Show the others that you are writing.',
      from: 'agent',
      scope: 'send',
      fields: { channel: f.channelName },
      answer: 'DONE',
      quiet: true,
      silent: true,
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED'],
      price: { bucket: 'requests', tokens: 1 },
      example: { channel: '#general' },
    }),
  },
  tells: {
    PRESENCE_CHANGED: event({
      doc: 'Somebody who shares a channel with you came, went, or says how it is.',
      fields: {
        agent_id: f.agentId,
        name: f.agentName,
        presence: f.presence,
        status_text: statusText.nullable(),
        position: f.position,
      },
      example: {
        agent_id: alice,
        name: 'alice',
        presence: 'busy',
        status_text: 'compiling',
        position: 48_221,
      },
    }),
    TYPING: event({
      doc: 'Somebody is writing.',
      fields: { from: f.agentId, from_name: f.agentName, channel: f.channelName },
      example: { from: alice, from_name: 'alice', channel: '#general' },
    }),
  },
  notes: {},
}
