// Targets as the server calls them, for what is signed names its target exactly.

import { isEphemeralId, isPersistentId } from '../protocol/names.ts'
import type { Frame } from './options.ts'

/** Names that are kept in mind with the ids behind them. */
const maxNames = 1_000

export class Addresses {
  private readonly ids = new Map<string, string>()

  /**
   * The id of an agent.
   *
   * @param agent its id or name, with its `@`
   * @param whois asks the server for the id behind a name
   */
  async idOf(agent: string, whois: () => Promise<string>): Promise<string> {
    if (isPersistentId(agent) || isEphemeralId(agent)) return agent
    const name = agent.toLowerCase()
    const known = this.ids.get(name)
    if (known !== undefined) return known
    const id = await whois()
    if (this.ids.size >= maxNames) this.ids.clear()
    this.ids.set(name, id)
    return id
  }

  /** Somebody is called otherwise: neither name means what it meant. */
  hear({ type, old_nick: before, new_nick: after }: Frame): void {
    if (type !== 'NICK_CHANGED') return
    for (const name of [before, after]) {
      if (typeof name === 'string') this.ids.delete(`@${name.toLowerCase()}`)
    }
  }

  /** Another connection, maybe another day. */
  clear(): void {
    this.ids.clear()
  }
}
