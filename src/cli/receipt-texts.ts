// What a receipt says, once it was checked: who promised what to whom, when, and how it ended.

import type { ValidReceipt } from '../client/receipt.ts'
import { plainLine } from './plain.ts'
import { amountOf, termsOf } from './proposal-texts.ts'
import { dateTime, factTexts } from './render.ts'

/** The same for programs, with the fields spelled as frames spell them. */
export function verifiedFrame({ valid: _, ...said }: ValidReceipt): object {
  return { type: 'VERIFIED', ...snakeCased(said) }
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
export function verifiedText(said: ValidReceipt): string {
  const facts = factTexts([
    ['proposal', said.proposalId],
    ['server', `${said.server}, key ${said.serverKey}`],
    ['proposed', `${dateTime(said.promisedAtMs)} by ${said.from}`],
    ['accepted', `${dateTime(said.acceptedAtMs)} by ${said.to}`],
    ['task', said.task],
    ['amount', amountOf(said)],
    ['pay to', codesOf(said)],
    ['terms', termsOf(said.terms)],
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
