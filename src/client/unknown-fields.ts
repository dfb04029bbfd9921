// Reading frames of which nothing is certain: each field is what it should be, or the frame is untrue.

/** A frame of which nothing is certain. */
export type Fields = Readonly<Record<string, unknown>>

/** What is wrong with a chain, as one sentence; `checkChain` catches it. */
export class Untrue extends Error {}

/** @throws Untrue always */
export function untrue(sentence: string): never {
  throw new Untrue(sentence)
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** @throws Untrue when it is none */
export function textIn(frame: Fields, name: string): string {
  const value = frame[name]
  return typeof value === 'string' ? value : untrue(`Its ${name} is no text.`)
}

/** @throws Untrue when it is neither a text nor absent */
export function optionalText(frame: Fields, name: string): string | undefined {
  return isAbsent(frame[name]) ? undefined : textIn(frame, name)
}

/** Whole milliseconds, or seconds. @throws Untrue when it is none */
export function wholeIn(frame: Fields, name: string): number {
  const value = frame[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  return untrue(`Its ${name} is no whole number.`)
}

/** Milliseconds since 1970 by a server's clock, which may count parts of them. @throws Untrue when it is none */
export function serverTimeIn(frame: Fields, name: string): number {
  const value = frame[name]
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  return untrue(`Its ${name} is no time.`)
}

/** Whether it is that, or absent. */
export function isOrAbsent(value: unknown, wanted: unknown): boolean {
  return value === undefined || value === wanted
}

/** When time moves it on, as the server says. @throws Untrue when it is no time */
export function untilIn(frame: Fields): number | undefined {
  return isAbsent(frame.until) ? undefined : serverTimeIn(frame, 'until')
}

/** @throws Untrue when there is none */
export function positionIn({ position }: Fields): number {
  if (typeof position === 'number' && Number.isSafeInteger(position) && position >= 0) {
    return position
  }
  return untrue('It has no position.')
}
