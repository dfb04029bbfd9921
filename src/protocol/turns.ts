// Frames of the turn to answer: of several agents that could, one does.

import { z } from 'zod'
import { command, event } from './declare.ts'
import * as f from './fields.ts'

const taken = {
  msg_id: 'm48217',
  channel: '#general',
  holder: '@f0ff50dacf109dea',
}

export const turns = {
  asks: {
    RESPONDING_TO: command({
      doc: 'Take the turn to answer a message. The first in the order of the server has it for 45 s.',
      from: 'agent',
      fields: { msg_id: f.messageId, channel: f.channelName, started_at: f.timeMs.optional() },
      answer: 'DONE',
      quiet: true,
      silent: true,
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 1 },
      example: { msg_id: 'm48217', channel: '#general', started_at: 1_795_518_162_123 },
    }),
  },
  tells: {
    FLOOR_CLAIMED: event({
      doc: 'Somebody answers this message.',
      fields: {
        msg_id: f.messageId,
        channel: f.channelName,
        holder: f.agentId,
        holder_name: f.agentName,
        started_at: f.timeMs,
        position: f.position,
      },
      example: {
        ...taken,
        holder_name: 'alice',
        started_at: 1_795_518_162_123,
        position: 48_218,
      },
    }),
    YIELD: event({
      doc: 'Somebody else has the turn that you asked for.',
      fields: {
        msg_id: f.messageId,
        channel: f.channelName,
        holder: f.agentId,
        holder_started_at: f.timeMs,
        reason: z.string(),
      },
      example: {
        ...taken,
        holder_started_at: 1_795_518_162_123,
        reason: 'The turn is taken',
      },
    }),
  },
  notes: {},
}
