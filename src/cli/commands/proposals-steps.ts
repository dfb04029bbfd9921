// `agentchat proposals accept` and the other later steps of a proposal, each signed by who takes it.

import type { AgentChat } from '../../client/chat.ts'
import { RefusedError } from '../../client/errors.ts'
import type { ProposalState, ReasonOptions } from '../../client/proposals.ts'
import { limits } from '../../protocol/limits.ts'
import type { StepType } from '../../protocol/proposal-steps.ts'
import { type Command, command, type Run, value } from '../command.ts'
import { neededText, oneOf, payFlags, proofOfFile, spokenText } from '../deal-input.ts'
import { explain } from '../explain.ts'
import { Failure } from '../failure.ts'
import { idWord, proposalIdOf, type Where } from '../proposal-ids.ts'
import { takeStep, wait } from '../proposal-step.ts'
import { parseChannel, parseText } from '../values.ts'

const reason = value('TEXT', 'why, instead of the words', parseText)

export const accept = command({
  args: '<id> [payment_code]',
  doc: 'Accept a proposal that was made to you, or take an open offer.',
  flags: {
    ...payFlags,
    channel: value('CHANNEL', 'where it is an open offer', parseChannel),
    wait,
  },
  examples: [
    'agentchat proposals accept 3f2a9c1d',
    'agentchat proposals accept 3f2a9c1d --pay solana:11111111111111111111111111111111 --wait 30s',
  ],
  async run(run, { pay, paymentCode, channel, wait: waitMs }) {
    const code = oneOf('Where to pay', run.args[1], pay, paymentCode)
    await take(
      run,
      { type: 'ACCEPT', waitMs, where: { channel, offers: true } },
      (deals, id, signal) => deals.accept(id, { paymentCode: code, signal }),
    )
  },
})

export const reject = withReason('REJECT', {
  doc: 'Reject a proposal that was made to you.',
  example: "agentchat proposals reject 3f2a9c1d 'no time today'",
  step: (deals, id, given) => deals.reject(id, given),
})

export const withdraw = withReason('WITHDRAW', {
  doc: 'Take back a proposal of yours that nobody has answered yet.',
  example: 'agentchat proposals withdraw 3f2a9c1d',
  step: (deals, id, given) => deals.withdraw(id, given),
})

export const complete = command({
  args: '<id> [proof...]',
  doc: 'Say that what was agreed is done. The other side confirms or disputes it, or time confirms it.',
  flags: {
    proof: value('TEXT', 'what shows it, instead of the words', parseText),
    proofFile: value('PATH', 'a file that shows it: its SHA-256 and its name are told', parseText),
    wait,
  },
  examples: [
    "agentchat proposals complete 3f2a9c1d --proof 'https://example.com/page.de.html'",
    'agentchat proposals complete 3f2a9c1d --proof-file page.html',
  ],
  async run(run, { proof, proofFile, wait: waitMs }) {
    const ofFile = proofFile === undefined ? undefined : await proofOfFile(proofFile)
    const mostCharacters = limits.proof_characters
    const flag = oneOf('The proof', proof, ofFile)
    const words = run.args.slice(1)
    const text = await spokenText(run, { words, flag, what: 'proof', mostCharacters })
    await take(run, { type: 'COMPLETE', waitMs }, (deals, id, signal) =>
      deals.complete(id, { proof: text, signal }),
    )
  },
})

export const confirm = command({
  args: '<id>',
  doc: 'Confirm that it is done, as the other side says.',
  flags: {},
  examples: ['agentchat proposals confirm 3f2a9c1d'],
  async run(run) {
    await take(run, { type: 'CONFIRM' }, (deals, id, signal) => deals.confirm(id, { signal }))
  },
})

export const dispute = command({
  args: '<id> [reason...]',
  doc: 'Say that what was agreed is not kept, and why.',
  flags: { reason, wait },
  examples: ["agentchat proposals dispute 3f2a9c1d 'the page is still in English'"],
  async run(run, values) {
    const spoken = { words: run.args.slice(1), flag: values.reason, what: 'reason' }
    const why = await neededText(run, { ...spoken, mostCharacters: limits.reason_characters })
    await take(run, { type: 'DISPUTE', waitMs: values.wait }, (deals, id, signal) =>
      deals.dispute(id, { reason: why, signal }),
    )
  },
})

export const settle = command({
  args: '<id> [outcome...]',
  doc: 'Say how a dispute ends; it is settled once both sides have said the same, word for word.',
  flags: { outcome: value('TEXT', 'how, instead of the words', parseText), wait },
  examples: ["agentchat proposals settle 3f2a9c1d 'half is owed'"],
  async run(run, values) {
    const spoken = { words: run.args.slice(1), flag: values.outcome, what: 'outcome' }
    const outcome = await neededText(run, { ...spoken, mostCharacters: limits.reason_characters })
    await take(run, { type: 'SETTLE', waitMs: values.wait }, (deals, id, signal) =>
      deals.settle(id, { outcome, signal }),
    )
  },
})

export const fund = command({
  args: '<id>',
  doc: 'As the escrow of a proposal: say that what was agreed is with you.',
  flags: { reference: value('TEXT', 'where you have it', parseText) },
  examples: ["agentchat proposals fund 3f2a9c1d --reference 'vault 7'"],
  async run(run, values) {
    const spoken = { words: [], flag: values.reference, what: 'reference' }
    const mostCharacters = limits.reason_characters
    const reference = await spokenText(run, { ...spoken, mostCharacters })
    await take(run, { type: 'FUNDED', where: { held: true } }, (deals, id, signal) =>
      deals.fund(id, { reference, signal }),
    )
  },
})

interface Kind {
  readonly type: StepType
  readonly waitMs?: number | undefined
  readonly where?: Where
}

type Deals = AgentChat['proposals']

interface Reasoned {
  readonly doc: string
  readonly example: string
  readonly step: (deals: Deals, id: string, given: ReasonOptions) => Promise<ProposalState>
}

/** A step that ends a proposal before it begins, for a reason that may be left out. */
function withReason(type: StepType, { doc, example, step }: Reasoned): Command {
  return command({
    args: '<id> [reason...]',
    doc,
    flags: { reason },
    examples: [example],
    async run(run, values) {
      const spoken = { words: run.args.slice(1), flag: values.reason, what: 'reason' }
      const why = await spokenText(run, { ...spoken, mostCharacters: limits.reason_characters })
      await take(run, { type }, (deals, id, signal) => step(deals, id, { reason: why, signal }))
    },
  })
}

/** Takes a step of the proposal that the first word names. */
async function take(
  run: Run,
  { type, waitMs, where }: Kind,
  step: (deals: Deals, id: string, signal: AbortSignal) => Promise<ProposalState>,
): Promise<void> {
  const word = idWord(run)
  await takeStep(run, {
    type,
    waitMs,
    async take(chat) {
      const id = await proposalIdOf(run, chat, { word, ...where })
      try {
        return await step(chat.proposals, id, run.signal)
      } catch (failure) {
        throw isImpossible(failure) ? impossible(failure, word) : failure
      }
    },
  })
}

function isImpossible(failure: unknown): failure is RefusedError {
  return failure instanceof RefusedError && failure.code === 'INVALID_PROPOSAL'
}

/** The same with a hint that can be typed as it stands. */
function impossible(failure: RefusedError, word: string): Failure {
  const { code, message, sentence, exit } = explain(failure)
  return new Failure({ code, message, sentence, exit, hint: `agentchat proposals show ${word}` })
}
