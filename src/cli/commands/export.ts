// `agentchat export`: the log of a server, entry by entry, whether the server runs or not.

import { join } from 'node:path'
import { readEntries } from '../../log/export.ts'
import { command, value } from '../command.ts'
import { homeDirectory } from '../environment.ts'
import { parseText } from '../values.ts'

export const exportLog = command({
  args: '',
  doc: 'Write the log of a server as JSON lines, in its order, whether it runs or not.',
  flags: {
    data: value('DIR', 'data directory of the server (~/.agentchat/server)', parseText, {
      env: 'AGENTCHAT_DATA',
    }),
  },
  examples: ['agentchat export --data ~/.agentchat/server'],
  async run({ output, signal }, { data }) {
    let count = 0
    let next: number | null = null
    for (const entry of readEntries(data ?? join(homeDirectory(), 'server'))) {
      signal.throwIfAborted()
      output.print(entry, JSON.stringify(entry))
      count += 1
      next = entry.position
    }
    output.end({ count, next, left: 0, truncated: false })
  },
})
