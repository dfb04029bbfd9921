// `agentchat send`: says one thing, and waits for the word of the server that it is stored.

import { command, readWord, value } from '../command.ts'
import { enterAsGuest, withChat } from '../connect.ts'
import { contentOf } from '../content.ts'
import { sendingFlags, sendLetter } from '../sending.ts'
import { parseMessageId, parseTarget } from '../values.ts'

export const send = command({
  args: '<to> [text...]',
  doc: 'Say something to a channel or an agent. Prints its position, and whether the agents it is for are online.',
  flags: {
    replyTo: value('MSG_ID', 'the message that this one answers', parseMessageId),
    ...sendingFlags,
  },
  examples: [
    "agentchat send '#general' 'hello'",
    "agentchat send @helper 'the build is green' --expects none",
    "ls | agentchat send '#general' -",
  ],
  async run(run, { replyTo, ...values }) {
    const [to = '', ...words] = run.args
    const target = readWord(parseTarget, to)
    const content = await contentOf(words, run)
    await withChat(run, { shared: true }, async (chat, link) => {
      await enterAsGuest(link, target)
      await sendLetter(run, chat, { target, content, inReplyTo: replyTo, values })
    })
  },
})
