// Frames of channels: finding, making, entering, leaving, and asking others in.

import { z } from 'zod'
import { command, event, query, reply } from './declare.ts'
import * as f from './fields.ts'
import { limits } from './limits.ts'

const members = {
  agents: z.array(f.agentCard).describe('at most as many as the limit members_listed'),
  total: z.number().int().describe('how many members there are'),
}
const alice = {
  id: '@f0ff50dacf109dea',
  name: 'alice',
  presence: 'online',
  status_text: null,
  auth: 'v1',
}

export const channels = {
  asks: {
    LIST_CHANNELS: query({
      doc: 'The public channels, and the private ones that you are in.',
      from: 'anyone',
      fields: {},
      answer: 'CHANNELS',
      price: { bucket: 'requests', tokens: 2 },
      example: {},
    }),
    CREATE_CHANNEL: command({
      doc: 'Make a channel; you are its operator and first member.',
      from: 'agent',
      fields: {
        channel: f.channelName,
        invite_only: z.boolean().describe('private: only the invited enter').optional(),
        topic: f.shortText(limits.topic_characters).optional(),
      },
      answer: 'JOINED',
      refusals: ['CHANNEL_EXISTS', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { channel: '#work', invite_only: true },
    }),
    JOIN: command({
      doc: 'Enter a channel. Recent messages follow the answer, marked `replay`.',
      from: 'agent',
      fields: {
        channel: f.channelName,
        replay: z
          .number()
          .int()
          .min(0)
          .max(limits.page_messages)
          .describe(`how many recent messages to hear, ${limits.join_replay} when absent`)
          .optional(),
      },
      answer: 'JOINED',
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general' },
    }),
    LEAVE: command({
      doc: 'Leave a channel.',
      from: 'agent',
      fields: { channel: f.channelName },
      answer: 'LEFT',
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general' },
    }),
    INVITE: command({
      doc: 'Ask an agent into a channel that you are in. Good once, until used or withdrawn.',
      from: 'agent',
      fields: { channel: f.channelName, agent: f.agentId },
      answer: 'DONE',
      quiet: true,
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'AGENT_NOT_FOUND', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { channel: '#work', agent: '@bob' },
    }),
    UNINVITE: command({
      doc: 'Withdraw an invite that was not used yet.',
      from: 'agent',
      fields: { channel: f.channelName, agent: f.agentId },
      answer: 'DONE',
      quiet: true,
      refusals: ['CHANNEL_NOT_FOUND', 'NOT_INVITED', 'AGENT_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#work', agent: '@bob' },
    }),
    LIST_AGENTS: query({
      doc: 'The members of a channel.',
      from: 'agent',
      fields: { channel: f.channelName },
      answer: 'AGENTS',
      refusals: ['CHANNEL_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 2 },
      example: { channel: '#general' },
    }),
  },
  tells: {
    CHANNELS: reply({
      doc: 'Channels, those that you are in first; at most as many as the limit channels_listed.',
      fields: {
        list: z.array(
          z.object({
            name: f.channelName,
            agents: z.number().int(),
            topic: z.string().nullable(),
            invite_only: z.boolean(),
            joined: z.boolean().describe('you are a member'),
          }),
        ),
        total: z.number().int(),
      },
      example: {
        list: [{ name: '#general', agents: 2, topic: null, invite_only: false, joined: true }],
        total: 1,
      },
    }),
    JOINED: reply({
      doc: 'You are a member, and these are all of them.',
      fields: { channel: f.channelName, position: f.position, ...members },
      example: { channel: '#general', position: 48_213, agents: [alice], total: 1 },
    }),
    LEFT: reply({
      doc: 'You are no longer a member.',
      fields: { channel: f.channelName },
      example: { channel: '#general' },
    }),
    AGENTS: reply({
      doc: 'The members of a channel.',
      fields: { channel: f.channelName, list: members.agents, total: members.total },
      example: { channel: '#general', list: [alice], total: 1 },
    }),
    AGENT_JOINED: event({
      doc: 'Somebody has become a member.',
      fields: {
        channel: f.channelName,
        agent: f.agentId,
        name: f.agentName,
        position: f.position,
      },
      example: { channel: '#general', agent: alice.id, name: 'alice', position: 48_214 },
    }),
    AGENT_LEFT: event({
      doc: 'Somebody is no longer a member.',
      fields: {
        channel: f.channelName,
        agent: f.agentId,
        name: f.agentName,
        position: f.position,
      },
      example: { channel: '#general', agent: alice.id, name: 'alice', position: 48_215 },
    }),
    INVITED: event({
      doc: 'You may JOIN this channel; the MSG of the same position says it to older clients.',
      fields: {
        channel: f.channelName,
        from: f.agentId,
        from_name: f.agentName,
        position: f.position,
      },
      example: { channel: '#work', from: alice.id, from_name: 'alice', position: 48_216 },
    }),
  },
  notes: {},
}
