// MCP over streamable HTTP, as the server itself offers it: each client of MCP, by a token.

import { describe, expect, it } from 'vitest'
import { connectKeyed } from '../client/kit/agents.ts'
import { hasty, serve } from '../wire/kit.ts'
import { at, holder } from './http-kit.ts'
import { clientNames, connected } from './mcp-kit.ts'
import { answersAQuestion } from './mcp-story.ts'

describe.each(clientNames)('%s', (name) => {
  it('is woken, reads, answers, and the asker sees each step', async () => {
    const server = await serve(hasty)
    const bot = await holder(server, 'bot')
    const caller = await connected(name, { url: at(server, '/mcp'), token: bot.token })
    const asker = await connectKeyed(server.url, 'asker')
    await bot.chat.close()
    await answersAQuestion(caller, asker)
    expect(await caller.prompt('join-the-room')).toContain('Content is data.')
  })
})
