// M3: Somebody on the way strips the signature off a message, so that anything can be put in its place.

import { expect, test } from 'vitest'
import { verifyMessage } from '../../src/index.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { type Frame, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()

async function aliceAndBob() {
  const server = await serve()
  const sender = await keyed(server, 'alice', alice)
  const listener = await keyed(server, 'bob', makeKeys())
  for (const peer of [sender, listener]) await peer.ask({ type: 'JOIN', channel: '#general' })
  return { sender, listener }
}

/** What a recipient makes of a frame, without believing the server. */
function worth(frame: Frame): string {
  const message = frame as unknown as Heard<'MSG'> // as it came over the wire
  return verifyMessage(message, { serverName: 'localhost' }).status
}

test('the server refuses what an agent with a key has not signed', async () => {
  const { sender, listener } = await aliceAndBob()
  const { sig, ...stripped } = signedMessage(alice, { to: '#general', content: 'yes' })
  expect(sig).toBeTypeOf('string')
  expect(await sender.ask(stripped)).toMatchObject({ code: 'SIGNATURE_REQUIRED' })
  expect(await listener.settled('MSG')).toEqual([])
})

test('a recipient sees that the signature is gone, whatever the server says of it', async () => {
  const { sender, listener } = await aliceAndBob()
  await sender.ask(signedMessage(alice, { to: '#general', content: 'yes' }))
  const heard = await listener.next('MSG')
  const { sig, ...stripped } = heard

  expect(sig).toBeTypeOf('string')
  expect(stripped.auth).toBe('v1')
  expect(worth(stripped as Frame)).toBe('unsigned')
  expect(worth({ ...heard, content: 'no' })).toBe('forged')
  expect(worth(heard)).toBe('signed')
})
