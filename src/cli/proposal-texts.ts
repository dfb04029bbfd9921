// How proposals look to people. An amount is what was agreed: nothing here knows whether anybody paid.

import type { Heard } from '../protocol/frames.ts'
import { columns, dim } from './output.ts'
import { plainLine } from './plain.ts'
import { actorOf, isNews, type NewsType, type ProposalNews } from './proposal-news.ts'
import { clockTime, dateTime, factTexts } from './render.ts'

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
    standingOf(card),
    `${who(card.from, me)} to ${who(card.to ?? card.channel ?? 'nobody yet', me)}`,
    shortened(card.task),
    amountOf(card),
    card.until === undefined ? '' : `until ${dateTime(card.until)}`,
  ]
}

/** One piece of news: when, of which proposal, who, and what. */
export function newsText(news: ProposalNews, me: string): string {
  const when = 'updated_at' in news ? news.updated_at : news.ts
  return `${dim(`${clockTime(when)} ${shortId(news.proposal_id)}`)} ${deedText(news, me)}`
}

/** A proposal with all its steps, which have been checked. */
export function chainText(
  proposal: ProposalCard,
  chain: Heard<'PROPOSAL_CHAIN'>['chain'],
  me: string,
): string {
  const news = chain.filter(isNews)
  const [made] = news
  const terms = made?.type === 'PROPOSAL' ? made : undefined
  const facts = factTexts([
    ['id', proposal.proposal_id],
    ['status', standingOf(proposal)],
    ['from', who(proposal.from, me)],
    ['to', who(proposal.to ?? proposal.channel ?? 'nobody yet', me)],
    ['task', terms?.task ?? proposal.task],
    ['amount', amountOf(proposal)],
    ['pay to', terms?.payment_code ?? undefined],
    ['terms', termsOf(terms?.terms)],
    ['until', proposal.until === undefined ? undefined : dateTime(proposal.until)],
  ])
  const steps = news.map((one) => `  ${newsText(one, me)}`)
  return [facts, ...steps, 'Checked: each step is signed by who took it.'].join('\n')
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

function standingOf({ status, awaiting }: Pick<ProposalCard, 'status' | 'awaiting'>): string {
  return plainLine(awaiting === undefined ? status : `${status}, waits for ${awaiting}`)
}

function who(agent: string, me: string): string {
  return agent === me ? 'you' : plainLine(agent)
}

function shortened(text: string): string {
  const characters = [...plainLine(text)]
  if (characters.length <= excerpt) return characters.join('')
  return `${characters.slice(0, excerpt - 1).join('')}…`
}

type Deeds = { readonly [T in NewsType]: (news: Heard<T>) => string }

const deeds: Deeds = {
  PROPOSAL: ({ task, amount, currency }) =>
    ['proposed:', shortened(task), amountOf({ amount, currency })].filter(Boolean).join(' '),
  ACCEPT: ({ awaiting }) => (awaiting === 'escrow' ? 'accepted; an escrow signs next' : 'accepted'),
  REJECT: ({ reason }) => because('rejected', reason),
  WITHDRAW: ({ reason }) => because('withdrew', reason),
  FUNDED: ({ reference }) => because('holds as escrow what was agreed', reference),
  COMPLETE: ({ proof, status }) =>
    because(status === 'completed' ? 'completed' : 'says that it is done', proof),
  CONFIRM: () => 'confirmed that it is done',
  DISPUTE: ({ reason }) => because('disputes it', reason),
  SETTLE: ({ outcome, status }) =>
    because(status === 'settled' ? 'agreed how it ends' : 'offers to settle', outcome),
  TIME_UP: ({ status }) => `time was up: ${plainLine(status)}`,
  OFFER_CLOSED: ({ channel, status }) =>
    `the offer in ${plainLine(channel)} is ${plainLine(status)}`,
}

function deedText(news: ProposalNews, me: string): string {
  const tell = deeds[news.type] as (news: ProposalNews) => string // of the same type
  const actor = actorOf(news)
  return [actor === undefined ? '' : who(actor, me), tell(news)].filter(Boolean).join(' ')
}

function because(deed: string, why: string | null): string {
  return why ? `${deed}: ${shortened(why)}` : deed
}
