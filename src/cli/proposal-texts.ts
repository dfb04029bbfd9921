// How proposals look to people. An amount is what was agreed: nothing here knows whether anybody paid.

import type { Heard } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { columns, dim } from './output.ts'
import { plainLine } from './plain.ts'
import { actorOf, type NewsType, type ProposalNews } from './proposal-news.ts'
import { clockTime, dateTime } from './render.ts'
import { shortSpan } from './spans.ts'

export type ProposalCard = Heard<'PROPOSALS'>['list'][number]

/** Characters of a task that a line shows. */
const excerpt = 60

/** The first characters of an id, enough to name it by. */
export function shortId(id: string): string {
  return plainLine(id).slice(0, id.startsWith('prop_') ? 13 : 8)
}

/** Where a proposal stands after a step of one's own. */
export function stateText(
  card: ProposalCard & { readonly repeat?: boolean | undefined },
  me: string,
): string {
  const repeated = card.repeat ? ' (taken before, not taken again)' : ''
  return `${cellsOf(card, me).filter(Boolean).join('  ')}${repeated}`
}

/** A table of proposals. */
export function proposalTexts(cards: readonly ProposalCard[], me: string): string[] {
  return columns(cards.map((card) => cellsOf(card, me)))
}

function cellsOf(card: ProposalCard, me: string): string[] {
  return [
    shortId(card.proposal_id),
    standingText(card),
    `${who(card.from, me)} to ${who(card.to ?? card.channel ?? 'nobody yet', me)}`,
    shortened(card.task),
    amountOf(card),
    card.until === undefined ? '' : `until ${dateTime(card.until)}`,
  ]
}

/** One piece of news: when, of which proposal, who, and what; no text longer than so many characters. */
export function newsText(news: ProposalNews, me: string, characters = excerpt): string {
  const when = 'updated_at' in news ? news.updated_at : news.ts
  return `${dim(`${clockTime(when)} ${shortId(news.proposal_id)}`)} ${deedText(news, me, characters)}`
}

/** Terms as they were written; JSON unless they are text. */
export function termsOf(terms: unknown): string | undefined {
  if (terms === undefined || terms === null) return undefined
  return typeof terms === 'string' ? terms : JSON.stringify(terms)
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

export function standingText({
  status,
  awaiting,
}: Pick<ProposalCard, 'status' | 'awaiting'>): string {
  return plainLine(awaiting === undefined ? status : `${status}, waits for ${awaiting}`)
}

export function who(agent: string, me: string): string {
  return agent === me ? 'you' : plainLine(agent)
}

function shortened(text: string, most = excerpt): string {
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

function deedText(news: ProposalNews, me: string, characters: number): string {
  const tell = deeds[news.type] as Deeds['PROPOSAL'] // of the same type
  const short = (text: string) => shortened(text, characters)
  const actor = actorOf(news)
  const deed = tell(news as Heard<'PROPOSAL'>, short)
  return [actor === undefined ? '' : who(actor, me), deed].filter(Boolean).join(' ')
}

function because(deed: string, why: string | null, short: (text: string) => string): string {
  return why ? `${deed}: ${short(why)}` : deed
}
