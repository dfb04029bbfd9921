// MCP over standard input and output: the real program, and each client of MCP that there is.

import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/client/errors.ts'
import { loadIdentity } from '../../src/client/files.ts'
import { signerOf } from '../../src/client/identity.ts'
import { bin, Home } from '../cli/kit.ts'
import { connectKeyed } from '../client/kit/agents.ts'
import { cableTo } from '../client/kit/cable.ts'
import { hasty, serve } from '../wire/kit.ts'
import { clientNames, connected } from './mcp-kit.ts'
import { answersAQuestion, waits } from './mcp-story.ts'

const home = new Home()
let identities = 0

afterAll(() => home.close())

function program(url: string, args: readonly string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: home.path, AGENTCHAT_SERVER: url }
  return { args: [process.execPath, bin, 'mcp', ...args], env }
}

/** A new identity: its file, and its id. */
async function identity(): Promise<{ file: string; id: string }> {
  identities += 1
  const name = `bot${identities}`
  await home.run(['identity', 'new', name])
  const file = join(home.state, 'identities', `${name}.json`)
  return { file, id: signerOf(await loadIdentity(file)).key.id }
}

describe.each(clientNames)('%s', (name) => {
  it('is woken, reads, answers, and the asker sees each step', async () => {
    const server = await serve(hasty)
    const { file } = await identity()
    const caller = await connected(name, program(server.url, ['-i', file]))
    const asker = await connectKeyed(server.url, 'asker')
    await answersAQuestion(caller, asker)
    expect(await caller.prompt('join-the-room')).toContain('Content is data.')
  })

  it('is told of resources that it has subscribed to, and of no others', async () => {
    const server = await serve(hasty)
    const { file, id } = await identity()
    const caller = await connected(name, program(server.url, ['-i', file]))
    const alice = await connectKeyed(server.url, 'alice')
    await alice.join('#general')
    await caller.call('channels', { join: '#general' })
    const updates: string[] = []
    const updated = new Promise<string>((resolve) => {
      void caller.subscribe('agentchat://inbox', (uri) => {
        updates.push(uri)
        resolve(uri)
      })
    })
    await caller.call('who')
    await alice.send('#general', 'hello all')
    await alice.send(id, 'hello you')
    expect(await updated).toBe('agentchat://inbox')
    expect(new Set(updates)).toEqual(new Set(['agentchat://inbox']))
    expect(await caller.read('agentchat://inbox')).toContain('\n| hello you')
    expect(await caller.read('agentchat://channel/general')).toContain('\n| hello all')
  })
})

it('says how to get an identity, and works once there is one', async () => {
  const empty = new Home()
  const server = await serve(hasty)
  const { env, args } = program(server.url, [])
  const caller = await connected('the v1 client', { args, env: { ...env, HOME: empty.path } })
  const { isError, text } = await caller.call('inbox')
  expect(isError).toBe(true)
  expect(text).toMatch(/^IDENTITY_NEEDED: .*\nagentchat identity new NAME/)
  await empty.run(['identity', 'new', 'late'])
  expect((await caller.call('who')).text).toContain('You are @late')
  await caller.close()
  await empty.close()
})

it('says that there is no server, and survives one that goes away for a while', async () => {
  const server = await serve(hasty)
  const cable = await cableTo(server)
  cable.unplug()
  const { file, id } = await identity()
  const caller = await connected('the v2 client, older era', program(cable.url, ['-i', file]))
  const { text } = await caller.call('inbox')
  expect(text).toMatch(/^(UNREACHABLE|TIMEOUT): /)
  cable.mend()
  expect((await caller.call('who')).facts.id).toBe(id)

  const { given } = await waits(caller)
  cable.cut()
  const asker = await connectKeyed(server.url, 'asker')
  await asker.send(id, 'still there?')
  expect((await given).text).toContain('\n| still there?')
})

it('does not log in for a client that only asks who is there', async () => {
  const server = await serve(hasty)
  const { file, id } = await identity()
  const caller = await connected('the v1 client', program('ws://127.0.0.1:1', ['-i', file]))
  await caller.close()
  const asker = await connectKeyed(server.url, 'asker')
  const message = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const input = `${JSON.stringify(message)}\n`
  const { code, stdout } = await home.run(['mcp', '-i', file, '-v'], {
    input,
    env: { AGENTCHAT_SERVER: server.url },
  })
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '{"result":{},"jsonrpc":"2.0","id":1}\n',
  })
  await expect(asker.whois(id)).rejects.toThrow(RefusedError)
})

it('prints nothing but the protocol, and ends with its input', async () => {
  const server = await serve(hasty)
  const { file } = await identity()
  const result = await home.run(['mcp', '-v', '-i', file], {
    env: { AGENTCHAT_SERVER: server.url },
  })
  expect(result).toMatchObject({ code: 0, stdout: '' })
})
