// The connection behind `agentchat mcp`: made when it is wanted, and made anew when it has ended.

import type { AgentChat } from '../client/chat.ts'
import type { Run } from './command.ts'
import { withChat } from './connect.ts'

export class StayingChat {
  private readonly run: Run
  private opening: Promise<AgentChat> | undefined
  private held: Promise<void> = Promise.resolve()
  private release = () => {}

  constructor(run: Run) {
    this.run = run
  }

  /** The connection. @throws what withChat throws, anew for each call until it succeeds */
  get(): Promise<AgentChat> {
    this.opening ??= this.open()
    return this.opening
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.release()
    await this.held
  }

  private open(): Promise<AgentChat> {
    const errand = { stays: true, resume: true, keyFor: 'Taking part over MCP' }
    return new Promise((resolve, reject) => {
      this.held = withChat(this.run, errand, async (chat) => {
        resolve(chat)
        await this.untilOver(chat)
      })
        .catch(reject)
        .finally(() => {
          this.opening = undefined
        })
    })
  }

  private untilOver(chat: AgentChat): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve
      chat.onState(({ state }) => {
        if (state === 'closed') resolve()
      })
    })
  }
}
