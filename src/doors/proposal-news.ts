// News of proposals: which frames they are, and what has happened in one line.

import type { Heard } from '../protocol/frames.ts'
import { type KeptType, keptTypes } from '../protocol/kept.ts'
import { limits } from '../protocol/limits.ts'
import { plainLine } from './plain.ts'
import { shortSpan } from './spans.ts'

export type NewsType = Exclude<KeptType, 'MSG'> | 'OFFER_CLOSED'

export const newsTypes: readonly NewsType[] = [
  ...keptTypes.filter((type) => type !== 'MSG'),
  'OFFER_CLOSED',
]

/** One piece of news, as it came. */
export type ProposalNews = Heard<NewsType>

/** Whether a frame, such as one of a chain, is news of a proposal. */
export function isNews(frame: { readonly type: string }): frame is ProposalNews {
  return newsTypes.some((type) => type === frame.type)
}

/** Who has done what is told; undefined for time, and for what names nobody. */
export function actorOf(news: ProposalNews): string | undefined {
  if (news.type === 'PROPOSAL') return news.from
  return 'by' in news ? news.by : undefined
}

/** What was agreed, such as "0.05 SOL"; empty when nothing was. */
export function amountOf({
  amount,
  currency,
}: {
  readonly amount?: string | number | null | undefined
  readonly currency?: string | null | undefined
}): string {
  if (amount === undefined || amount === null) return ''
  return plainLine([amount, currency ?? ''].join(' ')).trim()
}

/** An agent as its reader calls it. */
export function who(agent: string, me: string): string {
  return agent === me ? 'you' : plainLine(agent)
}

/** One line of it, no longer than so many characters. */
export function shortened(text: string, most: number): string {
  const characters = [...plainLine(text)]
  if (characters.length <= most) return characters.join('')
  return `${characters.slice(0, most - 1).join('')}…`
}

/** @param short what others wrote, made short enough */
type Deeds = {
  readonly [T in NewsType]: (news: Heard<T>, short: (text: string) => string) => string
}

const deeds: Deeds = {
  PROPOSAL: ({ task, amount, currency, confirm_seconds: confirm }, short) => {
    // A completion that stands soon is a trap for whoever is away.
    const isHasty = typeof confirm === 'number' && confirm < limits.confirm_seconds
    const stands = isHasty ? `(stands after ${shortSpan(confirm)} unless disputed)` : ''
    return ['proposed:', short(task), amountOf({ amount, currency }), stands]
      .filter(Boolean)
      .join(' ')
  },
  ACCEPT: ({ awaiting }) => (awaiting === 'escrow' ? 'accepted; an escrow signs next' : 'accepted'),
  REJECT: ({ reason }, short) => because('rejected', reason, short),
  WITHDRAW: ({ reason }, short) => because('withdrew', reason, short),
  FUNDED: ({ reference }, short) => because('holds as escrow what was agreed', reference, short),
  COMPLETE: ({ proof, status }, short) =>
    because(status === 'completed' ? 'completed' : 'says that it is done', proof, short),
  CONFIRM: () => 'confirmed that it is done',
  DISPUTE: ({ reason }, short) => because('disputes it', reason, short),
  SETTLE: ({ outcome, status }, short) =>
    because(status === 'settled' ? 'agreed how it ends' : 'offers to settle', outcome, short),
  TIME_UP: ({ status }) => `time was up: ${plainLine(status)}`,
  OFFER_CLOSED: ({ channel, status }) =>
    `the offer in ${plainLine(channel)} is ${plainLine(status)}`,
}

/**
 * What has happened, in one line, without who did it. What others wrote is in it: data.
 *
 * @param characters the most of each text that others wrote
 */
export function deedOf(news: ProposalNews, characters: number): string {
  const tell = deeds[news.type] as Deeds['PROPOSAL'] // of the same type
  return tell(news as Heard<'PROPOSAL'>, (text) => shortened(text, characters))
}

/** The same with who did it. @param me id of the reader, who is called `you` */
export function deedText(news: ProposalNews, me: string, characters: number): string {
  const actor = actorOf(news)
  return [actor === undefined ? '' : who(actor, me), deedOf(news, characters)]
    .filter(Boolean)
    .join(' ')
}

function because(deed: string, why: string | null, short: (text: string) => string): string {
  return why ? `${deed}: ${short(why)}` : deed
}
