// `agentchat mcp`: the door for coding tools that speak the Model Context Protocol.

import type { Noun } from '../command.ts'
import { doctor } from './mcp-doctor.ts'
import { install } from './mcp-install.ts'
import { serve } from './mcp-serve.ts'

export const mcp: Noun = {
  doc: 'Take part from a coding tool over MCP, the Model Context Protocol.',
  verbs: { serve, install, doctor },
}
