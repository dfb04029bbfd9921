// M3: The signature of a message is taken off on the way, and the message said without it.

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

test('in a session of version 1 a message without one is refused, however it lacks it', async () => {
  const server = await serve()
  const peer = await keyed(server, 'alice', alice)
  const listener = await anon(server, 'bob')
  const message = signedMessage(alice, { to: listener.id, content: 'x' })
  for (const changed of [{ sig: undefined }, { sig: null }, { sig: null, ts: null, cid: null }]) {
    expect(await peer.ask({ ...message, ...changed })).toMatchObject({ code: 'SIGNATURE_REQUIRED' })
  }
  for (const changed of [{ sig: '' }, { sig: 'A'.repeat(86) }, { ts: null }, { cid: null }]) {
    expect((await peer.ask({ ...message, ...changed })).code).toMatch(
      /^(VERIFICATION_FAILED|INVALID_MSG)$/,
    )
  }
  expect(await listener.settled('MSG')).toEqual([])
})

test('a signature where there is no key to check it with is refused', async () => {
  const server = await serve()
  const guest = await anon(server, 'guest', { v: 1 })
  const message = signedMessage(alice, { to: guest.id, content: 'x' })
  expect(await guest.ask({ ...message, key: alice.raw })).toMatchObject({
    code: 'VERIFICATION_FAILED',
  })
})

test('what a message shows of its signature is what the server has checked', async () => {
  const server = await serve()
  const listener = await anon(server, 'bob')
  const to = listener.id
  const claim = {
    auth: 'v1',
    key: alice.raw,
    sig_version: 'v1',
    sig_ts: 1,
    proof: { version: 'v1' },
  }

  const guest = await anon(server, 'guest')
  await guest.ask({ type: 'MSG', to, content: 'x', ...claim })
  const older = await keyedV0(server, 'carol', makeKeys())
  await older.ask({ type: 'MSG', to, content: 'x', ...claim })
  const unsigned = await listener.settled('MSG')
  expect(unsigned.map(({ auth }) => auth)).toEqual(['anon', 'v0'])
  for (const frame of unsigned) {
    for (const field of ['sig', 'sig_ts', 'sig_version', 'key', 'proof']) {
      expect(frame).not.toHaveProperty(field)
    }
  }

  const dave = makeKeys()
  const signing = await keyedV0(server, 'dave', dave)
  await signing.ask({ ...signedMessageV0(dave, to, 'x'), ...claim })
  const peer = await keyed(server, 'alice', alice)
  await peer.ask({ ...signedMessage(alice, { to, content: 'x' }), ...claim, auth: 'v0' })
  expect(await listener.settled('MSG')).toMatchObject([
    { auth: 'v0', sig_version: 'v0', key: dave.raw },
    { auth: 'v1', sig_version: 'v1', key: alice.raw, sig_ts: expect.any(Number) },
  ])
})
