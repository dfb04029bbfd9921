// `agentchat proposals receipt`: a proposal with all its signatures as one file, for who was not there.

import { command, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { writeWhole } from '../files.ts'
import { idWord, proposalIdOf } from '../proposal-ids.ts'
import { parseText } from '../values.ts'

export const receipt = command({
  args: '<id>',
  doc: 'Write the receipt of a proposal: what was agreed and done, with all signatures. `agentchat verify` checks it anywhere.',
  flags: {
    out: value('FILE', 'where to write it (- is standard output)', parseText),
    force: toggle('replace what is there'),
  },
  examples: ['agentchat proposals receipt 3f2a9c1d --out receipt.json'],
  async run(run, { out = '-', force = false }) {
    const word = idWord(run)
    await withChat(run, { keyFor: 'A proposal' }, async (chat) => {
      const id = await proposalIdOf(run, chat, { word })
      const text = await chat.proposals.receipt(id, { signal: run.signal })
      if (out === '-') {
        run.output.write(text.endsWith('\n') ? text : `${text}\n`)
        return
      }
      await writeWhole(out, text, { force })
      const frame = { type: 'RECEIPT', proposal_id: id, file: out }
      run.output.print(frame, `Written to ${out}. It is checked with: agentchat verify ${out}`)
    })
  },
})
