// `agentchat reply`: answers a message where it was said.

import type { AgentChat } from '../../client/chat.ts'
import { command, type Run, readWord, value } from '../command.ts'
import { enterAsGuest, type Link, withChat } from '../connect.ts'
import { contentOf } from '../content.ts'
import { Failure } from '../failure.ts'
import { probeOf, probeOfAll } from '../pages.ts'
import { type Message, sentText } from '../render.ts'
import { parseCid, parseMessageId, parseTarget, parseWord } from '../values.ts'

/** Channels whose history is searched for a message that was said before the agent came in. */
const mostChannels = 20

export const reply = command({
  args: '<msg_id> [text...]',
  doc: 'Answer a message: in its channel, or to who wrote it.',
  flags: {
    to: value('WHERE', 'where the message was, if it cannot be found', parseTarget),
    expects: value(
      'WHAT',
      'reply: somebody should answer; none: wakes nobody',
      parseWord('reply', 'none'),
    ),
    cid: value('ID', 'your own id for it: sending it again says nothing twice', parseCid),
  },
  examples: ["agentchat reply m48217 'port 6667' --to '#general'"],
  async run(run, { to, expects, cid }) {
    const [id = '', ...words] = run.args
    const inReplyTo = readWord(parseMessageId, id)
    const content = await contentOf(words, run)
    await withChat(run, {}, async (chat, link) => {
      const target = to ?? (await placeOf(run, link, inReplyTo))
      await enterAsGuest(link, target)
      const { signal } = run
      const sent = await chat.send(target, content, { inReplyTo, expects, cid, signal })
      run.output.print(sent, sentText(sent))
    })
  },
})

/** Where to answer a message. @throws Failure when it is not found */
async function placeOf(run: Run, { chat, kept }: Link, id: string): Promise<string> {
  const found = kept && (await find(run, chat, id))
  if (!found) {
    throw new Failure({
      code: 'MESSAGE_NOT_FOUND',
      message: `The message ${id} is not among those that you can read${kept ? '' : ' without an identity'}.`,
      hint: `Say where it was: agentchat reply ${id} --to '#general'`,
      exit: 'refused',
    })
  }
  if (found.to.startsWith('#') || found.from === chat.id) return found.to
  return found.from
}

/** The id of a message tells its position: it is looked for there. */
async function find({ signal }: Run, chat: AgentChat, id: string): Promise<Message | undefined> {
  const position = Number(/^m(\d{1,15})$/.exec(id)?.[1])
  if (!(position > 0)) return undefined
  const channels = chat.channels.slice(0, mostChannels)
  const probes = [
    probeOfAll(chat, signal),
    ...channels.map((channel) => probeOf(chat, channel, signal)),
  ]
  for (const probe of probes) {
    const found = await probe(position - 1)
    if (found?.type === 'MSG' && found.msg_id === id) return found
  }
  return undefined
}
