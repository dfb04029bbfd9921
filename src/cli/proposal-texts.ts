// How proposals look to people. An amount is what was agreed: nothing here knows whether anybody paid.

import { plainLine } from '../doors/plain.ts'
import { amountOf, deedText, type ProposalNews, shortened, who } from '../doors/proposal-news.ts'
import type { Heard } from '../protocol/frames.ts'
import { columns, dim } from './output.ts'
import { clockTime, dateTime } from './render.ts'

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
    shortened(card.task, excerpt),
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

export function standingText({
  status,
  awaiting,
}: Pick<ProposalCard, 'status' | 'awaiting'>): string {
  return plainLine(awaiting === undefined ? status : `${status}, waits for ${awaiting}`)
}
