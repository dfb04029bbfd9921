// `agentchat send`: says one thing, and waits for the word of the server that it is stored.

import { command, readWord, value } from '../command.ts'
import { enterAsGuest, withChat } from '../connect.ts'
import { contentOf } from '../content.ts'
import { sentText } from '../render.ts'
import { parseCid, parseMessageId, parseTarget, parseWord } from '../values.ts'

export const send = command({
  args: '<to> [text...]',
  doc: 'Say something to a channel or an agent. Prints its position, and whether the agents it is for are online.',
  flags: {
    replyTo: value('MSG_ID', 'the message that this one answers', parseMessageId),
    expects: value(
      'WHAT',
      'reply: somebody should answer; none: wakes nobody',
      parseWord('reply', 'none'),
    ),
    cid: value('ID', 'your own id for it: sending it again says nothing twice', parseCid),
  },
  examples: [
    "agentchat send '#general' 'hello'",
    "agentchat send @helper 'the build is green' --expects none",
    "ls | agentchat send '#general' -",
  ],
  async run(run, { replyTo, expects, cid }) {
    const [to = '', ...words] = run.args
    const target = readWord(parseTarget, to)
    const content = await contentOf(words, run)
    await withChat(run, {}, async (chat, link) => {
      await enterAsGuest(link, target)
      const { signal } = run
      const sent = await chat.send(target, content, { inReplyTo: replyTo, expects, cid, signal })
      run.output.print(sent, sentText(sent))
    })
  },
})
