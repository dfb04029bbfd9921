// The escrow of examples/escrow-ledger as an operator runs it, beside a real server: held, funded, released.

import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { saveIdentity } from '../../src/client/files.ts'
import { createIdentity, signerOf } from '../../src/client/identity.ts'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import { Home } from '../cli/kit.ts'
import { type Frame, idOf, keyed, makeKeys, serve } from '../wire/kit.ts'
import { proposalV1, type Standing, stepV1 } from '../wire/proposal-kit.ts'
import { bodyOf, webhookPublicKey, writeHooks } from './kit.ts'

const example = fileURLToPath(new URL('../../examples/escrow-ledger/main.js', import.meta.url))

let home: Home
beforeEach(() => {
  home = new Home()
})
afterEach(() => home.close())

interface Passed {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly status: number
}

/** A door in front of the escrow, for each has to know where the other is: what comes waits until that is known. */
class Door {
  readonly passed: Passed[] = []
  url = ''
  open: (url: string) => void = () => {}
  private readonly target = new Promise<string>((resolve) => {
    this.open = resolve
  })
  private readonly watchers = new Set<() => void>()

  static async make(): Promise<Door> {
    const door = new Door()
    const http = createServer(async (request, response) => {
      const body = await bodyOf(request)
      const status = await door.send(request.headers, body)
      door.passed.push({ headers: request.headers, body, status })
      response.writeHead(status).end()
      for (const wake of door.watchers) wake()
      door.watchers.clear()
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    door.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/` // it listens on a port
    onTestFinished(() => {
      http.closeAllConnections()
      http.close()
    })
    return door
  }

  /** Calls the escrow. @returns the status of its answer */
  async send(headers: IncomingHttpHeaders, body: string): Promise<number> {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
    const own = names.map((name) => [name, String(headers[name])])
    const target = await this.target
    const init = { method: 'POST', headers: Object.fromEntries(own), body }
    return (await fetch(target, init)).status
  }

  async had(count: number): Promise<readonly Passed[]> {
    while (this.passed.length < count) {
      await new Promise<void>((resolve) => this.watchers.add(resolve))
    }
    return this.passed
  }
}

/** A server whose proposals are held by the example, and the file of its ledger. */
async function scene() {
  const door = await Door.make()
  const escrow = createIdentity('escrow')
  const { id, raw } = signerOf(escrow).key
  const identity = join(home.path, 'escrow.json')
  await saveIdentity(identity, escrow)
  const hold = { key: toBase64Url(raw), timeout_seconds: 3_600 }
  const on = ['accepted', 'completed', 'settled', 'expired']
  const hooks = writeHooks(home.path, [{ name: 'ledger', on, url: door.url, hold }])
  const server = await serve({ hooks })
  const ledger = join(home.path, 'ledger.jsonl')
  const running = home.spawn([process.execPath, example], {
    env: {
      AGENTCHAT_SERVER: server.url,
      ESCROW_IDENTITY: identity,
      ESCROW_LEDGER: ledger,
      ESCROW_PORT: '0',
      WEBHOOK_KEY: webhookPublicKey(server.key),
    },
  })
  const { port, agent } = await running.line()
  expect(agent).toBe(id)
  door.open(`http://127.0.0.1:${port}/`)
  const lines = () =>
    readFileSync(ledger, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  return { door, server, running, lines }
}

test('an escrow notes what it holds, signs FUNDED, and notes where it went', async () => {
  const { door, server, running, lines } = await scene()
  const [a, b] = [makeKeys(), makeKeys()]
  const [alice, bob] = [await keyed(server, 'alice', a), await keyed(server, 'bob', b)]
  const terms = { to: idOf(b), task: 'dig', amount: '5', currency: 'EUR' }
  const proposed = (await alice.ask(proposalV1(a, terms))) as Frame & Standing
  const { proposal_id } = proposed
  await bob.ask(stepV1(b, 'ACCEPT', proposed))
  const funded = await alice.next('FUNDED')
  expect(funded).toMatchObject({
    proposal_id,
    status: 'accepted',
    reference: expect.stringMatching(/^ledger:ledger\.\d+$/),
  })
  expect(funded).not.toHaveProperty('awaiting')

  const { proposal } = (await bob.ask({ type: 'GET_PROPOSAL', proposal_id })) as unknown as {
    proposal: Standing
  }
  const claimed = (await bob.ask(stepV1(b, 'COMPLETE', proposal))) as Frame & Standing
  await alice.ask(stepV1(a, 'CONFIRM', claimed))
  const [accepted, completed] = await door.had(2)
  expect([accepted?.status, completed?.status]).toEqual([204, 204])
  const line = { proposal_id, amount: '5', currency: 'EUR', from: idOf(a), to: idOf(b) }
  expect(lines()).toEqual([
    { ...line, id: accepted?.headers['webhook-id'], at: expect.any(String), state: 'held' },
    expect.objectContaining({ ...line, state: 'held', funded: true }),
    expect.objectContaining({ ...line, state: 'released' }),
  ])

  // Again, and changed: the ledger stays as it is.
  if (!accepted) throw new Error('The escrow was not called.')
  const { headers, body } = accepted
  expect(await door.send(headers, body)).toBe(204)
  expect(await door.send(headers, body.replace('"5"', '"5000"'))).toBe(401)
  expect(await door.send({ ...headers, 'webhook-id': 'ledger.999' }, body)).toBe(401)
  expect(lines()).toHaveLength(3)

  running.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
})
