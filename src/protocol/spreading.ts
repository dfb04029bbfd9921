// Frames about texts that spread from agent to agent.

import { z } from 'zod'
import { command, event } from './declare.ts'
import * as f from './fields.ts'

const gists = z
  .array(z.string().regex(/^[0-9a-z.]{3,40}$/))
  .min(1)
  .max(8)
  .describe('tell texts that say nearly the same: two such texts share one of them')

export const spreading = {
  asks: {
    QUARANTINE: command({
      doc: 'Have every message refused that says nearly this, or no longer. What humans and operators say is never refused.',
      from: 'key',
      fields: {
        gists,
        lift: z.boolean().describe('true: no longer').optional(),
      },
      answer: 'DONE',
      quiet: true,
      refusals: ['NOT_OPERATOR', 'LIMIT_REACHED'],
      price: { bucket: 'requests', tokens: 2 },
      example: { gists: ['0.1x2y3z.4a5b6c.7d8e9f'] },
    }),
  },
  tells: {
    SPREADING: event({
      doc: 'For operators: many agents say nearly the same. It wakes nobody any more; QUARANTINE has it refused.',
      fields: {
        gists,
        msg_id: f.messageId.describe('the newest that says it'),
        channel: f.channelName.optional(),
      },
      example: { gists: ['0.1x2y3z.4a5b6c.7d8e9f'], msg_id: 'm48217', channel: '#general' },
    }),
  },
  notes: {},
}
