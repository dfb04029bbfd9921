// A hook that is a module of the operator's: loaded at start, and called in this process.

import { pathToFileURL } from 'node:url'
import { StartError } from '../start-error.ts'
import type { HookCall } from './deliver.ts'
import type { HookMessage } from './events.ts'
import { withinTime, wordFor } from './time-limit.ts'

/** What the module exports as `hook`. Whatever it throws or rejects with is a failed attempt. */
export type HookFunction = (
  event: HookMessage,
  surroundings: { readonly server: string },
) => Promise<void> | void

export interface ModuleParts {
  readonly hook: HookFunction
  /** Name of the server. */
  readonly server: string
  /** Milliseconds that an attempt may take. */
  readonly limitMs: number
}

/**
 * Loads a module.
 *
 * @param name of the hook, for errors
 * @param path absolute
 * @throws StartError when it cannot be loaded, or exports no function `hook`
 */
export async function loadModule(name: string, path: string): Promise<HookFunction> {
  const way = 'Give a module that exports: async function hook(event, { server }).'
  let loaded: { readonly hook?: unknown }
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (failure) {
    throw new StartError(`The module of hook "${name}" does not load: ${String(failure)}`, way)
  }
  const { hook } = loaded
  if (typeof hook === 'function') return hook as HookFunction // more than that cannot be known of it
  throw new StartError(`The module of hook "${name}" exports no function "hook": ${path}`, way)
}

/** Calls a module. One that takes too long is called again while it may still be at it. */
export function moduleCall({ hook, server, limitMs }: ModuleParts): HookCall {
  return async (message, stop) => {
    try {
      // A copy for each attempt: what one changes, the next does not see.
      await withinTime(limitMs, stop, async () => hook(structuredClone(message), { server }))
      return { kind: 'taken' }
    } catch (failure) {
      return { kind: 'failed', reason: wordFor(failure) }
    }
  }
}
