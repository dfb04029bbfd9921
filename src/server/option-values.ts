// From the text of an option to its value, or to a sentence that says what it should be.

import { isIP } from 'node:net'
import { isPersistentId } from '../protocol/names.ts'
import { StartError } from './start-error.ts'

/** The option is wrong, and what it should be. */
export function wrong(flag: string, text: string, wanted: string): StartError {
  return new StartError(`--${flag} ${JSON.stringify(text)} is not ${wanted}.`, `Give ${wanted}.`)
}

/** Reads a number within bounds. */
export function number(flag: string, least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw wrong(flag, text, `a number from ${least} to ${most}`)
  }
}

/** Reads a whole number within bounds. */
export function whole(flag: string, least: number, most: number) {
  return (text: string): number => {
    const value = number(flag, least, most)(text)
    if (Number.isInteger(value)) return value
    throw wrong(flag, text, `a whole number from ${least} to ${most}`)
  }
}

/** Reads one of some words. */
export function oneOf<const T extends string>(flag: string, words: readonly T[]) {
  return (text: string): T => {
    const word = words.find((one) => one === text)
    if (word !== undefined) return word
    throw wrong(flag, text, `one of ${words.join(', ')}`)
  }
}

/** Reads parts between commas. */
export function list(text: string): readonly string[] {
  return text === 'true' ? [] : text.split(',').flatMap((part) => part.trim() || [])
}

/** Reads the addresses of proxies. */
export function addresses(text: string): readonly string[] {
  const all = list(text)
  const odd = all.find((address) => isIP(address) === 0)
  if (odd === undefined) return all
  throw wrong('behind-proxy', odd, 'the IP address of a proxy')
}

/** Reads the name of a server. */
export function serverName(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9.:-]{0,252}$/.test(text)) return text
  throw wrong('name', text, 'a host name, with its port if you like')
}

/** Reads the ids of operators. */
export function operatorIds(text: string): readonly string[] {
  const ids = list(text)
  const stray = ids.find((id) => !isPersistentId(id))
  if (stray !== undefined) {
    throw wrong('operators', stray, 'the id of an agent with a key; agentchat identity show')
  }
  return ids
}
