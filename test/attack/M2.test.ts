// M2: A signed message is taken from where it was said and put somewhere else.

import { expect, test } from 'vitest'
import {
  anon,
  keyed,
  keyedV0,
  makeKeys,
  serve,
  signedMessage,
  signedMessageV0,
} from '../wire/kit.ts'

const alice = makeKeys()
const mallory = makeKeys()

test('into another channel, another conversation or under another spelling it is refused', async () => {
  const server = await serve()
  const peer = await keyed(server, 'alice', alice)
  const listener = await anon(server, 'bob')
  for (const channel of ['#general', '#agents']) {
    for (const member of [peer, listener]) await member.ask({ type: 'JOIN', channel })
  }
  await peer.settled()
  await listener.settled()
  const message = signedMessage(alice, { to: '#general', content: 'buy' })
  for (const to of ['#agents', '#General', listener.id, '@bob', peer.id]) {
    expect(await peer.ask({ ...message, to })).toMatchObject({ code: 'VERIFICATION_FAILED' })
  }
  // Signed as it is spelled, and yet not as the target is called: whoever verifies must see where it was said.
  for (const to of ['#General', '@bob']) {
    const spelled = signedMessage(alice, { to, content: 'buy' })
    expect(await peer.ask(spelled)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  }
  expect(await listener.settled('MSG')).toEqual([])
  expect(await peer.ask(message)).toMatchObject({ type: 'SENT' })
})

test('onto another server it is refused', async () => {
  const server = await serve({ name: 'one.example' })
  const peer = await keyed(server, 'alice', alice)
  const elsewhere = signedMessage(alice, { to: peer.id, content: 'buy', server: 'two.example' })
  expect(await peer.ask(elsewhere)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  const here = signedMessage(alice, { to: peer.id, content: 'buy', server: 'one.example' })
  expect(await peer.ask(here)).toMatchObject({ type: 'SENT' })
})

test('into the mouth of another it is refused, in both versions', async () => {
  const server = await serve()
  const listener = await anon(server, 'bob')
  const v1 = await keyed(server, 'mallory', mallory)
  const stolen = signedMessage(alice, { to: listener.id, content: 'buy' })
  expect(await v1.ask(stolen)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  const v0 = await keyedV0(server, 'eve', makeKeys())
  const older = signedMessageV0(alice, listener.id, 'buy')
  expect(await v0.ask(older)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  expect(await listener.settled('MSG')).toEqual([])
})
