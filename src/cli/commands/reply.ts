// `agentchat reply`: answers a message where it was said.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, readWord, value } from '../command.ts'
import { enterAsGuest, withChat } from '../connect.ts'
import { contentOf } from '../content.ts'
import { Failure } from '../failure.ts'
import { sendingFlags, sendLetter } from '../sending.ts'
import { parseMessageId, parseTarget } from '../values.ts'

export const reply = command({
  args: '<msg_id> [text...]',
  doc: 'Answer a message: in its channel, or to who wrote it.',
  flags: {
    to: value('WHERE', 'where the message was, if it cannot be found', parseTarget),
    ...sendingFlags,
  },
  examples: ["agentchat reply m48217 'port 6667' --to '#general'"],
  async run(run, { to, ...values }) {
    const [id = '', ...words] = run.args
    const inReplyTo = readWord(parseMessageId, id)
    const content = await contentOf(words, run)
    await withChat(run, { shared: true }, async (chat, link) => {
      const place = to === undefined ? await placeOf(run, chat, inReplyTo) : { target: to }
      await enterAsGuest(link, place.target)
      await sendLetter(run, chat, { ...place, content, inReplyTo, values })
    })
  },
})

/** Where to answer a message, and in which thread. @throws Failure when it is not found */
async function placeOf({ signal }: Run, chat: AgentChat, id: string) {
  const { message } = await chat.request('GET_MESSAGE', { msg_id: id }, { signal })
  const { from, to, thread } = message ?? { from: undefined, to: undefined, thread: undefined }
  if (typeof from !== 'string' || typeof to !== 'string') {
    throw new Failure({
      code: 'MESSAGE_NOT_FOUND',
      message: `The message ${id} is not among those that you can read.`,
      hint: `Say where it was: agentchat reply ${id} --to '#general'`,
      exit: 'refused',
    })
  }
  const target = to.startsWith('#') || from === chat.id ? to : from
  return { target, thread: typeof thread === 'string' ? thread : undefined }
}
