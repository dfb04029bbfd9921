// `agentchat verify`: checks a receipt by its signatures alone; no server and no identity is needed.

import { verifyReceipt } from '../../client/receipt.ts'
import { limits } from '../../protocol/limits.ts'
import { command } from '../command.ts'
import { readInputBytes, textOf } from '../content.ts'
import { readFileUpTo } from '../deal-input.ts'
import { Failure } from '../failure.ts'
import { verifiedFrame, verifiedText } from '../receipt-texts.ts'

/** A receipt holds one chain and little else. */
const mostBytes = 4 * limits.chain_bytes

export const verify = command({
  args: '<file>',
  doc: 'Check the receipt of a proposal (- is standard input): who promised what to whom, and how it ended. Exit code 5 when anything in it is wrong.',
  flags: {},
  examples: ['agentchat verify receipt.json'],
  async run({ args, output, signal }) {
    const [file = ''] = args
    const bytes = file === '-' ? await readInputBytes(signal) : await readFileUpTo(file, mostBytes)
    const text = bytes.length > mostBytes ? undefined : textOf(bytes)
    if (text === undefined) throw unverified('It is no receipt: too long, or no UTF-8 text.')
    const verdict = verifyReceipt(text)
    if (!verdict.valid) throw unverified(verdict.reason)
    output.print(verifiedFrame(verdict), verifiedText(verdict))
  },
})

function unverified(reason: string): Failure {
  return new Failure({
    code: 'NOT_VERIFIED',
    message: reason,
    hint: 'Do not rely on it; ask for it anew: agentchat proposals receipt ID',
    exit: 'identity',
  })
}
