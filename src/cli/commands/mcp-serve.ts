// `agentchat mcp serve`: an MCP server on standard input and output, for as long as its client keeps it.

import { command, value } from '../command.ts'
import { explain } from '../explain.ts'
import { StayingChat } from '../mcp-chat.ts'
import { parseWord } from '../values.ts'

export const serve = command({
  args: '',
  doc: 'Serve MCP on standard input and output: a coding tool starts this, and ends it.',
  flags: {
    channel: value(
      'CLIENT',
      'claude: push messages into a session of Claude Code (research preview)',
      parseWord('claude'),
    ),
  },
  examples: ['agentchat mcp < /dev/null', 'agentchat mcp --channel claude < /dev/null'],
  async run(run, { channel }) {
    const [{ serveMcpStdio }, { ToolError }] = await Promise.all([
      import('../../doors/mcp/stdio.ts'),
      import('../../doors/mcp/failing.ts'),
    ])
    const { output, signal } = run
    if (process.stdin.isTTY) {
      output.note('This speaks MCP, and waits for a client: agentchat mcp install --client NAME')
    }
    const staying = new StayingChat(run)
    // Standard output belongs to the protocol from here on: tools tell what is wrong, for a model reads that.
    const chat = async () => {
      try {
        return await staying.get()
      } catch (thrown) {
        const { code, message, sentence, hint } = explain(thrown)
        throw new ToolError({ code, message: sentence ?? message, hint })
      }
    }
    await serveMcpStdio({
      chat,
      claude: channel === 'claude',
      input: process.stdin,
      output: process.stdout,
      note: (text) => output.note(text),
      signal,
    })
    await staying.close()
    signal.throwIfAborted()
  },
})
