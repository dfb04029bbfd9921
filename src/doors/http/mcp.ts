// The mount of MCP over HTTP: loaded when somebody first asks for it.

import type { Context } from 'hono'
import { callerOf } from './asked.ts'
import type { Caller, HttpEnv } from './caller.ts'

type Handler = (request: Request) => Promise<Response>

/** What answers `/mcp`, for the agent whose token the request carries. */
export function mcpMount(): (context: Context<HttpEnv>) => Promise<Response> {
  const callers = new WeakMap<Request, Caller>()
  let handler: Promise<Handler> | undefined
  const load = async (): Promise<Handler> => {
    const { mcpHandler } = await import('../mcp/http.ts')
    return mcpHandler((request) => {
      const caller = callers.get(request)
      if (!caller) throw new Error('A request for MCP came past the door.')
      return caller.chat()
    })
  }
  return async (context) => {
    const request = context.req.raw
    callers.set(request, callerOf(context))
    handler ??= load()
    return (await handler)(request)
  }
}
