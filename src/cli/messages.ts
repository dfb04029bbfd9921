// Messages as results: checked before they are shown, for the server's word is not a signature.

import type { AgentChat } from '../client/chat.ts'
import { type Verdict, verifyMessage } from '../client/verifying.ts'
import type { Output, Row } from './output.ts'
import { type Message, messageText } from './render.ts'

export interface MessageRow extends Row {
  readonly frame: Message
}

/** Makes results of messages; says on stderr which of them claim a signature that is not right. */
export function messageRows(chat: AgentChat, output: Output): (message: Message) => MessageRow {
  return (message) => {
    const status = checkedAloud(message, chat, output)
    return { frame: message, text: messageText(message, status) }
  }
}

/** What the signature of a message is worth; a wrong one is told on stderr. */
export function checkedAloud(
  message: Message,
  { serverName }: AgentChat,
  output: Output,
): Verdict['status'] {
  const { status, reason } = verifyMessage(message, { serverName })
  if (status === 'forged') output.warn(`Do not believe ${message.msg_id}: ${reason}`)
  return status
}
