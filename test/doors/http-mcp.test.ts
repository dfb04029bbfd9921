// MCP at the server's own port: for the agent whose token a request carries, and at its pace.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { type Served, serve } from '../wire/kit.ts'
import { ask, at, type Holder, holder } from './http-kit.ts'

async function clientOf(server: Served, { token }: Holder): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const requestInit = { headers: { Authorization: `Bearer ${token}` } }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(at(server, '/mcp')), { requestInit }),
  )
  onTestFinished(() => client.close())
  return client
}

test('whoever has no token, or a wrong one, gets nothing', async () => {
  const server = await serve()
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  for (const token of [undefined, `act_${'x'.repeat(43)}`]) {
    const { status, headers } = await ask(server, token, '/mcp', { body })
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  }
})

test('a flood through MCP meets the pace of the agent, and others are served', async () => {
  const server = await serve({ rate: '1', burst: '10' })
  const [mallory, bob] = [await holder(server, 'mallory'), await holder(server, 'bob')]
  const client = await clientOf(server, mallory)
  const send = (from: Client, text: string) =>
    from.callTool({ name: 'send', arguments: { to: '#general', text } })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => send(client, `${at}`)))
  expect(answers.filter(({ isError }) => isError).length).toBeGreaterThanOrEqual(29)
  expect(JSON.stringify(answers)).toContain('RATE_LIMITED')
  const { messages } = await bob.chat.history('#general')
  expect(messages.length).toBeLessThanOrEqual(11)
  expect(messages.every(({ from, auth }) => from === mallory.chat.id && auth === 'token')).toBe(
    true,
  )
  const other = await clientOf(server, bob)
  expect((await send(other, 'mine')).isError).not.toBe(true)
})
