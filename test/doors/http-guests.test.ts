// Tokens behind HTTP: a line of the house itself, one connection for each token, and no more of them than there are.

import { get } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { AgentChat } from '../../src/client/chat.ts'
import { createIdentity } from '../../src/index.ts'
import { resolveOptions } from '../../src/server/config.ts'
import { Admission } from '../../src/server/inbound/admission.ts'
import { makeCertificate } from '../wire/certificate.ts'
import { type Given, hasty, type Served, serve } from '../wire/kit.ts'
import { ask, holder, say, tokenOf } from './http-kit.ts'

const opened = ({ reports }: Served) =>
  reports.filter(({ name }) => name === 'connection-opened').length

/** Behind a proxy nothing of this machine is exempt, and tests can come from any address. */
const proxied: Given = { ...hasty, behindProxy: 'true' }
const from = (address: string) => ({ 'X-Forwarded-For': address })

test('whoever guesses tokens is soon not listened to, and others from there who are in already are', async () => {
  const server = await serve(proxied)
  const { token } = await holder(server, 'alice')
  expect((await ask(server, token, '/v1/sent', { headers: from('203.0.113.7') })).status).toBe(200)
  const statuses: number[] = []
  for (let at = 0; at < 30; at++) {
    const guess = `act_${String(at).padStart(43, 'x')}`
    const { status } = await ask(server, guess, '/v1/sent', { headers: from('203.0.113.7') })
    statuses.push(status)
  }
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401))
  expect(statuses.at(-1)).toBe(429)
  const refused = await ask(server, `act_${'y'.repeat(43)}`, '/v1/sent', {
    headers: from('203.0.113.7'),
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await ask(server, token, '/v1/sent', { headers: from('203.0.113.7') })).status).toBe(200)
  const other = await holder(server, 'bob')
  const elsewhere = { headers: from('203.0.113.8') }
  expect((await ask(server, other.token, '/v1/sent', elsewhere)).status).toBe(200)
})

test('a token is in no report and in no answer', async () => {
  const server = await serve(hasty)
  const { token } = await holder(server, 'alice')
  const wrong = `act_${'w'.repeat(43)}`
  const answers = [
    await ask(server, token, '/v1/sent'),
    await ask(server, wrong, '/v1/sent'),
    await ask(server, token, '/skill.md'),
    await say(server, token, { to: '#general' }),
  ]
  const told = JSON.stringify([answers, answers.map(({ headers }) => [...headers]), server.reports])
  expect(told).not.toContain(token)
  expect(told).not.toContain(wrong)
})

test('the requests of a token share one connection, of two tokens they have two', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [await holder(server, 'alice'), await holder(server, 'bob')]
  const before = opened(server)
  await Promise.all(Array.from({ length: 20 }, () => ask(server, alice.token, '/v1/sent')))
  expect(opened(server) - before).toBe(1)
  await ask(server, bob.token, '/v1/sent')
  expect(opened(server) - before).toBe(2)
})

test('a token that is revoked is good no longer, at once', async () => {
  const server = await serve(hasty)
  const { chat, token } = await holder(server, 'alice')
  expect((await ask(server, token, '/v1/sent')).status).toBe(200)
  const { list } = await chat.request('LIST_TOKENS', {})
  await chat.request('REVOKE_TOKEN', { token_id: String(list[0]?.id) })
  expect((await ask(server, token, '/v1/sent')).status).toBe(401)
})

test('a server with guests stops at once, and the next takes them again', async () => {
  const server = await serve(hasty)
  const { chat, token } = await holder(server, 'alice')
  await ask(server, token, '/v1/sent')
  const waiting = ask(server, token, '/v1/inbox?wait=60')
  await ask(server, token, '/v1/sent')
  await Promise.all([server.stop(), chat.close()])
  expect((await waiting).status).toBe(503)
  expect(server.reports.filter(({ name }) => name === 'fault')).toEqual([])
})

test('behind TLS the house has a line of its own too', async () => {
  const { cert, key, pem } = await makeCertificate()
  const server = await serve({ ...hasty, cert, key })
  const tls = { ca: String(pem) }
  const identity = createIdentity('alice')
  const chat = await AgentChat.connect({ server: server.url, identity, tls })
  onTestFinished(() => chat.close())
  const headers = { Authorization: `Bearer ${await tokenOf(chat)}` }
  const status = await new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${server.port}/v1/sent`
    const options = { ca: pem, headers, agent: false }
    get(url, options, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
  })
  expect(status).toBe(200)
})

test('only the line of the house is exempt everywhere; nobody can name it', () => {
  const admission = new Admission(resolveOptions({ behindProxy: 'true' }))
  for (const address of ['the house', 'localhost', '', '127.0.0.1', '::1', 'house']) {
    const request = {
      socket: { remoteAddress: '127.0.0.1' },
      headers: { 'x-forwarded-for': address },
    }
    // All of a request that is looked at.
    expect(admission.isExempt(admission.addressOf(request as never))).toBe(false)
  }
})
