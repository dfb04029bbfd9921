// What the command is given: the rules and the messages on standard input, and who it is in its environment.

import type { AgentChat } from '../../client/chat.ts'
import type { Message } from '../../client/options.ts'
import { envelopeOf, envelopeWithin } from '../../doors/envelope.ts'
import { rulesText } from '../../doors/rules.ts'
import type { Settings } from '../command.ts'
import { environmentWith } from '../environment.ts'
import type { KeptIdentity } from '../identities.ts'
import { placeToAnswer } from './turns.ts'

/** Of one message with its header; the middle of longer ones is left out. */
const envelopeCharacters = 16_000

/** The text for a model: who it is, the rules, and what was said to it, the newest last. */
export function promptOf(chat: AgentChat, messages: readonly [Message, ...Message[]]): string {
  const { id, name, serverName } = chat
  const asked = messages.at(-1) ?? messages[0]
  const viewer = { id, name, serverName }
  const envelopes = messages.map(
    (message) => envelopeWithin(message, viewer, envelopeCharacters) ?? envelopeOf(message, viewer),
  )
  return [
    `You are @${name} (${id}) on the chat server ${serverName}. What you print on standard output is sent as your answer to ${asked.msg_id}. Print nothing to stay silent.`,
    rulesText(),
    ...envelopes,
    '',
  ].join('\n\n')
}

/** What the command may use besides. */
export interface Surroundings {
  readonly settings: Settings
  readonly kept: KeptIdentity | undefined
  readonly usageFile: string
}

/**
 * The variables of the command: as whom `agentchat` speaks inside of it, and what it answers. A key is only ever in
 * its file, and a token that came as a variable is not passed on.
 */
export function variablesFor(asked: Message, surroundings: Surroundings): NodeJS.ProcessEnv {
  const { settings, kept, usageFile } = surroundings
  const { server, home, ca, token } = settings
  const tokenFile = token !== undefined && 'file' in token ? token.file : ''
  const environment = environmentWith({
    AGENTCHAT_SERVER: server,
    AGENTCHAT_HOME: home,
    AGENTCHAT_IDENTITY: kept?.path ?? '',
    AGENTCHAT_TOKEN_FILE: tokenFile,
    AGENTCHAT_CA: ca ?? '',
    AGENTCHAT_MSG_ID: asked.msg_id,
    AGENTCHAT_REPLY_TO: placeToAnswer(asked),
    AGENTCHAT_USAGE_FILE: usageFile,
  })
  delete environment.AGENTCHAT_TOKEN
  return environment
}
