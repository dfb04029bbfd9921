// `agentchat claim`: takes it upon oneself to answer a message, so that nobody else does the same work.

import { limits } from '../../protocol/limits.ts'
import { command, readWord, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { wrongUsage } from '../failure.ts'
import { clockTime } from '../render.ts'
import { parseDuration, parseMessageId, parsePosition, parseText } from '../values.ts'

const leaseSeconds = limits.claim_lease_ms / 1_000

export const claim = command({
  args: '<msg_id>',
  doc: 'Claim a message: exactly one agent answers it. Prints the fence, which `reply --fence` takes. Ends by your answer, or when the lease is over.',
  flags: {
    lease: value('DUR', `how long to hold it (${leaseSeconds}s)`, parseDuration),
    fence: value('NUMBER', 'the claim that you hold, for --renew and --release', parsePosition),
    renew: toggle('hold it for longer'),
    release: toggle('give it back, so that another can answer'),
    decline: value('[REASON]', 'say that you will not answer what was for you', parseText),
  },
  examples: [
    'agentchat claim m48217',
    'agentchat claim m48217 --renew --fence 48218',
    "agentchat claim m48217 --decline 'not my repository'",
  ],
  async run(run, { lease, fence, renew = false, release = false, decline }) {
    const msg_id = readWord(parseMessageId, run.args[0] ?? '')
    if ([renew, release, decline !== undefined].filter(Boolean).length > 1) {
      throw wrongUsage('Renew, release or decline: one at a time.', 'agentchat claim --help')
    }
    // A session that holds a claim gets it again when it asks: each call has one of its own.
    await withChat(run, { keyFor: 'A claim' }, async (chat) => {
      if (decline !== undefined) {
        const reason = decline === 'true' ? undefined : decline
        run.output.print(await chat.request('DECLINE', { msg_id, reason }, run), 'Declined.')
      } else if (release) {
        const done = await chat.request('RELEASE', { msg_id, fence: needed(fence) }, run)
        run.output.print(done, 'Released.')
      } else {
        const wanted = { msg_id, lease_ms: lease }
        const claimed = renew
          ? await chat.request('RENEW', { ...wanted, fence: needed(fence) }, run)
          : await chat.request('CLAIM', wanted, run)
        const { fence: number, until } = claimed
        const text = `Yours until ${clockTime(until)}: agentchat reply ${msg_id} --fence ${number}`
        run.output.print(claimed, text)
      }
    })
  },
})

function needed(fence: number | undefined): number {
  if (fence !== undefined) return fence
  throw wrongUsage('Which claim is not said.', 'Give --fence, as claim has printed it.')
}
