// MCP over streamable HTTP: each request is for the agent whose token it carries.

import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server'
import type { AgentChat } from '../../client/chat.ts'
import { resourceNews } from './resources.ts'
import { mcpServer } from './server.ts'

/** Bytes of a request: a message may be long, and JSON may spell each of its characters in six. */
const mostBytes = 2_097_152

/**
 * What answers `/mcp`. Clients of the older era hear no news here but in the answer to `wait`.
 *
 * @param chatOf the connection of the agent that a request is for; one agent's stays the same while it lasts. What it
 *   throws is thrown on: whoever mounts it knows how to answer.
 */
export function mcpHandler(
  chatOf: (request: Request) => AgentChat | Promise<AgentChat>,
): (request: Request) => Promise<Response> {
  const handlers = new WeakMap<AgentChat, McpHttpHandler>()
  return async (request) => {
    const chat = await chatOf(request)
    const handler = handlers.get(chat) ?? handlerOf(chat)
    handlers.set(chat, handler)
    return await handler.fetch(request)
  }
}

/** News reaches only the streams of the agent that it is for: each has a handler of its own. */
function handlerOf(chat: AgentChat): McpHttpHandler {
  const parts = { chat: async () => chat, pushes: (era: string) => era === 'modern' }
  const handler = createMcpHandler((context) => mcpServer(parts, context), {
    maxRequestBodySize: mostBytes,
  })
  const end = resourceNews(chat, (uri) => handler.notify.resourceUpdated(uri))
  const off = chat.onState(({ state }) => {
    if (state !== 'closed') return
    off()
    end()
    void handler.close()
  })
  return handler
}
