// All hooks of a server: where each goes on, and their start and stop.

import { allProposals } from '../../core/proposal-streams.ts'
import type { Clock } from '../clock.ts'
import type { ServeOptions } from '../config.ts'
import type { Report } from '../report.ts'
import type { ServerKey } from '../server-key.ts'
import { every, type Repeated } from '../timers.ts'
import { type HookCall, type Patience, realPatience } from './deliver.ts'
import { loadModule, moduleCall } from './module.ts'
import type { HookOptions } from './options.ts'
import { HookRunner, type Readable } from './runner.ts'
import { fileStates, type HookState, type HookStates, memoryStates } from './state.ts'
import { webhookCall } from './webhook.ts'

/** A hook that can be called. */
export interface LoadedHook extends Pick<HookOptions, 'name' | 'on'> {
  readonly call: HookCall
}

export interface CallParts {
  /** Name of the server. */
  readonly server: string
  readonly key: Pick<ServerKey, 'sign'>
  readonly clock: Pick<Clock, 'now'>
  /** Milliseconds that an attempt may take; 5,000 when absent. */
  readonly limitMs?: number
}

export interface HooksParts {
  readonly hooks: readonly LoadedHook[]
  readonly log: Readable
  readonly states: HookStates
  /** Name of the server. */
  readonly server: string
  readonly clock: Pick<Clock, 'now'>
  readonly report: Report
  readonly patience?: Patience
}

const attemptMs = 5_000
/** How often the news is looked at where nobody says that there is some. */
const lookMs = 1_000

/** Loads the modules, and makes each hook ready to be called. @throws StartError as loadModule */
export function loadHooks(
  hooks: readonly HookOptions[],
  { server, key, clock, limitMs = attemptMs }: CallParts,
): Promise<readonly LoadedHook[]> {
  const now = () => clock.now()
  const load = async ({ name, on, target }: HookOptions): Promise<LoadedHook> => {
    if ('url' in target) return { name, on, call: webhookCall({ ...target, key, now, limitMs }) }
    const hook = await loadModule(name, target.module)
    return { name, on, call: moduleCall({ hook, server, limitMs }) }
  }
  return Promise.all(hooks.map(load))
}

interface ServerParts {
  readonly options: Pick<ServeOptions, 'name' | 'durability' | 'data'>
  readonly log: Readable
  readonly key: Pick<ServerKey, 'sign'>
  readonly clock: Pick<Clock, 'now'>
  readonly report: Report
}

/**
 * Makes the hooks of a server ready to run on its log, which has started. To be called before anybody can propose
 * something: a new hook hears of what comes after this.
 *
 * @throws StartError when a module cannot be loaded, or the state of a hook is damaged
 */
export async function hooksFor(
  listed: readonly HookOptions[],
  { options, log, key, clock, report }: ServerParts,
): Promise<Hooks> {
  const { name: server, durability, data } = options
  const hooks = await loadHooks(listed, { server, key, clock })
  const isKept = durability !== 'memory' && hooks.length > 0
  const states = isKept ? fileStates(data) : memoryStates()
  return openHooks({ hooks, log, states, server, clock, report })
}

/** Makes hooks that can be called ready to run. @throws StartError when the state of one is damaged */
export async function openHooks(parts: HooksParts): Promise<Hooks> {
  const { hooks, log, states, server, clock, report, patience = realPatience } = parts
  const now = () => clock.now()
  const end = hooks.length === 0 ? 0 : await endOf(log)
  const runners = hooks.map(async ({ name, on, call }) => {
    const state = await beginning(states, name, end)
    return new HookRunner({ name, on, call, log, states, server, report, now, patience }, state)
  })
  const onFault = (fault: unknown) => report('fault', { type: 'hooks', stack: String(fault) })
  return new Hooks(await Promise.all(runners), onFault)
}

/** The running hooks of a server; there may be none. */
export class Hooks {
  private readonly runners: readonly HookRunner[]
  private readonly onFault: (fault: unknown) => void
  private timer: Repeated | undefined

  constructor(runners: readonly HookRunner[], onFault: (fault: unknown) => void) {
    this.runners = runners
    this.onFault = onFault
  }

  start(): void {
    if (this.runners.length === 0) return
    for (const runner of this.runners) runner.start()
    this.timer = every(lookMs, () => this.wake(), this.onFault)
  }

  /** There may be news of proposals. It only says so: reading and calling come later. */
  wake(): void {
    for (const runner of this.runners) runner.wake()
  }

  /** Gives up calls in flight and pauses at once. The log must not be closed before this has resolved. */
  async stop(): Promise<void> {
    this.timer?.stop()
    await Promise.all(this.runners.map((runner) => runner.stop()))
  }
}

async function endOf(log: Readable): Promise<number> {
  const streams = [{ stream: allProposals, after: 0 }]
  const { items } = await log.page({ streams, from: 'latest', limit: 1, maxBytes: 1 })
  return items[0]?.position ?? 0
}

/** Where a hook goes on. Later than the end is where a log stood of which an older copy was put back. */
async function beginning(states: HookStates, name: string, end: number): Promise<HookState> {
  const state = states.read(name)
  if (state && state.position <= end) return state
  const begun = { position: end, dead: state?.dead ?? [] }
  await states.write(name, begun)
  return begun
}
