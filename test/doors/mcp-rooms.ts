// For the tests of tools of MCP: an agent in this process, whose tools are called through a client.

import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import { mcpServer } from '../../src/doors/mcp/server.ts'
import type { Given } from './mcp-kit.ts'

/** Calls a tool of an agent. */
export type CallTool = (name: string, args?: Record<string, unknown>) => Promise<Given>

/** A client that is connected to the tools of an agent, without a pipe or a socket. */
export async function clientOf(chat: () => Promise<AgentChat>): Promise<Client> {
  const server = mcpServer({ chat, pushes: () => true }, { era: 'legacy' })
  const [mine, its] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'test', version: '1' })
  onTestFinished(() => client.close())
  await Promise.all([server.connect(its), client.connect(mine)])
  return client
}

/** The tools of an agent. */
export async function toolsOf(chat: AgentChat): Promise<CallTool> {
  const client = await clientOf(async () => chat)
  return async (name, args = {}) => {
    const result = await client.callTool({ name, arguments: args })
    const [first] = result.content as readonly { readonly text: string }[]
    return {
      text: first?.text ?? '',
      facts: (result.structuredContent ?? {}) as Given['facts'],
      isError: result.isError === true,
    }
  }
}
