// Agents over HTTP: an agent with a key, tokens that act for it, requests, and a reader of events.

import { onTestFinished } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import { createToken } from '../../src/client/tokens.ts'
import { connectKeyed } from '../client/kit/agents.ts'
import type { Served } from '../wire/kit.ts'

export type Scopes = ('read' | 'send')[]

/** An agent with a key, and a token of its own. */
export interface Holder {
  readonly chat: AgentChat
  readonly token: string
}

export const at = ({ url }: Served, path: string) => `${url.replace(/^ws/, 'http')}${path}`

/** Connects an agent with a new key, which enters #general and makes a token. */
export async function holder(
  server: Served,
  name: string,
  scopes: Scopes = ['read', 'send'],
): Promise<Holder> {
  const chat = await connectKeyed(server.url, name)
  await chat.join('#general')
  return { chat, token: await tokenOf(chat, scopes) }
}

export async function tokenOf(chat: AgentChat, scopes: Scopes = ['read', 'send']): Promise<string> {
  const { token, hash } = createToken()
  await chat.request('CREATE_TOKEN', { hash, scopes })
  return token
}

export interface Asking {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Parsed where it is JSON. */
  readonly body: Record<string, unknown>
  readonly text: string
}

/** Asks with a token; a body is sent as JSON, and a text as it is. */
export async function ask(
  server: Served,
  token: string | undefined,
  path: string,
  { method, body, headers = {} }: Asking = {},
): Promise<Answered> {
  const answer = await fetch(at(server, path), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json')
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson && text ? JSON.parse(text) : {},
    text,
  }
}

export const say = (server: Served, token: string | undefined, body: object, headers = {}) =>
  ask(server, token, '/v1/messages', { body, headers })

/** One event as it came. */
export interface Event {
  readonly id: string | undefined
  readonly type: string
  readonly data: Record<string, unknown>
}

/** Reads a stream of events as a browser does: by lines, and by nothing else. */
export class Events {
  readonly status: number
  readonly headers: Headers
  /** Where the stream has come to. */
  lastId = ''
  /** The place of the last event that was taken: what a reader names when it comes back. */
  lastTold = ''
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  private readonly decoder = new TextDecoder()
  private readonly abort: AbortController
  private rest = ''
  private readonly events: Event[] = []

  constructor(answer: Response, abort: AbortController) {
    this.status = answer.status
    this.headers = answer.headers
    this.reader = answer.body?.getReader()
    this.abort = abort
  }

  /** The next event, or undefined at the end of the stream. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const event = this.events.shift()
      if (event) {
        if (event.id !== undefined) this.lastTold = event.id
        return event
      }
      const chunk = await this.reader?.read()
      if (!chunk || chunk.done) return undefined
      this.take(this.decoder.decode(chunk.value, { stream: true }))
    }
  }

  /** The next event of a type. */
  async ofType(type: string): Promise<Event> {
    for (;;) {
      const event = await this.next()
      if (!event) throw new Error(`The events ended before ${type}.`)
      if (event.type === type) return event
    }
  }

  /** The contents of so many messages. */
  async contents(count: number): Promise<unknown[]> {
    const heard: unknown[] = []
    while (heard.length < count) heard.push((await this.ofType('MSG')).data.content)
    return heard
  }

  /** Resolves once the first lines have come, which say where the stream begins. */
  async begun(): Promise<this> {
    while (this.lastId === '') {
      const chunk = await this.reader?.read()
      if (!chunk || chunk.done) throw new Error('The events ended before they began.')
      this.take(this.decoder.decode(chunk.value, { stream: true }))
    }
    return this
  }

  leave(): void {
    this.abort.abort()
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split('\n\n')
    this.rest = blocks.pop() ?? ''
    for (const block of blocks) this.block(block)
  }

  private block(block: string): void {
    const fields = new Map<string, string>()
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
      fields.set(name, value)
    }
    const id = fields.get('id')
    if (id !== undefined) this.lastId = id
    const data = fields.get('data')
    if (data === undefined) return
    this.events.push({ id, type: fields.get('event') ?? 'message', data: JSON.parse(data) })
  }
}

/** Opens a stream of events; gone when the test is over. */
export async function listen(
  server: Served,
  token: string,
  { lastId, query = '' }: { lastId?: string; query?: string } = {},
): Promise<Events> {
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const answer = await fetch(at(server, `/v1/events${query}`), {
    headers: {
      Authorization: `Bearer ${token}`,
      ...(lastId !== undefined && { 'Last-Event-ID': lastId }),
    },
    signal: abort.signal,
  })
  return new Events(answer, abort)
}
