// `agentchat proposals new`: proposes a deal to an agent, or to whoever of a channel takes it first.

import type { Draft } from '../../client/composing-proposals.ts'
import { limits } from '../../protocol/limits.ts'
import { command, type Run, readWord, type Values, value } from '../command.ts'
import { neededText, oneOf, payFlags, readTerms } from '../deal-input.ts'
import { wrongUsage } from '../failure.ts'
import { takeStep, wait } from '../proposal-step.ts'
import {
  parseAmount,
  parseCid,
  parseCurrency,
  parseSeconds,
  parseTarget,
  parseText,
} from '../values.ts'

const flags = {
  task: value('TEXT', 'what is to be done, instead of the words', parseText),
  amount: value('N', 'what is given for it, a decimal', parseAmount),
  currency: value('C', 'such as SOL, BTC or EUR', parseCurrency),
  ...payFlags,
  expires: value('DUR', 'how long it can be accepted', parseSeconds(limits.proposal_seconds)),
  due: value(
    'DUR',
    'how long after its acceptance it is to be completed',
    parseSeconds(limits.proposal_seconds),
  ),
  confirmWithin: value(
    'DUR',
    'how long after a completion it can be disputed (1d)',
    parseSeconds(limits.confirm_seconds_most),
  ),
  terms: value('TERMS', 'anything further: JSON, text, @FILE, or - for standard input', parseText),
  cid: value('ID', 'your own id for it: proposing it again proposes nothing twice', parseCid),
  wait,
}

export const create = command({
  args: '<to> [task...]',
  doc: 'Propose a deal to an agent (@name), or to whoever takes it first in a channel that you are in (#channel).',
  flags,
  examples: [
    "agentchat proposals new @helper 'translate the page' --amount 0.05 --currency SOL --expires 2h",
    "agentchat proposals new '#general' 'review my patch' --due 1d --terms '{\"lines\":120}'",
    "agentchat proposals new @helper --task 'name a port' --wait 30s",
  ],
  async run(run, values) {
    const [to = '', ...words] = run.args
    const target = readWord(parseTarget, to)
    const draft = await draftOf(run, words, values)
    await takeStep(run, {
      type: 'PROPOSAL',
      waitMs: values.wait,
      take: (chat) => chat.proposals.propose(target, { ...draft, signal: run.signal }),
    })
  },
})

async function draftOf(
  run: Run,
  words: readonly string[],
  values: Values<typeof flags>,
): Promise<Draft> {
  const { amount, currency, pay, paymentCode, terms, cid } = values
  if (words[0] === '-' && terms === '-') {
    throw wrongUsage('Only one of task and terms can be piped.', 'Put the terms into --terms @FILE')
  }
  const mostCharacters = limits.task_characters
  const task = await neededText(run, { words, flag: values.task, what: 'task', mostCharacters })
  return {
    task,
    amount,
    currency,
    paymentCode: oneOf('Where to pay', pay, paymentCode),
    terms: terms === undefined ? undefined : await readTerms(run, terms),
    expiresSeconds: values.expires,
    dueSeconds: values.due,
    confirmSeconds: values.confirmWithin,
    cid,
  }
}
