// For the tests of deals at the command line: a town of three agents with keys, and a channel for open offers.

import { Home, type Options, type Result, type Running, type Served, startServer } from './kit.ts'

/** A server with alice, bob and carol, who is in no channel. */
export class Town {
  readonly home = new Home()
  private server: Served | undefined

  get url(): string {
    return this.server?.url ?? ''
  }

  /** @param args of the server */
  async open(args: readonly string[] = []): Promise<void> {
    this.server = await startServer(this.home, args)
    for (const name of ['alice', 'bob', 'carol']) {
      await this.run(['identity', 'new', name])
      await this.run(['me', '-i', name]) // from then on the server knows it
    }
    await this.run(['create', '#jobs', '-i', 'alice'])
    await this.run(['join', '#jobs', '-i', 'bob'])
  }

  close(): Promise<void> {
    return this.home.close()
  }

  run(args: readonly string[], { env, ...options }: Options = {}): Promise<Result> {
    return this.home.run(args, { ...options, env: { AGENTCHAT_SERVER: this.url, ...env } })
  }

  /** Runs a verb of `agentchat proposals` as an agent. */
  as(name: string, ...args: readonly string[]): Promise<Result> {
    return this.run(['proposals', ...args, '-i', name])
  }

  /** The same as people see it. */
  inText(name: string, ...args: readonly string[]): Promise<Result> {
    return this.run(['--text', 'proposals', ...args, '-i', name])
  }

  /** Starts a verb that stays for a while, telling what it does. */
  start(name: string, ...args: readonly string[]): Running {
    const env = { AGENTCHAT_SERVER: this.url }
    return this.home.start(['proposals', ...args, '-v', '-i', name], { env })
  }

  /** Alice proposes something to bob. @returns its id */
  async proposed(...args: readonly string[]): Promise<string> {
    const { last } = await this.as('alice', 'new', '@bob', 'translate the page', ...args)
    return String(last.proposal_id)
  }
}
