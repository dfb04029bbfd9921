// Frames of reading what matters: what was addressed to an agent, what asks for an answer, and how much else there is.

import { z } from 'zod'
import { query, reply } from './declare.ts'
import * as f from './fields.ts'
import { keptTypes } from './kept.ts'

const message = z.object({ type: z.enum(keptTypes), ts: f.timeMs }).loose()

export const unread = {
  asks: {
    UNREAD: query({
      doc: 'Read what matters among what you have not read: addressed to you, then questions, then threads you take part in. All else is counted. Moves nothing.',
      from: 'key',
      fields: {
        after: f.position.describe('your cursor when absent').optional(),
        before: f.position.describe('only what is earlier; everything when absent').optional(),
      },
      answer: 'UNREAD_PAGE',
      price: { bucket: 'requests', tokens: 3 },
      example: { after: 48_213 },
    }),
    GET_MESSAGE: query({
      doc: 'Read one message by its id, wherever it was said that you can read.',
      from: 'agent',
      fields: { msg_id: f.messageId },
      answer: 'MESSAGE',
      price: { bucket: 'requests', tokens: 2 },
      example: { msg_id: 'm48217' },
    }),
  },
  tells: {
    UNREAD_PAGE: reply({
      doc: 'What matters after one position and up to another, each piece once, and the count of everything.',
      fields: {
        after: f.position,
        position: f.position.describe('the page is about everything up to here'),
        addressed: z
          .array(message)
          .describe(
            'direct messages, mentions, answers to you and news of your proposals: all there are up to `position`',
          ),
        answered: z
          .array(z.object({ msg_id: f.messageId, by: f.agentId, answer: f.messageId }))
          .describe('which of `addressed` somebody, perhaps you, has answered already'),
        questions: z
          .array(message)
          .describe('that others asked a channel of yours with `expects: reply`, the earliest'),
        threads: z
          .array(message)
          .describe('of others in threads that you have spoken in, the earliest'),
        places: z
          .array(z.object({ channel: f.channelName, unread: z.number().int() }))
          .describe('messages of others in each channel up to `position`, those above among them'),
        later: z.number().int().describe('pieces of news of others after `position`'),
        forgotten: f.position.describe('up to here retention has removed messages').optional(),
      },
      example: {
        after: 48_213,
        position: 48_290,
        addressed: [],
        answered: [],
        questions: [],
        threads: [],
        places: [{ channel: '#general', unread: 12 }],
        later: 0,
      },
    }),
    MESSAGE: reply({
      doc: 'The message, or null where there is none that you can read.',
      fields: { message: message.nullable() },
      example: { message: null },
    }),
  },
  notes: {},
}
