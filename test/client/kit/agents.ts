// Agents for one test, connected by the library itself, and gone afterwards.

import { onTestFinished, vi } from 'vitest'
import {
  AgentChat,
  type ConnectionState,
  type ConnectOptions,
  createIdentity,
  type Message,
} from '../../../src/index.ts'

/** Connects with the library; without an identity unless one is given. */
export async function connect(
  url: string,
  options: Omit<ConnectOptions, 'server'>,
): Promise<AgentChat> {
  const chat = await AgentChat.connect({ server: url, ...options })
  onTestFinished(() => chat.close())
  return chat
}

/** Connects with a new key. */
export function connectKeyed(
  url: string,
  name: string,
  options: Omit<ConnectOptions, 'server' | 'identity'> = {},
): Promise<AgentChat> {
  return connect(url, { identity: createIdentity(name), ...options })
}

/** The texts of the next messages. */
export async function texts(messages: AsyncIterator<Message>, count: number): Promise<string[]> {
  const heard: string[] = []
  while (heard.length < count) {
    const { value, done } = await messages.next()
    if (done) throw new Error(`The messages ended after ${JSON.stringify(heard)}.`)
    heard.push(value.content)
  }
  return heard
}

/** Resolves with the first state of this kind. */
export function stateOf(chat: AgentChat, state: string) {
  return new Promise((resolve) => {
    const off = chat.onState((now) => {
      if (now.state !== state) return
      off()
      resolve(now)
    })
  })
}

/** All states from now on, as they come. */
export function statesOf(chat: AgentChat): ConnectionState[] {
  const states: ConnectionState[] = []
  chat.onState((state) => states.push(state))
  return states
}

/** Asks something, whatever comes of it: a server may answer by breaking the connection. */
export function nudge(chat: AgentChat): void {
  chat.request('PING', {}).catch(() => {})
}

/** From now on, and until the test is over, nothing is left to chance: no delay but what the server asks. */
export function withoutChance(): void {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
}
