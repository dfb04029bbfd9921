// The tools that agents have over MCP, in the order in which clients list them.

import { proposals, propose } from './deal-tools.ts'
import { channels, who } from './people-tools.ts'
import { history, inbox, wait } from './reading-tools.ts'
import { claim, reply, send } from './talking-tools.ts'
import type { Tool } from './tool.ts'

export const tools: readonly Tool[] = [
  inbox,
  wait,
  send,
  reply,
  claim,
  history,
  who,
  channels,
  propose,
  proposals,
]
