// For the tests of MCP: the clients that there are, each in its own spelling, behind one.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { onTestFinished } from 'vitest'

/** What a tool gave. */
export interface Given {
  readonly text: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly isError: boolean
}

export interface Caller {
  listTools(): Promise<readonly string[]>
  call(name: string, args?: object, onProgress?: () => void): Promise<Given>
  read(uri: string): Promise<string>
  prompt(name: string): Promise<string>
  /** Subscribes; tells each update. */
  subscribe(uri: string, onUpdate: (uri: string) => void): Promise<void>
  /** Hears notifications that MCP does not know. */
  onOther(hear: (method: string, params: Record<string, unknown>) => void): void
  instructions(): string | undefined
  capabilities(): object
  close(): Promise<void>
}

/** Where a server is: a program to start, or an address. */
export type Place =
  | { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string; readonly token: string }

const me = { name: 'test', version: '1' }
const patience = { timeout: 50_000, resetTimeoutOnProgress: true }

interface Result {
  readonly content?: unknown
  readonly structuredContent?: unknown
  readonly isError?: unknown
}

function given({ content, structuredContent, isError }: Result): Given {
  const [first] = content as readonly { readonly text: string }[]
  const facts = (structuredContent ?? {}) as Given['facts']
  return { text: first?.text ?? '', facts, isError: isError === true }
}

function newer(mode: 'legacy' | { readonly pin: string }) {
  return async (place: Place): Promise<Caller> => {
    const client = new Client(me, { versionNegotiation: { mode } })
    await client.connect(
      'url' in place
        ? new StreamableHTTPClientTransport(new URL(place.url), authorized(place.token))
        : new StdioClientTransport(program(place)),
    )
    return {
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args = {}, onprogress = undefined) =>
        given(
          await client.callTool(
            { name, arguments: args as Record<string, unknown> },
            { ...patience, ...(onprogress && { onprogress }) },
          ),
        ),
      read: async (uri) => textOf((await client.readResource({ uri })).contents[0]),
      prompt: async (name) => textOf((await client.getPrompt({ name })).messages[0]?.content),
      async subscribe(uri, onUpdate) {
        client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
          onUpdate(params.uri),
        )
        if (mode === 'legacy') await client.subscribeResource({ uri })
        else await client.listen({ resourceSubscriptions: [uri] })
      },
      onOther(hear) {
        client.fallbackNotificationHandler = async ({ method, params }) =>
          hear(method, params ?? {})
      },
      instructions: () => client.getInstructions(),
      capabilities: () => client.getServerCapabilities() ?? {},
      close: () => client.close(),
    }
  }
}

async function older(place: Place): Promise<Caller> {
  const client = new OlderClient(me)
  await client.connect(
    'url' in place
      ? new OlderHttp(new URL(place.url), authorized(place.token))
      : new OlderStdio(program(place)),
  )
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, onprogress = undefined) => {
      const params = { name, arguments: args as Record<string, unknown> }
      const options = { ...patience, ...(onprogress && { onprogress }) }
      return given((await client.callTool(params, undefined, options)) as Result) // it asked for no other
    },
    read: async (uri) => textOf((await client.readResource({ uri })).contents[0]),
    prompt: async (name) => textOf((await client.getPrompt({ name })).messages[0]?.content),
    async subscribe(uri, onUpdate) {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
        onUpdate(params.uri),
      )
      await client.subscribeResource({ uri })
    },
    onOther(hear) {
      client.fallbackNotificationHandler = async ({ method, params }) => hear(method, params ?? {})
    },
    instructions: () => client.getInstructions(),
    capabilities: () => client.getServerCapabilities() ?? {},
    close: () => client.close(),
  }
}

function textOf(part: object | undefined): string {
  return part !== undefined && 'text' in part ? String(part.text) : ''
}

function program({ args, env }: { readonly args: readonly string[]; readonly env: object }) {
  const [command = '', ...words] = args
  return {
    command,
    args: words,
    env: { ...env } as Record<string, string>,
    stderr: 'pipe' as const,
  }
}

function authorized(token: string) {
  return { requestInit: { headers: { authorization: `Bearer ${token}` } } }
}

const makers = {
  'the v2 client, older era': newer('legacy'),
  'the v2 client, newer era': newer({ pin: '2026-07-28' }),
  'the v1 client': older,
}
export type ClientName = keyof typeof makers
export const clientNames = Object.keys(makers) as readonly ClientName[]

/** Connects a client that is closed when the running test ends. */
export async function connected(name: ClientName, place: Place): Promise<Caller> {
  const caller = await makers[name](place)
  onTestFinished(() => caller.close())
  return caller
}
