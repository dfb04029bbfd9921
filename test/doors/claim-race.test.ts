// One answer per question, whatever the door: fifty agents race for one claim over WebSocket, MCP and HTTP.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import { RefusedError } from '../../src/client/errors.ts'
import { connectKeyed } from '../client/kit/agents.ts'
import { hasty, type Served, serve } from '../wire/kit.ts'
import { ask, at, holder, tokenOf } from './http-kit.ts'

const leaseMs = 3_000

/** What a claim came to: the fence of who holds it, or who that is. */
interface Outcome {
  readonly racer: Racer
  readonly code: string
  readonly fence: number | undefined
  readonly holder: string | undefined
}

interface Racer {
  readonly id: string
  claim(msgId: string): Promise<{ code: string; fence?: number; holder?: string }>
  leave(): Promise<void>
}

async function overWire(server: Served, name: string): Promise<Racer> {
  const chat = await connectKeyed(server.url, name)
  await chat.join('#general', { replay: 0 })
  return {
    id: chat.id,
    async claim(msg_id) {
      try {
        const { fence } = await chat.request('CLAIM', { msg_id, lease_ms: leaseMs })
        return { code: 'CLAIMED', fence }
      } catch (failure) {
        if (!(failure instanceof RefusedError)) throw failure
        const { code, holder } = failure.frame
        return { code, ...(holder !== undefined && { holder }) }
      }
    },
    leave: () => chat.close(),
  }
}

/** Its own connection is closed at once: it has nothing but its token. */
async function tokenAlone(server: Served, name: string) {
  const { chat, token } = await holder(server, name)
  await chat.close()
  return { id: chat.id, token }
}

async function overHttp(server: Served, name: string): Promise<Racer> {
  const { id, token } = await tokenAlone(server, name)
  return {
    id,
    async claim(msg_id) {
      const body = { msg_id, action: 'claim', lease_ms: leaseMs }
      const answer = await ask(server, token, '/v1/claims', { body })
      return outcomeOf(answer.body)
    },
    leave: async () => {},
  }
}

async function overMcp(server: Served, name: string): Promise<Racer> {
  const { id, token } = await tokenAlone(server, name)
  const client = new Client({ name, version: '1.0.0' })
  const requestInit = { headers: { Authorization: `Bearer ${token}` } }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(at(server, '/mcp')), { requestInit }),
  )
  onTestFinished(() => client.close())
  return {
    id,
    async claim(msg_id) {
      const { structuredContent = {} } = await client.callTool({
        name: 'claim',
        arguments: { msg_id },
      })
      const { error, ...fields } = structuredContent as Readonly<Record<string, unknown>> // as MCP has it
      return outcomeOf({ ...fields, ...(error as object | undefined) }) // told like a frame
    },
    leave: () => client.close(),
  }
}

function outcomeOf(fields: Readonly<Record<string, unknown>>) {
  const { type, code, fence, holder: other } = fields
  return {
    code: String(code ?? type ?? 'CLAIMED'),
    ...(typeof fence === 'number' && { fence }),
    ...(typeof other === 'string' && { holder: other }),
  }
}

async function race(racers: readonly Racer[], msgId: string): Promise<Outcome[]> {
  const claims = racers.map(async (racer) => {
    const { code, fence, holder: other } = await racer.claim(msgId)
    return { racer, code, fence, holder: other }
  })
  return Promise.all(claims)
}

function checkOneHolder(outcomes: readonly Outcome[]): Outcome {
  const winners = outcomes.filter(({ fence }) => fence !== undefined)
  const [winner] = winners
  if (!winner || winners.length > 1) throw new Error(`${winners.length} agents hold the claim.`)
  const others = outcomes.filter((one) => one !== winner)
  expect(new Set(others.map(({ code }) => code))).toEqual(new Set(['CLAIM_HELD']))
  expect(new Set(others.map((one) => one.holder))).toEqual(new Set([winner.racer.id]))
  return winner
}

/** Resolves when the claim of the message is nobody's any more. */
function passesOn(chat: AgentChat, msgId: string): Promise<unknown> {
  return chat.once('CLAIM_ENDED', {
    where: ({ msg_id, why }) => msg_id === msgId && why === 'expired',
    timeoutMs: 60_000,
  })
}

test('of fifty over three doors one holds it, 49 are told who; it is killed, and the lease passes on', async () => {
  const server = await serve(hasty)
  const asker = await connectKeyed(server.url, 'asker')
  await asker.join('#general', { replay: 0 })
  const many = (count: number, make: (index: number) => Promise<Racer>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)))
  const wired = await many(20, (index) => overWire(server, `wire${index}`))
  const fetching = await many(15, (index) => overHttp(server, `http${index}`))
  const tools = await many(15, (index) => overMcp(server, `mcp${index}`))
  const racers = [...tools, ...fetching, ...wired]
  expect(new Set(racers.map(({ id }) => id)).size).toBe(50)

  const { msg_id: first } = await asker.send('#general', 'who does it?', { expects: 'reply' })
  checkOneHolder(await race(racers, first))

  // The claims of those that hold a socket last as long as they say: here the holder is one of them.
  const { msg_id: second } = await asker.send('#general', 'and this?', { expects: 'reply' })
  const ended = passesOn(asker, second)
  const winner = checkOneHolder(await race([...wired, ...fetching], second))
  await winner.racer.leave()
  await ended
  const rest = [...wired, ...fetching].filter(({ id }) => id !== winner.racer.id)
  const heir = checkOneHolder(await race(rest, second))
  expect(heir.fence).toBeGreaterThan(winner.fence ?? Infinity)
})

test('two programs with tokens of their own are two that could answer, though they are one agent', async () => {
  const server = await serve(hasty)
  const asker = await connectKeyed(server.url, 'asker')
  const bob = await connectKeyed(server.url, 'bob')
  const [one, other] = [await tokenOf(bob), await tokenOf(bob)]
  const { msg_id } = await asker.send(bob.id, 'which port?', { expects: 'reply' })
  const claim = (token: string) => ask(server, token, '/v1/claims', { body: { msg_id } })
  const answers = [await claim(one), await claim(other)]
  expect(answers.map(({ status }) => status)).toEqual([expect.any(Number), 409])
  expect(answers[0]?.status).toBeLessThan(300)
  expect(answers[1]?.body).toMatchObject({ code: 'CLAIM_HELD', holder: bob.id })
})
