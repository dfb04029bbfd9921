// What a receipt says, once it was checked: who promised what to whom, when, and how it ended.

import type { ValidReceipt } from '../client/receipt.ts'
import { plainLine } from '../doors/plain.ts'
import { amountOf } from '../doors/proposal-news.ts'
import { spanText } from '../doors/spans.ts'
import { termsOf } from './proposal-texts.ts'
import { dateTime, factTexts } from './render.ts'

/**
 * The same for programs, with the fields spelled as frames spell them.
 *
 * @param knownAs addresses under which this machine knows the server's key
 */
export function verifiedFrame(
  { valid: _, ...said }: ValidReceipt,
  knownAs: readonly string[],
): object {
  return { type: 'VERIFIED', ...snakeCased(said), known_as: knownAs }
}

function snakeCased(fields: object): object {
  const entries = Object.entries(fields).map(([key, value]) => {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return [name, key === 'terms' ? value : snakeCasedValue(value)] // terms are spelled by who wrote them
  })
  return Object.fromEntries(entries)
}

function snakeCasedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCasedValue)
  return typeof value === 'object' && value !== null ? snakeCased(value) : value
}

const endings: { readonly [C in ValidReceipt['completedBy']]: string } = {
  confirmation: 'completed, as both sides say',
  time: 'completed: one side says so, and nobody disputed it in time',
  claim: 'completed, as one side says',
  settlement: 'disputed, and settled by both sides',
}

/** The same for people. */
export function verifiedText(said: ValidReceipt, knownAs: readonly string[]): string {
  const known =
    knownAs.length === 0
      ? 'which this machine does not know'
      : `known here as ${knownAs.join(', ')}`
  const facts = factTexts([
    ['proposal', said.proposalId],
    // The name is anybody's choice: it has a line of its own, where it cannot pass for what is known.
    ['server', said.server],
    ['key', `${said.serverKey}, ${known}`],
    ['proposed', `${dateTime(said.promisedAtMs)} by ${said.from}`],
    ['accepted', `${dateTime(said.acceptedAtMs)} by ${said.to}`],
    ['task', said.task],
    ['amount', amountOf(said)],
    ['pay to', codesOf(said)],
    ['terms', termsOf(said.terms)],
    ['due within', said.dueSeconds === null ? undefined : spanText(said.dueSeconds)],
    ['confirm within', said.confirmSeconds === null ? undefined : spanText(said.confirmSeconds)],
    ['ended', `${dateTime(said.completedAtMs)}, ${endings[said.completedBy]}`],
    ['outcome', said.outcome],
  ])
  const steps = said.steps.map(({ type, by, at }) => {
    return `  ${dateTime(at)} ${type}${by === null ? '' : ` by ${plainLine(by)}`}`
  })
  const notes = said.notes.map((note) => `Note: ${plainLine(note)}`)
  return ['Every signature in it holds.', facts, ...steps, ...notes].join('\n')
}

function codesOf({ paymentCodes, from, to }: ValidReceipt): string {
  const codes = [
    [paymentCodes.from, from],
    [paymentCodes.to, to],
  ]
  return codes.flatMap(([code, agent]) => (code ? [`${code} (says ${agent})`] : [])).join(', ')
}
