// Agents for one test, connected by the library itself, and gone afterwards.

import { onTestFinished } from 'vitest'
import { AgentChat, type ConnectOptions, createIdentity, type Message } from '../../../src/index.ts'

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
