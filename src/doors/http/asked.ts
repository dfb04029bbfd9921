// From a request to the checked fields of a frame: those that are declared, and no others.

import type { Context } from 'hono'
import { decode } from '../../protocol/decode.ts'
import { refuse } from '../../protocol/errors.ts'
import {
  type AnswerType,
  type AskFields,
  type AskType,
  asks,
  type Heard,
} from '../../protocol/frames.ts'
import { scanFrame } from '../../protocol/scan.ts'
import type { Caller, HttpEnv } from './caller.ts'

type Values = Readonly<Record<string, unknown>>

/** How a parameter of a query is read. */
export const reading = {
  text: (text: string) => text,
  count: (text: string) => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN),
  flag: (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined),
} as const

export type Parameters = Readonly<Record<string, keyof typeof reading>>

/**
 * The holder of the token of this request.
 *
 * @throws Refusal AUTH_REQUIRED where it has none
 */
export function callerOf(context: Context<HttpEnv>): Caller {
  return (
    context.get('caller') ??
    refuse('AUTH_REQUIRED', 'Send a token: Authorization: Bearer act_…, made by `agentchat token`.')
  )
}

/**
 * The body of a request as an object.
 *
 * @throws Refusal INVALID_MSG
 */
export async function bodyOf(context: Context<HttpEnv>): Promise<Values> {
  const text = textOf(await context.req.arrayBuffer())
  const fault = scanFrame(text)
  if (fault !== undefined) refuse('INVALID_MSG', fault)
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('INVALID_MSG', 'The body is one JSON object.')
  }
  return value as Values // just checked
}

/**
 * The query of a request, each parameter read as it is declared.
 *
 * @throws Refusal INVALID_MSG on one that is not declared, comes twice, or is of another form
 */
export function queryOf(context: Context<HttpEnv>, parameters: Parameters): Values {
  const entries = Object.entries(context.req.queries()).map(([name, texts]) => {
    const form = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (form === undefined) refuse('INVALID_MSG', unknown(name, Object.keys(parameters)))
    const [text = '', ...others] = texts
    if (others.length > 0) refuse('INVALID_MSG', `"${name}" comes once.`)
    const value = reading[form](text)
    if (value === undefined || Number.isNaN(value)) {
      refuse('INVALID_MSG', `"${name}" is ${form === 'flag' ? 'true or false' : 'a whole number'}.`)
    }
    return [name, value]
  })
  return Object.fromEntries(entries)
}

/**
 * The fields of a frame, checked as those of every client are.
 *
 * @param names which of the declared fields may be given
 * @throws Refusal INVALID_MSG
 */
export function fieldsOf<T extends AskType>(
  type: T,
  given: Values,
  names: readonly string[] = Object.keys(asks[type].fields),
): AskFields<T> {
  const stray = Object.keys(given).find((name) => !names.includes(name))
  if (stray !== undefined) refuse('INVALID_MSG', unknown(stray, names))
  const frame = decode(JSON.stringify({ ...given, type }))
  if ('refusal' in frame) throw frame.refusal
  return frame.fields as AskFields<T> // decoded by this type
}

/** Asks the house, on the connection that the requests of the caller share. */
export async function ask<T extends AskType>(
  context: Context<HttpEnv>,
  type: T,
  fields: AskFields<T>,
): Promise<Heard<AnswerType<T>>> {
  const chat = await callerOf(context).chat()
  return chat.request(type, fields, { signal: context.req.raw.signal })
}

function unknown(name: string, names: readonly string[]): string {
  return `${JSON.stringify(name.slice(0, 64))} is not known here; there is ${names.join(', ')}.`
}

function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    refuse('INVALID_MSG', 'The body is not UTF-8.')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
