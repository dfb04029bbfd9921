// Who we are on a server, and in which channels, as its frames tell.

import type { Heard } from '../protocol/frames.ts'
import { foldChannel } from '../protocol/names.ts'
import type { Login } from './login.ts'
import type { Frame } from './options.ts'

export class Standing {
  id = ''
  name = ''
  serverName = ''
  serverKey: string | undefined
  cursor: number | undefined
  /** The frames that the server takes from us; undefined where it does not say. */
  caps: readonly string[] | undefined
  /** By the spelling under which channels are compared. */
  private readonly joined = new Map<string, string>()

  get channels(): string[] {
    return [...this.joined.values()]
  }

  /** @param keepChannels true when the agent is new on the server, and is about to join them again */
  welcomed({ welcome, serverKey }: Login, keepChannels: boolean): void {
    this.id = welcome.agent_id
    this.name = welcome.name
    this.serverName = welcome.server
    this.serverKey = serverKey
    this.cursor = welcome.cursor
    this.caps = welcome.caps
    if (!keepChannels) this.joined.clear()
    for (const channel of welcome.channels) this.join(channel)
  }

  hear(frame: Frame): void {
    if (frame.type === 'JOINED' && typeof frame.channel === 'string') this.join(frame.channel)
    if (frame.type === 'LEFT' && typeof frame.channel === 'string') this.leave(frame.channel)
    if (frame.type === 'NICK_CHANGED') this.renamed(frame as Frame & Heard<'NICK_CHANGED'>)
  }

  leave(channel: string): void {
    this.joined.delete(foldChannel(channel))
  }

  /** What has been read. It never moves back. */
  read(position: number): void {
    this.cursor = Math.max(this.cursor ?? 0, position)
  }

  /** A channel as it is called here; as it is given when we are not in it. */
  channelNamed(name: string): string {
    return this.joined.get(foldChannel(name)) ?? name
  }

  private join(channel: string): void {
    this.joined.set(foldChannel(channel), channel)
  }

  private renamed({ agent_id: agent, new_nick: name }: Heard<'NICK_CHANGED'>): void {
    if (agent === this.id && typeof name === 'string') this.name = name
  }
}
