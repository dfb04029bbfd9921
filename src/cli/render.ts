// How frames look to people. All that others wrote goes through `plain` first.

import { plainBlock, plainLine } from '../doors/plain.ts'
import type { Heard } from '../protocol/frames.ts'
import { bold, columns, dim } from './output.ts'

/** A message as it is heard live, or stands in a page of history. */
export type Message = Heard<'MSG'>
export type AgentCard = Omit<Heard<'AGENT'>, 'type' | 'ts' | 'ref'>
export type ChannelCard = Heard<'CHANNELS'>['list'][number]

/** What stands before a name: whether the message carries the signature of its agent. */
const marks = { signed: '@', unsigned: '~', forged: '!' } as const

/** One message: when, its id, where, who, and what. */
export function messageText(message: Message, signature: keyof typeof marks): string {
  const { ts, msg_id, from_name, to, content, in_reply_to, expects } = message
  const answers = in_reply_to === undefined ? '' : ` (re ${plainLine(in_reply_to)})`
  const asks = expects === 'reply' ? ' (wants a reply)' : ''
  const place = to.startsWith('#') ? plainLine(to) : 'direct'
  const speaker = bold(`${marks[signature]}${plainLine(from_name)}`)
  const head = `${dim(`${clockTime(ts)} ${plainLine(msg_id)}`)} ${place} ${speaker}`
  return `${head}${dim(answers + asks)}: ${plainBlock(content, '    ')}`
}

/** What became of a message that was sent, and who of its addressees is there. */
export function sentText({ position, repeat, recipients, sessions }: Heard<'SENT'>): string {
  const seen = recipients.map(
    ({ name, presence, last_seen, unwoken }) =>
      `@${plainLine(name)} is ${presence}${last_seen === undefined ? '' : ` (last seen ${dateTime(last_seen)})`}` +
      (unwoken === undefined ? '' : ` and is not woken (${plainLine(unwoken)})`),
  )
  // The connection that sent it hears it too.
  const others = Math.max(0, sessions - 1)
  const heard = recipients.length === 0 ? [`heard by ${others} other connections`] : []
  const known = repeat ? ['said before, not said again'] : []
  return [`position ${position}`, ...known, ...seen, ...heard].join(', ')
}

/** A table of agents. */
export function agentTexts(cards: readonly AgentCard[]): string[] {
  return columns(
    cards.map(({ id, name, presence, status_text, auth }) => [
      `${auth === 'anon' ? marks.unsigned : marks.signed}${plainLine(name)}`,
      presence,
      plainLine(id),
      plainLine(status_text ?? ''),
    ]),
  )
}

/** All that is known of one agent. */
export function agentText(card: AgentCard): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['name', card.name],
    ['id', card.id],
    ['presence', card.presence],
    ['status', card.status_text ?? undefined],
    ['last seen', card.last_seen === undefined ? undefined : dateTime(card.last_seen)],
    ['login', card.auth],
    ['fingerprint', card.fingerprint],
  ]
  return factTexts(facts)
}

/** Facts, one a line, those that are unknown left out. */
export function factTexts(facts: readonly (readonly [string, string | undefined])[]): string {
  const known = facts.flatMap(([name, fact]) => (fact ? [[name, plainLine(fact)]] : []))
  return columns(known).join('\n')
}

/** A table of channels. */
export function channelTexts(cards: readonly ChannelCard[]): string[] {
  return columns(
    cards.map(({ name, agents, topic, invite_only, joined }) => [
      plainLine(name),
      `${agents}`,
      [joined && 'joined', invite_only && 'private'].filter(Boolean).join(' '),
      plainLine(topic ?? ''),
    ]),
  )
}

/** A time as people here write it: only the time of day when it was today. */
export function clockTime(ts: number): string {
  const whole = dateTime(ts)
  return whole.startsWith(dateTime(Date.now()).slice(0, 10)) ? whole.slice(11) : whole
}

/** Local date and time to the second. */
export function dateTime(ts: number): string {
  const local = new Date(ts - new Date(ts).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace('T', ' ')
}
