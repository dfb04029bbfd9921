// `agentchat ask`: sends a question and waits, within bounds, for its answer.

import type { Heard } from '../../protocol/frames.ts'
import { command, readWord, value } from '../command.ts'
import { enterAsGuest, throwEnding, withChat } from '../connect.ts'
import { contentOf } from '../content.ts'
import { Failure } from '../failure.ts'
import { messageRows } from '../messages.ts'
import { type Message, sentText } from '../render.ts'
import { within } from '../signals.ts'
import { parseCid, parseDuration, parseTarget } from '../values.ts'

const defaultWaitMs = 120_000

export const ask = command({
  args: '<to> [text...]',
  doc: 'Send a question, wait for the first answer to it, and print that. Exit code 4 when none came.',
  flags: {
    timeout: value('DUR', 'how long to wait for the answer (2m)', parseDuration),
    cid: value('ID', 'your own id for it: asking again says nothing twice', parseCid),
  },
  examples: ["agentchat ask @helper 'which port?' --timeout 30s"],
  async run(run, { timeout = defaultWaitMs, cid = run.cid }) {
    const [to = '', ...words] = run.args
    const target = readWord(parseTarget, to)
    const content = await contentOf(words, run)
    await withChat(run, { stays: true }, async (chat, link) => {
      await enterAsGuest(link, target)
      const end = within(run.signal, timeout)
      const messages = chat.messages({ signal: end })
      const sent = await chat.send(target, content, { expects: 'reply', cid, signal: run.signal })
      run.output.note(sentText(sent))
      for await (const message of messages) {
        if (!isAnswer(message, sent, target)) continue
        const { frame, text } = messageRows(chat, run.output)(message)
        run.output.print(frame, text)
        return
      }
      run.signal.throwIfAborted()
      if (!end.aborted) await throwEnding(chat, run.signal)
      throw unanswered(sent, target)
    })
  },
})

/** It names the question, or comes straight back from who was asked. */
function isAnswer(
  message: Message,
  { msg_id, recipients, position }: Heard<'SENT'>,
  target: string,
) {
  if (message.in_reply_to !== undefined) return message.in_reply_to === msg_id
  const [asked] = recipients
  const isDirect = target.startsWith('@') && !message.to.startsWith('#')
  return isDirect && message.from === asked?.id && (message.position ?? 0) > position
}

function unanswered({ msg_id }: Heard<'SENT'>, target: string): Failure {
  return new Failure({
    code: 'NO_ANSWER',
    message: `No answer to ${msg_id} came in time.`,
    hint: `The question stands; later answers: agentchat history '${target}'`,
    exit: 'nothing',
  })
}
