// M4: A field of a signed message is changed that the signature does not cover.

import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { asks } from '../../src/protocol/frames.ts'
import { anon, hash, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const message = signedMessage(alice, {
  to: '#general',
  content: 'pay 10',
  in_reply_to: 'm1',
  expects: 'reply',
})

/** By field, what it is changed to; undefined leaves it out. */
const changes: Readonly<Record<string, readonly unknown[]>> = {
  to: ['#agents'],
  content: ['pay 100', 'pay 10 ', 'pay\u00a010', 'Pay 10'],
  cid: ['0'.repeat(24), undefined],
  ts: [message.ts + 1, message.ts - 1, message.ts + 0.5, undefined],
  in_reply_to: ['m2', undefined],
  expects: ['none', undefined],
}

/** Between the sender and the server only: nobody else is told them as what the sender has signed. */
const conditions = ['if_unseen_after', 'fence', 'ttl_ms', 'usage']

test('every field that a message may have is tried here', () => {
  expect([...Object.keys(changes), ...conditions].sort()).toEqual(
    Object.keys(asks.MSG.fields)
      .filter((field) => field !== 'sig')
      .sort(),
  )
})

test.each(
  Object.entries(changes).flatMap(([field, values]) =>
    values.map((value) => [field, value] as const),
  ),
)('a message whose %s is made %j is refused, and nobody hears it', async (field, value) => {
  const server = await serve()
  const peer = await keyed(server, 'alice', alice)
  const listener = await anon(server, 'bob')
  for (const channel of ['#general', '#agents']) {
    for (const member of [peer, listener]) await member.ask({ type: 'JOIN', channel })
  }
  expect(await peer.ask({ ...message, [field]: value })).toMatchObject({
    code: 'VERIFICATION_FAILED',
  })
  expect(await listener.settled('MSG')).toEqual([])
  expect(await peer.ask(message)).toMatchObject({ type: 'SENT' })
})

test.each(['in_reply_to', 'expects'])(
  'a signed message is refused with a %s added',
  async (field) => {
    const peer = await keyed(await serve(), 'alice', alice)
    const bare = signedMessage(alice, { to: peer.id, content: 'x' })
    expect(await peer.ask({ ...bare, [field]: 'none' })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  },
)

test('what is not declared is dropped, and what the server adds nobody can send', async () => {
  const server = await serve()
  const peer = await keyed(server, 'alice', alice)
  const forged = {
    from: '@server',
    from_name: 'server',
    msg_id: 'm999999',
    position: 999_999,
    prev: 999_998,
    auth: 'anon',
    thread: 'm1',
    mentions: ['@0123456789abcdef'],
    depth: -5,
    invite: '#evil',
    replay: true,
    sig_version: 'v0',
    key: makeKeys().raw,
    parent: { thread: 'm1', depth: -5 },
    session: 's1',
    junk: 'junk',
  }
  const sent = await peer.ask({ ...signedMessage(alice, { to: peer.id, content: 'x' }), ...forged })
  const [heard] = await peer.settled('MSG')
  expect(heard).toMatchObject({
    from: peer.id,
    from_name: 'alice',
    msg_id: sent.msg_id,
    position: sent.position,
    auth: 'v1',
    thread: sent.msg_id,
    depth: 0,
    sig_version: 'v1',
    key: alice.raw,
  })
  for (const field of ['prev', 'mentions', 'invite', 'replay', 'parent', 'session', 'junk']) {
    expect(heard).not.toHaveProperty(field)
  }
})

test('a recipient can check all of it with what the message carries', async () => {
  const server = await serve()
  const peer = await keyed(server, 'alice', alice)
  const listener = await anon(server, 'bob')
  for (const member of [peer, listener]) await member.ask({ type: 'JOIN', channel: '#general' })
  await peer.ask(message)
  const heard = await listener.next('MSG')
  const extensions = hash(JSON.stringify({ expects: heard.expects }))
  const { to, from, cid, sig_ts, in_reply_to, content } = heard
  const fields = ['localhost', to, from, cid, sig_ts, 'text', in_reply_to, hash(String(content))]
  const text = ['agentchat/1/msg', ...fields, extensions].join('\n')
  const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from(text)])
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: String(heard.key) },
    format: 'jwk',
  })
  expect(verify(null, bytes, key, Buffer.from(String(heard.sig), 'base64url'))).toBe(true)
})
