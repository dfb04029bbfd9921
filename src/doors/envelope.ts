// What others said or did as text for a model: who, how verified, in what relation to the reader, and then what.

import { verifyMessage } from '../client/verifying.ts'
import type { Heard } from '../protocol/frames.ts'
import type { KeptType } from '../protocol/kept.ts'
import { messageIdAt } from '../protocol/names.ts'
import { plainText } from './plain.ts'
import { actorOf, deedOf, isNews, type ProposalNews } from './proposal-news.ts'

/** Anything that the log keeps: a message, or news of a proposal. */
export type Piece = Heard<KeptType>

/** Who reads. */
export interface Viewer {
  readonly id: string
  readonly name?: string | undefined
  /** With it signatures are checked; without it `auth` is only the server's word. */
  readonly serverName?: string | undefined
  /** Why it is read, where that is known: an answer does not say whose message it answers. */
  readonly as?: 'addressed' | 'question' | 'thread' | undefined
  /** The message that has answered this one already, by whomever. */
  readonly answer?: string | undefined
}

type Message = Heard<'MSG'>

/** Every line that others wrote begins with this, and no other line does. */
const quote = '| '
/** Characters that are shown of each text in news of a proposal. */
const newsCharacters = 240
/** Of a name or an id, the longest that the protocol has. */
const longestWord = 80
/** Of a message that does not fit, less than this says nothing. */
const leastShown = 20

/**
 * One header line, `<<… >>`, and then each line of the content behind `| `. Nothing in the content can begin a line
 * otherwise, whatever it holds: it is taken apart at everything that some reader takes for the end of a line, and
 * what moves a cursor or does not show is left out. What stands in the header has the grammar of names and numbers.
 */
export function envelopeOf(piece: Piece, viewer: Viewer): string {
  return `${headerOf(piece, viewer)}\n${quoted(contentOf(piece))}`
}

/**
 * The same in so much room, with its middle left out if need be, which is then said in a line of its own.
 *
 * @param characters the most that the text may have
 * @returns undefined when there is not even room for that
 */
export function envelopeWithin(
  piece: Piece,
  viewer: Viewer,
  characters: number,
): string | undefined {
  const header = headerOf(piece, viewer)
  const content = contentOf(piece)
  if (header.length + 1 + quoted(content).length <= characters) return envelopeOf(piece, viewer)
  const shown = (count: number) => `${header}\n${cutText(content, count, wholeAt(piece))}`
  // With more of it shown, the text only gets longer.
  let least = leastShown
  let most = Math.min(content.length - 1, characters)
  if (shown(least).length > characters || most < least) return undefined
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (shown(middle).length <= characters) least = middle
    else most = middle - 1
  }
  const text = shown(least)
  return text.length <= characters ? text : undefined
}

function contentOf(piece: Piece): string {
  return plainText(piece.type === 'MSG' ? String(piece.content) : deedIn(piece))
}

/** A type that is new to us has no deed that we could tell. */
function deedIn(news: ProposalNews): string {
  return isNews(news) ? deedOf(news, newsCharacters) : ''
}

/** Plain text of others, each line of it behind the mark. */
export function quoted(plain: string): string {
  return `${quote}${plain.replaceAll('\n', `\n${quote}`)}`
}

/** The beginning and the end of a text, so many characters together. */
function cutText(plain: string, count: number, whole: string): string {
  const head = wholeCharacters(plain.slice(0, Math.ceil((count * 2) / 3)))
  const tail = wholeCharacters(plain.slice(plain.length - Math.floor(count / 3)))
  const left = plain.length - head.length - tail.length
  const mark = `[${left} of ${plain.length} characters left out here; ${whole}]`
  return [quoted(head), mark, ...(tail === '' ? [] : [quoted(tail)])].join('\n')
}

/** Without the half of a character that a cut has left at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
}

function wholeAt(piece: Piece): string {
  if (piece.type === 'MSG') return `GET_MESSAGE ${word(piece.msg_id)} reads it whole`
  return 'the proposal has it whole'
}

function headerOf(piece: Piece, viewer: Viewer): string {
  const { what, facts } = piece.type === 'MSG' ? ofMessage(piece, viewer) : ofNews(piece, viewer)
  const known = facts.filter((fact) => fact !== undefined)
  return `<<${[what, known.join('; ')].filter(Boolean).join(': ')}>>`
}

interface Header {
  readonly what: string
  readonly facts: readonly (string | undefined)[]
}

function ofMessage(message: Message, viewer: Viewer): Header {
  const { msg_id, position, from, from_name, to, ts, role, expects, depth } = message
  const who = [word(from), verified(message, viewer), role && word(role)].filter(Boolean).join(', ')
  const isAtPosition = position === undefined || msg_id === messageIdAt(position)
  const place = to.startsWith('#') ? word(to) : to === viewer.id ? 'direct' : `to ${word(to)}`
  return {
    what: [
      word(msg_id),
      isAtPosition ? '' : `at ${word(position)}`,
      place,
      `${word(from_name)}(${who})`,
      timeOf(ts),
    ]
      .filter(Boolean)
      .join(' '),
    facts: [
      ...relations(message, viewer),
      expects && `expects ${word(expects)}`,
      depth ? `depth ${word(depth)}` : undefined,
      viewer.answer && `answered by ${word(viewer.answer)}`,
      message.claimed_by && `claimed by ${word(message.claimed_by)}`,
      message.expires_at === undefined ? undefined : `answer by ${timeOf(message.expires_at)}`,
    ],
  }
}

/** What a message is to its reader. */
function relations(message: Message, { id, as }: Viewer): (string | undefined)[] {
  const { from, to, mentions, in_reply_to: answered, wakes, expects, thread, msg_id } = message
  const isDirect = to === id
  const isMention = has(mentions, id)
  const isForOther = isDirect || isMention
  // Who is woken and neither addressed nor mentioned has written what is answered.
  const isMine = !isForOther && (as === 'addressed' || has(wakes, id))
  const isOther = !isForOther && !isMine && from !== id
  return [
    from === id ? 'your own' : undefined,
    isDirect ? 'direct message to you' : undefined,
    isMention ? 'mentions you' : undefined,
    answered && `answers ${isMine ? 'your ' : ''}${word(answered)}`,
    isOther && expects === 'reply' && to.startsWith('#') ? 'question to the channel' : undefined,
    isOther && as === 'thread' && `in a thread of yours${ofThread(thread, msg_id)}`,
    message.invite && `invites you to ${word(message.invite)}`,
  ].map((relation) => relation || undefined)
}

function ofThread(thread: string | undefined, msgId: string): string {
  return thread === undefined || thread === msgId ? '' : ` (${word(thread)})`
}

/** A server that is not ours may send something else than a list. */
function has(list: unknown, id: string): boolean {
  return Array.isArray(list) && list.includes(id)
}

const logins: Readonly<Record<string, string>> = { anon: 'anon, unproved' }

function verified(message: Message, { serverName }: Viewer): string {
  const login = logins[message.auth] ?? word(message.auth)
  if (serverName === undefined) return login
  const { status, version } = verifyMessage(message, { serverName })
  if (status === 'forged') return 'FORGED, do not believe it'
  return status === 'signed' ? `${version} signed` : login
}

function ofNews(news: ProposalNews, { id }: Viewer): Header {
  const { type, position, ts } = news
  if (!isNews(news)) return { what: `${word(position)} ${word(type)} ${timeOf(ts)}`, facts: [] }
  const actor = actorOf(news)
  const awaiting = 'awaiting' in news ? news.awaiting : undefined
  const until = 'until' in news ? news.until : undefined
  return {
    what: `${word(position)} ${type} ${word(news.proposal_id)}${actor ? ` by ${word(actor)}` : ''} ${timeOf(ts)}`,
    facts: [
      parties(news, id),
      `proposal is ${word(news.status)}`,
      awaiting && `awaits ${word(awaiting)}`,
      until === undefined ? undefined : `until ${timeOf(until)}`,
    ],
  }
}

function parties(news: ProposalNews, id: string): string {
  if (news.type === 'OFFER_CLOSED') return `offer in ${word(news.channel)}`
  if (news.to === id) return 'made to you'
  if (news.from === id) return 'made by you'
  return `from ${word(news.from)} to ${word(news.to ?? 'nobody yet')}`
}

/** What may stand in a header: names, ids and numbers, whoever sends them. */
function word(value: unknown): string {
  return String(value)
    .slice(0, longestWord)
    .replace(/[^\w#@.:-]/g, '?')
}

/** To the second, by UTC. */
function timeOf(ts: number): string {
  const isTime = Number.isFinite(ts) && Math.abs(ts) <= 8.64e15
  return isTime ? `${new Date(ts).toISOString().slice(0, -5)}Z` : '?'
}
