// A proposal with all its steps as people read it: what was signed, whole, and what is only the server's word.

import { type ReadProposal, standingOf } from '../client/proposal-reading.ts'
import { amountOf, isNews, who } from '../doors/proposal-news.ts'
import { spanText } from '../doors/spans.ts'
import { limits } from '../protocol/limits.ts'
import { newsText, standingText, termsOf } from './proposal-texts.ts'
import { dateTime, factTexts } from './render.ts'

const olderText =
  'with version 0: one COMPLETE ends it, and there is no time to confirm it or dispute it'

/** A proposal with all its steps, which have been checked. */
export function chainText(read: ReadProposal, me: string): string {
  const { id, version, from, to, proposal, unsigned, steps, frame } = read
  const standing = standingOf(read)
  const [made] = frame.chain
  const code = steps.find(({ type }) => type === 'ACCEPT')?.paymentCode
  const named = (field: string, text: string | undefined) =>
    text !== undefined && unsigned.includes(field) ? `(not signed) ${text}` : text
  const facts = factTexts([
    ['id', id],
    ['status', standingText(standing)],
    ['signed', version === 'v0' ? olderText : undefined],
    ['from', who(from, me)],
    ['to', named('to', who(to ?? standing.channel ?? proposal.to, me))],
    ['task', proposal.task],
    ['amount', amountOf(proposal)],
    ['code (from)', proposal.paymentCode ?? undefined],
    ['code (to)', code],
    ['terms', named('terms', termsOf(fieldOf(made, 'terms')))],
    ['due within', named('due_seconds', secondsText(fieldOf(made, 'due_seconds')))],
    ['confirm within', named('confirm_seconds', confirmText(read))],
    ['not signed', unsigned.join(', ')],
    ['until', standing.until === undefined ? undefined : dateTime(standing.until)],
  ])
  const told = frame.chain.filter(isNews).map((one) => `  ${newsText(one, me, Infinity)}`)
  return [facts, ...told, checkedText(read)].join('\n')
}

/** A field of the first step, which is signed unless `unsigned` names it. */
function fieldOf(made: object | undefined, name: string): unknown {
  return made === undefined ? undefined : Reflect.get(made, name)
}

function secondsText(seconds: unknown): string | undefined {
  return typeof seconds === 'number' ? spanText(seconds) : undefined
}

/** Version 1 gives a day where nothing is named, version 0 no time at all. */
function confirmText({ frame, version }: ReadProposal): string | undefined {
  const named = secondsText(fieldOf(frame.chain[0], 'confirm_seconds'))
  return named ?? (version === 'v1' ? spanText(limits.confirm_seconds) : undefined)
}

/** What the signatures show, and what they leave out. */
function checkedText({ steps, version }: ReadProposal): string {
  const isTimed = steps.some(({ type }) => type === 'TIME_UP')
  const isOlder = version === 'v0' || steps.some((step) => step.version === 'v0')
  return [
    'Checked: each step is signed by who took it.',
    isOlder &&
      'Version 0 signs neither when and at which server that was, nor which step came before.',
    isTimed && "That time was up is the server's word.",
  ]
    .filter(Boolean)
    .join(' ')
}
