// `agentchat verify`: checks a receipt by its signatures alone; no server and no identity is needed.

import { verifyReceipt } from '../../client/receipt.ts'
import { limits } from '../../protocol/limits.ts'
import { command, value } from '../command.ts'
import { readInputBytes } from '../content.ts'
import { Failure } from '../failure.ts'
import { readFileUpTo } from '../files.ts'
import { serversWithKey } from '../home.ts'
import { verifiedFrame, verifiedText } from '../receipt-texts.ts'
import { parseServerKey } from '../values.ts'

/** A receipt holds one chain and little else. */
const mostBytes = 4 * limits.chain_bytes

export const verify = command({
  args: '<file>',
  doc: 'Check the receipt of a proposal (- is standard input): who promised what to whom, and how it ended. Exit code 5 when anything in it is wrong.',
  flags: {
    serverKey: value('KEY', 'take only what the server with this key has sealed', parseServerKey),
  },
  examples: ['agentchat verify receipt.json'],
  async run({ args, output, signal, settings }, { serverKey: wanted }) {
    const [file = ''] = args
    const isPiped = file === '-'
    const bytes = await (isPiped
      ? readInputBytes(signal, mostBytes)
      : readFileUpTo(file, mostBytes))
    const verdict = verifyReceipt(bytes)
    if (!verdict.valid) throw unverified(verdict.reason)
    const { serverKey } = verdict
    if (wanted !== undefined && serverKey !== wanted) {
      throw unverified(`It is sealed with another key than that: ${serverKey}.`)
    }
    const knownAs = serversWithKey(settings.home, serverKey)
    output.print(verifiedFrame(verdict, knownAs), verifiedText(verdict, knownAs))
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
