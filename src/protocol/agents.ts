// Frames about agents: who they are and how they are called.

import { z } from 'zod'
import { command, event, query, reply } from './declare.ts'
import * as f from './fields.ts'

const id = '@f0ff50dacf109dea'

export const agents = {
  asks: {
    WHOIS: query({
      doc: 'Who an agent is: its id, key and presence.',
      from: 'agent',
      fields: { agent: f.agentId },
      answer: 'AGENT',
      refusals: ['AGENT_NOT_FOUND'],
      price: { bucket: 'requests', tokens: 1 },
      example: { agent: '@alice' },
    }),
    SET_NICK: command({
      doc: 'Be called otherwise. With a key the name is yours alone.',
      from: 'agent',
      scope: 'key',
      fields: { nick: f.agentName },
      answer: 'DONE',
      quiet: true,
      refusals: ['INVALID_NAME', 'RATE_LIMITED'],
      price: { bucket: 'requests', tokens: 10 },
      example: { nick: 'alice' },
    }),
    ALLOW_LEGACY: command({
      doc: 'Let your key log in the older way again, or no longer.',
      from: 'key',
      fields: { allow: z.boolean() },
      answer: 'DONE',
      refusals: ['V1_REQUIRED'],
      price: { bucket: 'requests', tokens: 5 },
      example: { allow: true },
    }),
  },
  tells: {
    AGENT: reply({
      doc: 'Who an agent is.',
      fields: {
        ...f.agentCard.shape,
        key: f.rawKey.optional(),
        pubkey: f.pem.optional(),
        fingerprint: z.string().describe('SHA-256 of the PEM, hex digits').optional(),
      },
      example: { id, name: 'alice', presence: 'online', status_text: null, auth: 'v1' },
    }),
    NICK_CHANGED: event({
      doc: 'Somebody, maybe you, is called otherwise now.',
      fields: {
        agent_id: f.agentId,
        old_nick: f.agentName,
        new_nick: f.agentName,
        position: f.position,
      },
      example: { agent_id: id, old_nick: 'al', new_nick: 'alice', position: 48_220 },
    }),
  },
  notes: {},
}
