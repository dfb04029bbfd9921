// Calls of hooks are signed as Standard Webhooks say, and whoever checks them notices any change.

import { describe, expect, test } from 'vitest'
import { type HookMessage, messageOf } from '../../src/server/hooks/events.ts'
import { signedCall } from '../../src/server/hooks/webhook.ts'
import { temporaryServerKey } from '../../src/server/server-key.ts'
import { faultOf, key } from './kit.ts'

const nowMs = 1_795_518_162_123
const frame = {
  type: 'PROPOSAL',
  ts: nowMs,
  proposal_id: 'one',
  status: 'pending',
  task: 'ü\ud800',
}
const told = { event: 'created', server: 'chat.example', proposal: frame, step: frame } as const
const message: HookMessage = messageOf({ ...told, id: 'books.7' })
const { headers, body } = signedCall(message, key, nowMs)

test('a call is good for five minutes to either side of its time', () => {
  for (const ms of [-299_000, 0, 299_000]) {
    expect(faultOf(headers, body, { nowMs: nowMs + ms })).toBeUndefined()
  }
})

describe('what is refused', () => {
  test.each<[string, string, object, string]>([
    ['a changed body', 'forged', {}, body.replace('one', 'two')],
    ['a body with a space more', 'forged', {}, `${body} `],
    ['another id', 'forged', { 'webhook-id': 'books.8' }, body],
    ['another time', 'forged', { 'webhook-timestamp': '1795518163' }, body],
    ['another signature', 'forged', { 'webhook-signature': `v1a,${'A'.repeat(86)}==` }, body],
    ['a signature of another scheme', 'no signature', { 'webhook-signature': 'v1,AAAA' }, body],
    ['no signature', 'unsigned', { 'webhook-signature': undefined }, body],
    ['no time', 'unsigned', { 'webhook-timestamp': undefined }, body],
    ['no id', 'unsigned', { 'webhook-id': undefined }, body],
  ])('%s', (_what, fault, changed, text) => {
    expect(faultOf({ ...headers, ...changed }, text, { nowMs })).toBe(fault)
  })

  test('an old call, and one of the future', () => {
    for (const ms of [-302_000, 302_000]) {
      expect(faultOf(headers, body, { nowMs: nowMs + ms })).toBe('old')
    }
  })

  test('a call of another server', () => {
    const { publicKey } = temporaryServerKey()
    expect(faultOf(headers, body, { nowMs, publicKey })).toBe('forged')
  })
})

test('nothing else that the key of a server signs begins as the bytes of a call do', () => {
  const { 'webhook-id': id = '' } = headers
  expect(Buffer.from(id)[0]).not.toBe(0xff)
})
