// The file of --hooks: read and checked by hand, so that every error names the hook and the field.

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { publicKeyFromBase64Url } from '../../protocol/keys.ts'
import { isLoopback } from '../address.ts'
import type { Escrow } from '../inbound/preparation.ts'
import { StartError } from '../start-error.ts'
import { type HookEvent, hookEvents } from './events.ts'

/** A hook as the operator wrote it down. */
export interface HookOptions {
  readonly name: string
  readonly on: ReadonlySet<HookEvent>
  /** Whom to call: an address, or the absolute path of a module. */
  readonly target: { readonly url: string } | { readonly module: string }
  /** Who holds accepted proposals until it signs FUNDED, if they are to be held. */
  readonly hold: Escrow | undefined
}

type Fields = Readonly<Record<string, unknown>>
/** Makes the error of one field of one hook. */
type Wrong = (field: string, wanted: string) => StartError

const timeoutSeconds = { least: 1, preset: 86_400, most: 2_592_000 }
const othersMayWrite = 0o022

/** The escrow that the hooks ask for; undefined when none holds. */
export function escrowOf(hooks: readonly HookOptions[]): Escrow | undefined {
  return hooks.find(({ hold }) => hold !== undefined)?.hold
}

/**
 * Reads the hooks of a server.
 *
 * @param path of a JSON file: `{"hooks": [{"name", "on", "url" or "module", "hold"?}]}`
 * @throws StartError on the first thing that is wrong, and when others may write the file or a module
 */
export function readHooks(path: string): readonly HookOptions[] {
  const file = resolve(path)
  checkOwner(file)
  const content = parsed(file)
  const wrong: Wrong = (field, wanted) => fault(file, `"${field}" must be ${wanted}`)
  if (!isRecord(content)) throw fault(file, 'the file must be an object')
  checkNames(content, ['hooks'], wrong)
  if (!Array.isArray(content.hooks)) throw wrong('hooks', 'a list')
  const hooks = content.hooks.map((entry: unknown, index) => readHook(entry, index, file))
  checkTogether(hooks, file)
  return hooks
}

function readHook(entry: unknown, index: number, file: string): HookOptions {
  const name = isRecord(entry) && typeof entry.name === 'string' ? entry.name : undefined
  const who = name === undefined ? `hook number ${index + 1}` : `hook ${JSON.stringify(name)}`
  const wrong: Wrong = (field, wanted) => fault(file, `"${field}" of ${who} must be ${wanted}`)
  if (!isRecord(entry)) throw fault(file, `${who} must be an object`)
  checkNames(entry, ['name', 'on', 'url', 'module', 'hold'], wrong)
  if (name === undefined || !/^[a-z0-9-]{1,32}$/.test(name)) {
    throw wrong('name', '1 to 32 of a-z 0-9 -')
  }
  const on = readEvents(entry.on, wrong)
  const target = readTarget(entry, file, wrong)
  const hold = entry.hold === undefined ? undefined : readHold(entry.hold, wrong)
  // Else everything would be held until it expires, and nobody told to fund it.
  if (hold && !on.has('accepted')) throw wrong('on', 'a list with accepted, for it holds')
  return { name, on, target, hold }
}

function readEvents(given: unknown, wrong: Wrong): ReadonlySet<HookEvent> {
  const isEvent = (word: unknown): word is HookEvent =>
    (hookEvents as readonly unknown[]).includes(word)
  if (Array.isArray(given) && given.length > 0 && given.every(isEvent)) return new Set(given)
  throw wrong('on', `a list of at least one of ${hookEvents.join(', ')}`)
}

function readTarget({ url, module }: Fields, file: string, wrong: Wrong): HookOptions['target'] {
  if ((url === undefined) === (module === undefined)) {
    throw wrong('url', 'given where there is no "module", and only there')
  }
  if (url !== undefined) return { url: readUrl(url, wrong) }
  if (typeof module !== 'string' || module === '') {
    throw wrong('module', 'the path of a module, seen from the file')
  }
  const path = resolve(dirname(file), module)
  checkOwner(path)
  return { module: path }
}

function readUrl(given: unknown, wrong: Wrong): string {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined
  const isHere = isLoopback(url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '')
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isHere)) {
    throw wrong('url', 'an https URL, or an http one of a loopback address')
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong('url', 'without credentials: calls are signed, and need none')
  }
  return url.href
}

function readHold(given: unknown, wrong: Wrong): Escrow {
  if (!isRecord(given)) throw wrong('hold', 'an object with the "key" of the escrow')
  checkNames(given, ['key', 'timeout_seconds'], (field, wanted) => wrong(`hold.${field}`, wanted))
  const key = typeof given.key === 'string' ? publicKeyFromBase64Url(given.key) : undefined
  if (!key) throw wrong('hold.key', 'a raw Ed25519 public key, 43 characters of base64url')
  const { least, preset, most } = timeoutSeconds
  const seconds = given.timeout_seconds ?? preset
  if (!Number.isInteger(seconds) || Number(seconds) < least || Number(seconds) > most) {
    throw wrong('hold.timeout_seconds', `a whole number from ${least} to ${most}`)
  }
  return { agent: key.id, timeoutMs: Number(seconds) * 1_000 }
}

function checkTogether(hooks: readonly HookOptions[], file: string): void {
  const names = hooks.map(({ name }) => name)
  const double = names.find((name, index) => names.indexOf(name) !== index)
  if (double !== undefined) throw fault(file, `two hooks have the "name" ${JSON.stringify(double)}`)
  const holding = hooks.filter(({ hold }) => hold !== undefined).map(({ name }) => `"${name}"`)
  if (holding.length > 1)
    throw fault(file, `only one hook may "hold", not ${holding.join(' and ')}`)
}

function checkNames(fields: Fields, known: readonly string[], wrong: Wrong): void {
  const odd = Object.keys(fields).find((name) => !known.includes(name))
  if (odd !== undefined) throw wrong(odd, `left out: known are ${known.join(', ')}`)
}

/** Whoever may write such a file commands the server. */
function checkOwner(path: string): void {
  let mode: number
  try {
    mode = statSync(path).mode
  } catch (failure) {
    throw new StartError(`${path} cannot be read: ${String(failure)}`, 'Give a file that is there.')
  }
  if ((mode & othersMayWrite) === 0) return
  throw new StartError(`Others may write ${path}.`, `chmod go-w '${path}'`)
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (failure) {
    throw fault(file, `it cannot be read as JSON: ${String(failure)}`)
  }
}

function isRecord(given: unknown): given is Fields {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function fault(file: string, what: string): StartError {
  return new StartError(`In ${file}: ${what}.`, 'Correct the file; it is what --hooks names.')
}
