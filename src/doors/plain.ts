// Text from others made safe to show: nothing in it moves a cursor, hides itself or looks like a line of ours.

import { stripVTControlCharacters } from 'node:util'

/** Control and invisible characters, without the joiners that emoji and some scripts need. */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu
const lineBreak = /\r\n|[\r\n\v\f\u0085\u2028\u2029]/g

/** One line of text: breaks and tabs become spaces, controls and invisible characters go. */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text.replace(lineBreak, ' ').replaceAll('\t', ' ')).replace(
    unseen,
    '',
  )
}

/** Text of several lines, with one kind of line break: a line feed. */
export function plainText(text: string): string {
  return text.split(lineBreak).map(plainLine).join('\n')
}

/** Text of several lines, each after the first set off by an indent so that it cannot pass for a line of ours. */
export function plainBlock(text: string, indent: string): string {
  return plainText(text).replaceAll('\n', `\n${indent}`)
}

/**
 * One JSON value as one line, for every reader: what some take for the end of a line, or do not show,
 * is escaped. The value is the same.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unseen, escaped)
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
