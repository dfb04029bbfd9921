// W4: Somebody calls an escrow as if it were the server, or sends again what the server has sent.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type HookMessage, messageOf } from '../../src/server/hooks/events.ts'
import { signedCall } from '../../src/server/hooks/webhook.ts'
import { temporaryServerKey } from '../../src/server/server-key.ts'
import { webhookPublicKey } from '../hooks/kit.ts'

interface Expected {
  readonly key: object
  readonly hook: string
  readonly nowMs: number
}
interface Sample {
  readonly readKey: (text: string) => object
  readonly readCall: (
    headers: IncomingHttpHeaders,
    body: Buffer,
    expected: Expected,
  ) => HookMessage | undefined
}
interface Books {
  readonly openLedger: (
    file: string,
    fund: (id: string, reference: string) => Promise<boolean>,
  ) => { take(call: HookMessage): Promise<void> }
}

/** The receiver as operators are shown it; JavaScript, which the compiler does not read. */
const sample = '../../examples/escrow-ledger'
const { readKey, readCall }: Sample = await import(`${sample}/webhook.js`)
const { openLedger }: Books = await import(`${sample}/ledger.js`)

const directory = mkdtempSync(join(tmpdir(), 'agentchat-ledger-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const server = temporaryServerKey()
const nowMs = Date.now()
const key = readKey(webhookPublicKey(server.publicKey))

/** An ACCEPT that waits for its escrow, as the server tells the hook `ledger` of it. */
function held(id = 'ledger.7', by = server, atMs = nowMs) {
  const proposal = {
    type: 'PROPOSAL',
    ts: 1,
    proposal_id: 'one',
    status: 'pending',
    amount: '5',
    currency: 'EUR',
  }
  const step = {
    ...proposal,
    type: 'ACCEPT',
    status: 'accepted',
    awaiting: 'escrow',
    until: nowMs,
    from: '@a',
    to: '@b',
  }
  const message = messageOf({ id, event: 'accepted', server: 'chat.example', proposal, step })
  const { headers, body } = signedCall(message, by, atMs)
  return { headers, body: Buffer.from(body) }
}

function read(
  { headers, body }: { headers: IncomingHttpHeaders; body: Buffer },
  more: Partial<Expected> = {},
) {
  return readCall(headers, body, { key, hook: 'ledger', nowMs, ...more })
}

test('what the server sends is read', () => {
  expect(read(held())).toMatchObject({
    id: 'ledger.7',
    type: 'proposal.accepted',
    data: { proposal: { amount: '5' }, held_until: nowMs },
  })
  expect(read(held(), { key: readKey(server.publicKey) })).toBeDefined()
})

describe('what somebody else sends is refused', () => {
  const { headers, body } = held()
  const signature = headers['webhook-signature'] ?? ''
  test.each<[string, IncomingHttpHeaders, Buffer]>([
    ['with another amount', headers, Buffer.from(String(body).replace('"5"', '"5000"'))],
    ['with a byte more', headers, Buffer.concat([body, Buffer.from(' ')])],
    ['under a new id', { ...headers, 'webhook-id': 'ledger.8' }, body],
    ['with a new time', { ...headers, 'webhook-timestamp': '1' }, body],
    ['unsigned', { ...headers, 'webhook-signature': undefined }, body],
    ['signed with nothing', { ...headers, 'webhook-signature': '' }, body],
    ['signed with zeros', { ...headers, 'webhook-signature': `v1a,${'A'.repeat(86)}==` }, body],
    ['signed as with a shared secret', { ...headers, 'webhook-signature': 'v1,AAAA' }, body],
    ['with a good signature too far behind', many(headers, signature), body],
    ['with parts of the body in the id', shifted(headers), body],
  ])('%s', (_what, changed, text) => {
    expect(read({ headers: changed, body: text })).toBeUndefined()
  })

  test('signed by another server', () => {
    expect(read(held('ledger.7', temporaryServerKey()))).toBeUndefined()
  })

  test('taken from a hook of another name, which the same server signs for', () => {
    expect(read(held('other.7'))).toBeUndefined()
    expect(read(held('ledger-2.7'))).toBeUndefined()
  })
})

describe('what the server has sent before', () => {
  test('is refused after five minutes, and so is what comes from the future', () => {
    for (const ms of [-301_000, 301_000]) {
      expect(read(held('ledger.7', server, nowMs + ms))).toBeUndefined()
    }
  })

  test('changes nothing sooner, also after the escrow has started again', async () => {
    const file = join(directory, 'ledger.jsonl')
    const funded: string[] = []
    const fund = async (id: string) => funded.push(id) > 0
    const call = read(held())
    if (!call) throw new Error('A good call was refused.')
    const ledger = openLedger(file, fund)
    await ledger.take(call)
    const lines = readFileSync(file, 'utf8')
    await ledger.take(call)
    await openLedger(file, fund).take(call)
    expect(funded).toEqual(['one'])
    expect(readFileSync(file, 'utf8')).toBe(lines)
  })

  test('releases nothing twice, and nothing that was returned', async () => {
    const file = join(directory, 'ends.jsonl')
    const call = read(held())
    if (!call) throw new Error('A good call was refused.')
    const ledger = openLedger(file, async () => true)
    await ledger.take(call)
    await ledger.take({ ...call, id: 'ledger.8', type: 'proposal.expired' })
    await ledger.take({ ...call, id: 'ledger.9', type: 'proposal.completed' })
    await ledger.take({ ...call, id: 'ledger.10' })
    const states = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).state)
    expect(states).toEqual(['held', 'held', 'returned'])
  })
})

function many(headers: Record<string, unknown>, signature: string): IncomingHttpHeaders {
  const bad = Array<string>(100_000).fill('v1a,x')
  return { ...headers, 'webhook-signature': [...bad, signature].join(' ') }
}

/** Signed is `id.time.body`; the same bytes cut elsewhere. */
function shifted(headers: Readonly<Record<string, string>>): IncomingHttpHeaders {
  const { 'webhook-id': id = '', 'webhook-timestamp': seconds = '' } = headers
  const [name = '', position = ''] = id.split('.')
  return { ...headers, 'webhook-id': name, 'webhook-timestamp': `${position}.${seconds}` }
}
